"""Judging again what a press of the township's switch changed, without waiting for the worker's next look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper import clock, jobs
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.jobs import Job
from gatekeeper.rulebooks.switches import JUDGE_AGAIN
from gatekeeper.visits import rejudge


@jobs.task(JUDGE_AGAIN)
def judge_again(installation: Any, job: Job, arguments: Mapping[str, Any]) -> dict[str, int]:
    """Who waits at the enterprises of the office's township; answers ``{"visits": n}``."""
    office = enterprises.find_tenant(installation.engines, job.enterprise_id)
    if office is None or office.township_id is None:
        return {"visits": 0}
    told = 0

    def tell(done: int, of: int) -> None:
        nonlocal told
        if (percent := 100 * done // of) >= told + 5:
            told = percent
            jobs.progress(installation, job, percent)

    return {"visits": rejudge.everywhere(installation.engines, at=clock.now(), township=office.township_id, tell=tell)}
