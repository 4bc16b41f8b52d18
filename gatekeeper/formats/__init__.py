"""Formats of the world outside: plates, identifiers, names, regions, official risk-area lists. Pure: no I/O but the region table."""
