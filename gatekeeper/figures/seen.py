"""One visit as figures see it: its columns and the findings of its last decision. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from gatekeeper.rules.values import Verdict
from gatekeeper.visits.models import VisitState

CLOSED = (VisitState.LEFT.value, VisitState.TURNED_AWAY.value)


class Found(NamedTuple):
    """One rule as it stood for one subject in a stored decision; ``data`` has the numbers of its sentence."""

    owner: str
    version: str
    rule: str
    subject: str
    consequence: str
    state: str
    reason: str
    data: dict[str, Any]


class Seen(NamedTuple):
    """One visit of the period with its last decision. Not voided."""

    id: UUID
    day: date
    arrived_at: datetime
    admitted_at: datetime | None
    closed_at: datetime | None
    state: str
    kind: str | None
    plate: str | None
    plate_class: str | None
    trailers: str
    origin: str | None
    risk_level: str | None
    cargo: str | None
    people: int
    gate_id: UUID
    guard_name: str
    overdue: bool
    against_verdict: bool
    overridden: bool
    act_followed: bool | None
    corrected: bool
    late: bool
    attention: int
    township_version: UUID | None
    enterprise_version: UUID | None
    risk_list: str | None
    switches: str | None
    verdict: str
    open_count: int
    arrival_verdict: str
    findings: tuple[Found, ...]

    @property
    def counted(self) -> bool:
        """Whether it stands in the denominator of gate compliance: closed or overdue."""
        return self.overdue or self.state in CLOSED

    @property
    def unanswered(self) -> bool:
        """Whether something due stayed open; nothing is due after a refusal."""
        return self.verdict != Verdict.REFUSE and self.open_count > 0

    @property
    def compliant(self) -> bool:
        return self.counted and not self.unanswered and bool(self.act_followed)

    @property
    def faults(self) -> tuple[Found, ...]:
        """What was violated, and what is due and missing."""
        states = ("violated",) if self.verdict == Verdict.REFUSE or not self.counted else ("violated", "missing")
        return tuple(finding for finding in self.findings if finding.state in states)
