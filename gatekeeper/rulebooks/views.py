"""Pages of rulebooks."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("rulebooks", __name__)
