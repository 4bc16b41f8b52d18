"""Formats of the world outside: plates, identifiers, names, regions, risk-area lists. No I/O but one table."""
