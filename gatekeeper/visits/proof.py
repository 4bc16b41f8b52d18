"""Proving the book: chain and projections compared, decisions judged again, projections made anew."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gatekeeper.ledger.chain import canonical
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.ledger.queries import Chain, Fault
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.decide import decide, decision_to_data
from gatekeeper.rules.values import Stage
from gatekeeper.visits import judge, published
from gatekeeper.visits.comparing import Comparison
from gatekeeper.visits.folding import ABOUT, RESOLVE, in_order
from gatekeeper.visits.models import Visit, VisitEvent, VisitOccupant, VisitStage
from gatekeeper.visits.rebuilding import Rebuilding
from gatekeeper.visits.state import Recorded, State, applied, judging_order, with_outcome
from gatekeeper.visits.whole import Whole


@dataclass(frozen=True, slots=True)
class Sound:
    """A book without a fault: how many entries and visits were compared."""

    entries: int
    visits: int


def verify(session: Session, *, enterprise_id: UUID) -> Sound | Fault:
    """Every visit is folded again and compared with its rows, in the same pass over the book that checks its chain.

    The first difference is named; a fault of the chain goes before one of the projections.
    """
    chain = Chain(session, enterprise_id)
    comparison = Comparison(session, enterprise_id)
    with uncollected():
        fault = comparison.fault(chain)
        standing = chain.finish()
    if isinstance(standing, Fault):
        return standing
    return fault or published.fault(session, enterprise_id) or Sound(standing.seq, comparison.visits)


@contextmanager
def uncollected() -> Iterator[None]:
    """Millions of small values and not one cycle among them: the collector would take a quarter of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored decision judged again from its stored facts: ``equal``, ``different`` or ``erased``."""

    seq: int
    result: str


def replay(session: Session, *, enterprise_id: UUID) -> Iterator[Replayed]:
    """Judge every stored decision again, from the facts stored with it and never from a look-up by time.

    A decision that comes out otherwise is ``erased`` only where an erasure names what is missing of its visit.
    """
    erased = _erased(session, enterprise_id)
    whole = Whole(session, enterprise_id)
    whole.read_ends()
    for _, lines in whole.visits(Chain(session, enterprise_id)):
        state: State | None = None
        shrunk = lawful = False
        for line in in_order(lines):
            if line.outcome["state"] != "applied" or line.kind in (*ABOUT, RESOLVE):
                continue
            state = applied(state, line)
            if line.missing or "dropped" in line.outcome:
                lawful = (lawful or not shrunk) and line.missing <= erased
                shrunk = True
            if "decision" in line.outcome:
                yield Replayed(line.seq, _again(session, state, line, erased=shrunk and lawful))
            state = with_outcome(state, line)


def _erased(session: Session, enterprise_id: UUID) -> set[tuple[int, str]]:
    """(seq, class) of every part that an ``erase`` entry names."""
    query = select(LedgerEntry.bytes).where(LedgerEntry.enterprise_id == enterprise_id, LedgerEntry.kind == "erase")
    return {(seq, cls) for text in session.scalars(query) for seq, cls, *_ in json.loads(text)["body"]["parts"]}


def _again(session: Session, state: State, line: Recorded, *, erased: bool) -> str:
    stored = line.outcome["decision"]
    ids = judging_order(line.outcome["versions"], line.outcome.get("switches", ()))
    books = rulebooks.rulebooks(session, ids=ids)
    ordered = [books[book] for book in ids]
    made = decision_to_data(
        decide(ordered, judge.evidence(state, line.outcome["facts"]), Stage(stored["stage"]), line.at)
    )
    if canonical(made) == canonical(stored):
        return "equal"
    return "erased" if erased else "different"


def rebuild(session: Session, *, enterprise_id: UUID) -> int:
    """Make the projections of one book anew, some hundred visits at a time; answers how many visits."""
    for cls in (VisitStage, VisitOccupant, VisitEvent, Visit):
        session.execute(delete(cls).where(cls.enterprise_id == enterprise_id))
    with uncollected():
        return Rebuilding(session, enterprise_id).run()


def tally(results: Iterator[Replayed]) -> tuple[Counter[str], int | None]:
    """(how many of each result, seq of the first difference or None)."""
    counts: Counter[str] = Counter()
    first: int | None = None
    for item in results:
        counts[item.result] += 1
        if item.result == "different" and first is None:
            first = item.seq
    return counts, first
