"""Commands of accounts."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Offer the commands to ``flask``."""
