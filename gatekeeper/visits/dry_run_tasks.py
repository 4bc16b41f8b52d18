"""The job that tries a draft on visits that were judged already."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from gatekeeper import clock, jobs
from gatekeeper.access import Tenant
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import EnterpriseKind
from gatekeeper.jobs import Job
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.values import Owner
from gatekeeper.tenancy import Enterprise, Township, open_session
from gatekeeper.visits import trying
from gatekeeper.visits.trying import NoDraft, Place

STEP = 4
"""Percent between two reports of how far it is: each is a transaction."""


@jobs.task(trying.KIND)
def try_draft(installation: Any, job: Job, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Try the draft of the job's enterprise on the last ``{days}``. Raises ``NoDraft``; ``Gone`` when called off."""
    engines, told = installation.engines, [0]
    tenant = installation.find_tenant(engines, job.enterprise_id)
    with open_session(engines, Enterprise(job.enterprise_id)) as session:
        draft = rulebooks.draft(session, enterprise_id=job.enterprise_id)
        if draft is None:
            raise NoDraft
        session.expunge(draft)

    def progress(percent: int) -> None:
        if percent >= told[0] + STEP:
            jobs.progress(installation, job, min(percent, 99))
            told[0] = percent

    office = tenant.kind == EnterpriseKind.TOWNSHIP_OFFICE
    owner = Owner.TOWNSHIP if office else Owner.ENTERPRISE
    places = _places(installation, tenant)
    return trying.run(draft, owner=owner, places=places, days=arguments["days"], at=clock.now(), told=progress)


def _places(installation: Any, tenant: Tenant) -> list[Place]:
    """The enterprise itself; an office's draft judges all enterprises of its township, its own gates among them."""
    engines, ids = installation.engines, [tenant.id]
    if tenant.kind == EnterpriseKind.TOWNSHIP_OFFICE and tenant.township_id is not None:
        with open_session(engines, Township(tenant.township_id)) as session:
            ids += [row.enterprise_id for row in enterprises.gate_keepers(session)]
    return [Place(each, partial(open_session, engines, Enterprise(each))) for each in ids]
