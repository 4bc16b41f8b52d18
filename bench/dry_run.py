"""A draft tried on 18,000 visits: wall time, and that it judges and does not copy what was stored.

The book is a day of the demo, again and again. The draft takes a tenth of a degree off the limit, refuses where it held
and asks one question more. The expected moves are counted from one day of the same book, replayed visit by visit.
The planted fault: a run that takes the stored verdicts instead of judging must come out otherwise.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from sqlalchemy import select

from bench.peers import long_book
from bench.peers.long_book import LongBook
from gatekeeper import clock
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rules import codec
from gatekeeper.rules.decide import decide
from gatekeeper.rules.values import Evidence, Finding, Owner, Rulebook, Stage, State, Verdict
from gatekeeper.visits import book, trying
from gatekeeper.visits.dry_run import Seen, Side, Stand
from gatekeeper.visits.folding import fold
from gatekeeper.visits.models import Visit
from gatekeeper.visits.trying import Place

LIMIT_S = 10
QUESTION = {
    "code": "bench_question", "stage": "arrival", "kind": "confirm", "subject": "visit", "when": [],
    "question": "bench_question", "params": {}, "consequence": "hold", "evidence": [], "overridable_by": [],
    "title": {"zh": "多问一句", "en": "One more question"}, "why": {"zh": "试算用", "en": "For the bench"},
}  # fmt: skip


def draft_of(made: LongBook) -> tuple[RulebookDraft, Rulebook]:
    """The enterprise's rules in force, stricter: temperatures below 36.5 °C or the truck is refused."""
    with long_book.opened(made) as session:
        now = rulebooks.of_enterprise(session, enterprise_id=made.enterprise_id, at=clock.now())
        assert now is not None
        document = json.loads(now.document)
    for rule in document["rules"]:
        if rule["kind"] == "number" and rule["params"].get("unit") == "celsius":
            rule["params"]["max"], rule["consequence"] = 365, "refuse"
        elif rule["kind"] == "confirm":
            rule["consequence"] = "refuse"
    document["rules"].append(QUESTION)
    draft = RulebookDraft(enterprise_id=made.enterprise_id, document=json.dumps(document), revision=1)
    return draft, codec.parse(document, owner=Owner.ENTERPRISE, version="draft")


def tried(made: LongBook, draft: RulebookDraft) -> tuple[dict[str, Any], float, int]:
    """(result, seconds, how often the progress was told)."""
    told: list[int] = []
    place = Place(made.enterprise_id, lambda: long_book.opened(made))
    start = time.perf_counter()
    found = trying.run(draft, owner=Owner.ENTERPRISE, places=[place], days=30, at=clock.now(), told=told.append)
    return found, time.perf_counter() - start, len(told)


def replayed(made: LongBook, draft: Rulebook, sample: int) -> tuple[list[UUID], Counter[tuple[str, str]]]:
    """(visits here and there, arrival moves among them by the ordinary fold and ``decide``): nothing is shared."""
    moves: Counter[tuple[str, str]] = Counter()
    with long_book.opened(made) as session:
        old = rulebooks.in_force(session, at=clock.now())
        new = [*(each for each in old if each.owner is Owner.TOWNSHIP), draft]
        query = select(Visit.id).where(Visit.enterprise_id == made.enterprise_id, Visit.state != "void")
        every = list(session.scalars(query.order_by(Visit.arrived_at, Visit.id)))
        ids = every[:: max(1, len(every) // sample)]
        for visit_id in ids:
            lines = book.entries_of(session, enterprise_id=made.enterprise_id, visit_id=visit_id)
            last = max(line.seq for line in lines if line.outcome.get("decision", {}).get("stage") == "arrival")
            state = fold(str(visit_id), [line for line in lines if line.seq <= last]).state
            assert state is not None
            at = state.decisions["arrival"]["at"]
            evidence = Evidence(state.judged_facts, state.subjects, state.answers, state.waivers)
            opened = {(one[0], one[1]) for one in state.decisions["arrival"]["open"]}
            was, now = (_by_hand(books, evidence, at, opened) for books in (old, new))
            if was is not now:
                moves[was.value, now.value] += 1
    return ids, moves


def _by_hand(books: list[Rulebook], evidence: Evidence, at: int, opened: set[tuple[str, str]]) -> Verdict:
    """The verdict of what counts: all but the bench's own question, which nobody was asked."""
    worst = Verdict.ADMIT
    for finding in decide(books, evidence, Stage.ARRIVAL, at).findings:
        if finding.state in (State.MET, State.WAIVED) or _unasked(finding, opened):
            continue
        if finding.consequence == "refuse":
            return Verdict.REFUSE
        worst = Verdict.HOLD if finding.consequence == "hold" else worst
    return worst


def _unasked(finding: Finding, opened: set[tuple[str, str]]) -> bool:
    return (
        finding.state is State.MISSING
        and finding.rule == "bench_question"
        and not opened & {("bench_question", "visit")}
    )


def copying(side: Side, seen: Seen) -> Stand:
    """The planted fault: what the stored decision said, whatever the rules of this side."""
    return Stand(Verdict.HOLD if seen.open else Verdict.ADMIT, (), (), frozenset())


def planted(made: LongBook, draft: RulebookDraft, right: Iterable[Any]) -> bool:
    """Whether a run that copies comes out otherwise."""
    with mock.patch("gatekeeper.visits.dry_run.stand", copying):
        found, _, _ = tried(made, draft)
    return found["moves"] != list(right)


def main() -> int:
    """Print the result; 1 when it is too slow, differs from the replay, or the planted fault is not seen."""
    options = argparse.ArgumentParser()
    options.add_argument("--visits", type=int, default=18_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--sample", type=int, default=300)
    options.add_argument("--profile", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = long_book.make(Path(folder), visits=given.visits, seed=given.seed)
        draft, new = draft_of(made)
        profile = cProfile.Profile() if given.profile else None
        with profile or nullcontext():
            found, seconds, told = tried(made, draft)
        if profile:
            pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
        ids, expected = replayed(made, new, given.sample)
        with mock.patch.object(trying, "visits_of", lambda *_, **__: ids):
            sampled, _, _ = tried(made, draft)
        moves = Counter({(was, now): n for stage, was, now, n in sampled["moves"] if stage == "arrival"})
        caught = planted(made, draft, found["moves"])
    same = moves == expected and sum(expected.values()) > 0
    result = {
        "id": "DRY", "seed": given.seed, "visits": found["visits"], "entries": made.entries, "judged": found["judged"],
        "seconds": round(seconds, 2), "limit_s": LIMIT_S, "a_second": round(found["visits"] / seconds), "told": told,
        "moves": found["moves"], "asked": found["asked"], "sample": len(ids), "replayed_the_same": same,
        "planted": "stored verdicts instead of judging", "planted_caught": caught,
        "pass": seconds < LIMIT_S and found["visits"] >= given.visits * 0.95 and same and caught,
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
