"""A compliance report as plain frozen values: what the renderers are given, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gatekeeper.figures.entries import Entries
from gatekeeper.figures.in_force import BookUsed, ListUsed, PackUsed, RuleLine
from gatekeeper.figures.manning import GateHours
from gatekeeper.figures.values import Figures, Rate, RuleFigures
from gatekeeper.ledger.witness import Checkpoint
from gatekeeper.rules.values import Text

SCHEMA = "gate-report/1"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The enterprise that the report is about; ``closed_on``: its last day, None while it is open."""

    slug: str
    name: str
    kind: str
    township: str
    demo: bool
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Median:
    """The rate in the middle of ``of`` enterprises of the township that had visits to count in the period."""

    rate: Rate
    of: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that stands against a visit; ``who`` is the subject in words."""

    owner: str
    rule: str
    title: Text
    who: Text
    state: str
    text: Text


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit as it stands in lists and sheets.

    ``plate`` is empty once erased or on foot; ``people`` are masked names; ``decided_by`` admitted or turned away
    (empty: nobody yet); ``compliant`` is None while the visit is not counted.
    """

    id: UUID
    arrived_at: datetime
    plate: str
    plate_class: str
    trailers: str
    kind: str
    people: int
    names: tuple[str, ...]
    origin: str
    risk_level: str
    cargo: str
    gate: str
    guard: str
    arrival_verdict: str
    verdict: str
    state: str
    admitted_at: datetime | None
    closed_at: datetime | None
    decided_by: str
    compliant: bool | None
    overdue: bool
    against_verdict: bool
    overridden: bool
    corrected: bool
    reasons: tuple[Reason, ...]
    late: bool = False

    @property
    def stay(self) -> int | None:
        """Seconds from admission to leaving; None where one of them is not known."""
        if self.admitted_at is None or self.closed_at is None:
            return None
        return int((self.closed_at - self.admitted_at).total_seconds())


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """A lawful override: of which rules, by whom, why; ``reason`` is None once erased."""

    at: datetime
    arrived_at: datetime
    plate: str
    rules: tuple[Text, ...]
    by: str
    role: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """What the book notes about one visit: ``kind``, ``what`` and ``when`` as in ``figures.entries``."""

    kind: str
    arrived_at: datetime
    plate: str
    at: datetime
    by: str
    what: str
    when: datetime | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which minutes of video show one step of a visit: ``arrival`` or ``exit``."""

    step: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Drawn:
    """One visit of the sample; ``rank`` is the hash by which it was chosen, ``plate`` empty on foot or once erased."""

    id: UUID
    rank: str
    arrived_at: datetime
    plate: str
    gate: str
    state: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Visits that nobody chose, by rank, out of ``of``; ``seed`` is the text that each hash begins with."""

    seed: str
    of: int
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """The lists of the report, each by arrival."""

    exceptions: tuple[VisitLine, ...]
    overrides: tuple[OverrideLine, ...]
    against_verdict: tuple[VisitLine, ...]
    high_risk: tuple[VisitLine, ...]
    too_long: tuple[VisitLine, ...]
    not_left: tuple[VisitLine, ...]
    notes: tuple[NoteLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A compliance report. ``seq`` is where the book stood; ``before`` and ``rules_before`` are the period before.

    ``checkpoint`` is a signed witness of the book at ``seq`` or behind it; without one there is no ``sample``.
    ``median`` is None where too few enterprises had visits; ``unmanned`` where no duty is kept.
    """

    number: str
    issuer: Issuer
    first: date
    last: date
    seq: int
    book_hash: str
    made_at: datetime
    figures: Figures
    before: Rate
    rules: tuple[RuleLine, ...]
    books: tuple[BookUsed, ...]
    packs: tuple[PackUsed, ...]
    lists: tuple[ListUsed, ...]
    details: Details
    checkpoint: Checkpoint | None = None
    entries: Entries = field(default_factory=Entries)
    people_by_kind: tuple[tuple[str, int], ...] = ()
    rules_before: tuple[RuleFigures, ...] = ()
    median: Median | None = None
    sample: Sample | None = None
    unmanned: tuple[GateHours, ...] | None = None

    def rule_before(self, rule: RuleFigures) -> Rate:
        """The same rule in the period before; of nothing where it was not judged then."""
        same = (one.rate for one in self.rules_before if (one.owner, one.code) == (rule.owner, rule.code))
        return next(same, Rate(0, 0))

    def to_data(self) -> dict[str, Any]:
        """As JSON: ``figures`` never change for a number, ``details`` shrink with erasure."""
        data: dict[str, Any] = {"schema": SCHEMA, **_plain(self)}
        data["figures"] = self.figures.to_data()
        data["checkpoint"] = self.checkpoint and self.checkpoint.to_data()
        return data


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
