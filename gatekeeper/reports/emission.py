"""The emission ledger: who carried what in which truck, out of the answers to the pack's questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Tenant
from gatekeeper.figures import queries as figure_queries
from gatekeeper.figures.queries import Seen
from gatekeeper.ledger import queries as ledger
from gatekeeper.reports import periods
from gatekeeper.reports.emission_values import ASKED, PHOTOS, STAGE_RULES, EmissionLedger, Vehicle
from gatekeeper.reports.queries import chunks
from gatekeeper.reports.values import Issuer
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.values import Answer
from gatekeeper.visits import book

TRUCK = "truck"
HELD_IN = ("text", "choice", "file")
"""Where the value of an answer stands: of words, of a choice, of a picture."""


def is_kept(session: Session, *, at: datetime) -> bool:
    """Whether a rule in force asks for an emission stage: the township's pack, or the enterprise's own."""
    books = rulebooks.in_force(session, at=at)
    return any(rule.code.rpartition("__")[2] in STAGE_RULES for each in books for rule in each.rules)


def build(session: Session, *, enterprise: Tenant, first: date, last: date, at: datetime) -> EmissionLedger:
    """The ledger of one enterprise from ``first`` to ``last``, both included; reads only.

    Of a closed enterprise ``last`` is its last day; raises ``Invalid`` (``period.closed``) for days after it alone.
    """
    closed = periods.closed_on(session, enterprise_id=enterprise.id)
    last = periods.until_closed(first, last, closed)
    issuer = Issuer(
        enterprise.slug, enterprise.name, enterprise.kind, enterprise.township_name, enterprise.demo, closed
    )
    seq = ledger.head(session, enterprise_id=enterprise.id).seq
    stream = figure_queries.visits(session, enterprise_id=enterprise.id, first=first, last=last)
    trucks = (seen for seen in stream if seen.kind == TRUCK)
    return EmissionLedger(issuer, first, last, seq, at, tuple(_vehicles(session, enterprise.id, trucks)))


def _vehicles(session: Session, enterprise_id: UUID, trucks: Iterable[Seen]) -> Iterator[Vehicle]:
    for batch in chunks(trucks):
        ids = [seen.id for seen in batch]
        folds = book.folded_many(session, enterprise_id=enterprise_id, visit_ids=ids)
        for seen in batch:
            state = folds[seen.id].state if seen.id in folds else None
            answers = {} if state is None else {question: answer for (question, _), answer in state.answers.items()}
            yield _vehicle(seen, answers)


def _vehicle(seen: Seen, answers: Mapping[str, Answer]) -> Vehicle:
    mass = answers.get("cargo_mass")
    kg = mass.value.get("n") if mass else None
    stages = [finding for finding in seen.findings if finding.rule.rpartition("__")[2] in STAGE_RULES]
    return Vehicle(
        visit_id=seen.id,
        arrived_at=seen.arrived_at,
        plate=None if seen.plate is None and seen.plate_class else seen.plate or "",
        told=tuple(_given(answers.get(question)) for question in ASKED),
        cargo=seen.cargo or "",
        kg=kg if type(kg) is int else None,
        entered_at=seen.admitted_at,
        left_at=seen.closed_at if seen.admitted_at else None,
        photos=tuple(_given(answers.get(question)) for question in PHOTOS),
        below=any(finding.state in ("violated", "waived") for finding in stages),
        waived=any(finding.state == "waived" for finding in stages),
    )


def _given(answer: Answer | None) -> str | None:
    """What was answered: empty where nobody answered, None once the value was erased."""
    if answer is None:
        return ""
    given = next((answer.value[name] for name in HELD_IN if answer.value.get(name)), None)
    return None if given is None else str(given)
