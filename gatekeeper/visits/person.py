"""Finding a person's visits by a full phone number: through the keyed index only, never by a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gatekeeper.ledger.service import keystore
from gatekeeper.visits.models import Visit, VisitOccupant

MOST = 200

INDEXES: dict[str, InstrumentedAttribute[str | None]] = {"phone": VisitOccupant.phone_index}
"""Which column holds the index of which field; a number is compared whole, as its digest."""


def visits_of(
    session: Session, *, enterprise_id: UUID, value: str, field: str = "phone"
) -> Sequence[tuple[Visit, VisitOccupant]]:
    """The visits of one enterprise in which somebody has this ``value`` (normalised), newest first, at most 200.

    Each with the occupant, masked. Empty too where the value was erased: its index went with it.
    """
    digest = keystore().index(value, enterprise=enterprise_id, field=field)
    query = (
        select(Visit, VisitOccupant)
        .join(
            VisitOccupant,
            (VisitOccupant.enterprise_id == Visit.enterprise_id) & (VisitOccupant.visit_id == Visit.id),
        )
        .where(VisitOccupant.enterprise_id == enterprise_id, INDEXES[field] == digest)
        .order_by(Visit.arrived_at.desc(), Visit.id.desc())
        .limit(MOST)
    )
    return [(visit, occupant) for visit, occupant in session.execute(query)]
