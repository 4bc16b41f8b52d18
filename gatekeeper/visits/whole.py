"""A whole book as visits, in one pass and little memory: a visit is handed on as soon as its last event was read.

Where a visit ends is taken from ``visit_events``. That is a hint and no truth: an event behind it is handed on at the
end, by itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import Session

from gatekeeper.clock import today
from gatekeeper.ledger.chain import entry_of
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Chain
from gatekeeper.visits import book
from gatekeeper.visits.folding import ABOUT
from gatekeeper.visits.models import VisitEvent
from gatekeeper.visits.state import Recorded

NOWHERE = -1

OnAbout = Callable[[Recorded, list[str]], None]
Read = Callable[[bytes], dict[str, Any]]


class Gathering(Protocol):
    """What takes the entries of one visit: a list, or a fold that keeps none of them."""

    def append(self, entry: Recorded, /) -> None: ...


Gathered = TypeVar("Gathered", bound=Gathering)


class VisitOf(Mapping[int, str]):
    """Which visit an entry belongs to, by ``seq``: four bytes an entry."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._numbers = array("i")

    def put(self, seq: int, number: int) -> None:
        gap = seq - len(self._numbers)
        if gap > 0:
            self._numbers.extend([NOWHERE] * gap)
        self._numbers.append(number)

    def __getitem__(self, seq: int) -> str:
        number = self._numbers[seq] if 0 <= seq < len(self._numbers) else NOWHERE
        if number == NOWHERE:
            raise KeyError(seq)
        return self._names[number]

    def __iter__(self) -> Iterator[int]:
        return (seq for seq, number in enumerate(self._numbers) if number != NOWHERE)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Whole:
    """``visits`` reads the book once; what it knows of each visit afterwards takes a few numbers.

    ``on_about`` is called for each entry about visits, with those that it names. ``read`` makes JSON of an entry.
    """

    def __init__(
        self, session: Session, enterprise_id: UUID, *, on_about: OnAbout | None = None, read: Read = entry_of
    ) -> None:
        self._session = session
        self._enterprise_id = enterprise_id
        self._on_about = on_about
        self._read = read
        self._number: dict[str, int] = {}
        self._names: list[str] = []
        self._ends = array("q")
        self._last = array("q")
        self._row_last = array("q")
        self._visit_of = VisitOf(self._names)
        self.reached = 0
        """The entry read last."""
        self.unopened: book.PartRow | None = None
        """The first part that is there, and that its key does not open though its time is not over."""
        self.events = 0
        """How many rows ``visit_events`` must have for what was read so far."""

    def read_ends(self) -> None:
        """Ask ``visit_events`` where each visit ends; without this all of them are handed on at the end."""
        query = (
            select(type_coerce(VisitEvent.visit_id, String), func.max(VisitEvent.seq))
            .where(VisitEvent.enterprise_id == self._enterprise_id, VisitEvent.kind.not_in(ABOUT))
            .group_by(VisitEvent.visit_id)
        )
        for visit, end in self._session.execute(query):
            self._ends[self._numbered(dashed(visit))] = end

    def find_ends(self, chain: Chain) -> None:
        """As ``read_ends``, from the book itself: for whom ``visit_events`` is not even a hint."""
        for written, _ in book.walk(chain.batches(), enterprise_id=self._enterprise_id, read=self._read):
            if written["kind"] not in ABOUT:
                self._ends[self._numbered(written["body"]["event"]["visit"])] = written["seq"]

    def visits(self, chain: Chain, gather: Callable[[], Gathered] = list) -> Iterator[tuple[str, Gathered]]:  # type: ignore[assignment]
        """(visit, its gate events with the entries about it so far) by the end of the visit.

        What ``gather`` makes for a visit gets its entries one by one.
        """
        waiting: dict[int, Gathered] = {}
        for written, parts in book.walk(chain.batches(), enterprise_id=self._enterprise_id, read=self._read):
            self.reached = written["seq"]
            if written["kind"] in ABOUT:
                self._about(book.about_from(written), waiting)
                continue
            visit, line = book.recorded_from(written, parts)
            if line.missing and parts and self.unopened is None:
                self.unopened = next((part for part in parts if _is_closed(part, line)), None)
            number = self._number.get(visit)
            if number is None:
                number = self._numbered(visit)
            self._visit_of.put(line.seq, number)
            self._last[number] = line.seq
            self.events += 1
            lines = waiting.get(number)
            if lines is None:
                lines = waiting[number] = gather()
            lines.append(line)
            if line.seq == self._ends[number]:
                del waiting[number]
                yield visit, lines
        for number, lines in waiting.items():
            yield self._names[number], lines

    def compared(self, visit: str, row_last: int) -> None:
        """Note what ``visits.last_seq`` says of a visit, until its last entry was read."""
        self._row_last[self._number[visit]] = row_last

    def was_compared(self, visit: str) -> bool:
        number = self._number.get(visit)
        return number is not None and self._row_last[number] != NOWHERE

    def is_about(self, entry: LedgerEntry | None, visit: str) -> bool:
        """Whether ``entry`` is there, of a kind of ``ABOUT``, and names ``visit``."""
        if entry is None or entry.kind not in ABOUT:
            return False
        return visit in book.visits_named(book.about(entry).body, self._visit_of)

    def lasts(self) -> Iterator[tuple[str, int, int]]:
        """(visit, seq of its last entry, what its row says): 0 for no entry, ``NOWHERE`` for no row."""
        yield from zip(self._names, self._last, self._row_last, strict=True)

    def _about(self, line: Recorded, waiting: Mapping[int, Gathering]) -> None:
        named = book.visits_named(line.body, self._visit_of)
        for visit in named:
            number = self._numbered(visit)
            self._last[number] = line.seq
            if number in waiting:
                waiting[number].append(line)
        self.events += len(named)
        if self._on_about is not None:
            self._on_about(line, named)

    def _numbered(self, visit: str) -> int:
        number = self._number.get(visit)
        if number is None:
            number = self._number[visit] = len(self._names)
            self._names.append(visit)
            self._ends.append(0)
            self._last.append(0)
            self._row_last.append(NOWHERE)
        return number


def _is_closed(part: book.PartRow, line: Recorded) -> bool:
    return (part.seq, part.cls) in line.missing and (part.hold_id is not None or part.expires_on >= today())


def dashed(value: Any) -> str:
    """An id as it came from the database: 32 hex digits from SQLite, a UUID from PostgreSQL."""
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value)
