"""Visits as rows, as the projection would leave them: for figures that would take long to play at a gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.clock import day_of
from gatekeeper.db import new_id
from gatekeeper.ledger.chain import canonical
from gatekeeper.visits.models import Visit, VisitOccupant, VisitStage
from tests.factories import Factory

NINE = datetime(2026, 4, 18, 1, 0, tzinfo=UTC)
"""09:00 at the gate on 18 April 2026."""

VERSION = "01960000-0000-7000-8000-000000000001"


def finding(rule: str, state: str = "met", subject: str = "visit", *, book: int = 0, **more: Any) -> list[Any]:
    """A finding as stored; ``reason`` and ``data`` as in docs/rules.md."""
    row: list[Any] = [book, rule, subject, more.get("consequence", "hold")]
    if state != "met":
        row += [state, more.get("reason", "confirm.denied"), more.get("data", {})]
    return row


def decision(
    verdict: str, *, stage: str = "arrival", findings: Iterable[list[Any]] = (), open: Sequence[list[str]] = ()
) -> str:
    """A decision as stored in a stage's row."""
    return canonical(
        {
            "verdict": verdict,
            "stage": stage,
            "books": [["enterprise", VERSION], ["township", VERSION]],
            "findings": list(findings),
            "open": list(open),
        }
    )


OPEN = ["mask", "visit", "confirm", "arrival"]


def visit(
    session: Session,
    place: Factory,
    *,
    at: datetime = NINE,
    state: str = "left",
    arrival: str = "admit",
    verdict: str | None = None,
    findings: Iterable[list[Any]] = (),
    open: Sequence[list[str]] = (),
    minutes: int = 60,
    people: int = 1,
    followed: bool | None = True,
    visit_id: UUID | None = None,
    **columns: Any,
) -> Visit:
    """One visit with its decisions; by default a truck that was admitted, stayed an hour and left."""
    verdict = verdict or arrival
    last = "exit" if state == "left" else "on_site" if state == "inside" else "arrival"
    inside = state in ("left", "inside")
    row = Visit(
        enterprise_id=place.id,
        id=visit_id or new_id(),
        gate_id=place.gate_id,
        state=state,
        verdict=verdict,
        stage=last,
        open_count=len(open),
        kind=columns.pop("kind", "truck"),
        plate=columns.pop("plate", "浙A12345"),
        plate_class="ordinary",
        trailers="",
        people=people,
        day=day_of(at),
        arrived_at=at,
        admitted_at=at + timedelta(minutes=5) if inside else None,
        closed_at=at + timedelta(minutes=5 + minutes) if state in ("left", "turned_away") else None,
        overdue=columns.pop("overdue", False),
        guard_id=place.guard.id,
        guard_name="王师傅",
        against_verdict=columns.pop("against_verdict", False),
        overridden=columns.pop("overridden", False),
        act_followed=followed,
        corrected=columns.pop("corrected", False),
        attention=columns.pop("attention", 0),
        last_seq=1,
        **columns,
    )
    session.add(row)
    session.flush()
    for number in range(1, people + 1):
        session.add(
            VisitOccupant(
                enterprise_id=place.id,
                visit_id=row.id,
                subject=f"occupant:{number}",
                role="driver",
                name_mask="张*",
                inside=inside,
            )
        )
    decisions = {last: decision(verdict, stage=last, findings=findings, open=open)}
    decisions.setdefault("arrival", decision(arrival))
    for stage, text in decisions.items():
        session.add(
            VisitStage(
                enterprise_id=place.id,
                visit_id=row.id,
                stage=stage,
                verdict=arrival if stage == "arrival" else verdict,
                decided_at=at,
                seq=1,
                decision=text,
            )
        )
    session.flush()
    return row
