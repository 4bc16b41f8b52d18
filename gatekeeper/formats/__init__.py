"""Formats of the world outside: plates, identifiers, names, regions, risk-area lists. Reads nothing but its own table."""
