"""What the list and the rules in force say of a registration before anybody comes: its level, and who approves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gatekeeper.enterprises.models import Enterprise
from gatekeeper.formats import plates
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.clauses import compiled, undecided
from gatekeeper.rules.values import Rulebook
from gatekeeper.tenancy import own_id

SAID = frozenset({"origin", "risk_level", "stops", "cargo", "cold_chain"})
"""Facts of the load and where it comes from: where a registration leaves them out, the gate asks, and holds."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds at the session's enterprise at a minute; ``list_hash`` None: there is no list."""

    list_hash: str | None
    books: Sequence[Rulebook]
    place: Mapping[str, Any]


def in_force(session: Session, *, at: datetime) -> InForce:
    """Read once for as many registrations as there are."""
    adoption, own = risk_areas.in_force(session, at=at), session.get(Enterprise, own_id(session))
    place = {"exporter": own.exporter, "cluster": own.cluster} if own else {}
    return InForce(adoption.list_hash if adoption else None, rulebooks.in_force(session, at=at), place)


def level(session: Session, known: InForce, origin: str | None) -> str | None:
    """The level of ``origin`` on the list in force; None where nobody said where it comes from."""
    return risk_areas.level_on(session, known.list_hash, places=[origin]).level if origin else None


def needs_township(
    known: InForce, *, plate: str, origin: str | None, cargo: str | None, risk_level: str | None
) -> bool:
    """Whether a rule in force wants the township's approval of such a visit.

    A rule counts when nothing that is known speaks against it; what only the gate will see (a person's count, a zone)
    is left open, a load or place that was not said is not guessed.
    """
    said = {"origin": origin, "cargo": cargo, "risk_level": risk_level, "plate_class": plates.classify(plate).value}
    facts = {name: value for name, value in {**known.place, **said}.items() if value is not None}
    for book in known.books:
        for rule in book.rules:
            if rule.kind == "registered" and rule.params.get("township_approval"):
                unknown = undecided(compiled(rule.when), facts)
                if unknown is not None and SAID.isdisjoint(unknown):
                    return True
    return False
