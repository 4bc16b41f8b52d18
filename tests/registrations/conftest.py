"""Lists of risk areas, as the tests of risk areas make them."""

from __future__ import annotations

from tests.risk_areas.conftest import make_list  # noqa: F401
