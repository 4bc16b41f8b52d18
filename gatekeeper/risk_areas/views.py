"""Pages of risk_areas."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("risk_areas", __name__)
