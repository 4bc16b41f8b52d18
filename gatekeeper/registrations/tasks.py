"""Registrations are looked at anew right behind the adoption of a list, without waiting for the worker's tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper import clock, jobs
from gatekeeper.jobs import Job
from gatekeeper.registrations import reconsider
from gatekeeper.risk_areas.service import ADOPTED
from gatekeeper.tenancy import Township


@jobs.task(ADOPTED)
def after_adoption(installation: Any, job: Job, arguments: Mapping[str, Any]) -> dict[str, int]:
    """Those of every enterprise of the office's township; answers ``{"registrations": n}`` that changed."""
    office = installation.find_tenant(installation.engines, job.enterprise_id)
    within = Township(office.township_id)
    return {"registrations": reconsider.everywhere(installation.engines, at=clock.now(), within=within)}
