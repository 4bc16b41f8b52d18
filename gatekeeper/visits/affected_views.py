"""The page of who is affected by the list of risk areas in force."""

from __future__ import annotations

from flask import render_template
from sqlalchemy.orm import Session

from gatekeeper import clock, tenancy
from gatekeeper.access import EVERYONE, access, engines, enterprise, session
from gatekeeper.enterprises.models import EnterpriseKind
from gatekeeper.formats import plates
from gatekeeper.language import say
from gatekeeper.registrations import queries as registrations
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rules.vocabulary import RISK_LEVELS, label
from gatekeeper.visits import affected as looking
from gatekeeper.visits.views import bp


@bp.get("/e/<slug>/risk-areas/affected")
@access(*EVERYONE)
def affected(slug: str) -> str:
    """Waiting visits and coming registrations whose places changed their level; an office sees its whole township."""
    place = enterprise()
    if place.kind == EnterpriseKind.TOWNSHIP_OFFICE and place.township_id is not None:
        with tenancy.open_session(engines(), tenancy.Township(place.township_id)) as reading:
            return _page(reading, office=True)
    return _page(session(), office=False)


def _page(reading: Session, *, office: bool) -> str:
    at = clock.now()
    found = looking.lists(reading, at=at)
    own = None if office else enterprise().id
    visits, coming = looking.affected(reading, found, at=at, enterprise_id=own)
    return render_template(
        "visits/affected.html",
        lists=found,
        visits=visits,
        coming=coming,
        office=office,
        level_name=lambda code: say(label(RISK_LEVELS, code)),
        path=risk_areas.path,
        plate_class=lambda key: plates.classify(key).value,
        waits=lambda row: registrations.state(row) == "waiting_township",
    )
