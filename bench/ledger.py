"""T1, T2, T3, T5 and S9: nothing in a book or its projections is changed unseen, and a long book is verified in time.

T1 changes one thing at a time - edit, delete, insert, swap, move to another tenant - in the book or in a projection.
T2 cuts the tail, rewrites and rehashes, or puts an older state back, and makes the projections fit: seen with the
checkpoint of a report's PDF. T3 erases lawfully and blanks unlawfully. T5 judges every stored decision again. S9 is one
long book on one core. Each has its planted fault: the same check with its eyes shut must miss what it must see.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.peers import long_book
from bench.peers.long_book import LongBook
from bench.peers.tampering import TABLES, Aside, Tamperer
from gatekeeper import clock
from gatekeeper.ledger import queries, witness
from gatekeeper.ledger.queries import Fault, Standing
from gatekeeper.visits import proof

CHAIN_SECONDS, ALL_SECONDS = 10, 60
JUDGED_FROM = 50_000
"""A book of fewer entries says nothing of a million: the first second of a program is not like the others."""


def t1(aside: Aside, *, trials: int, seed: int) -> dict[str, Any]:
    """One change a trial; each must be found and the entry or row named."""
    chance = random.Random(seed)
    tamperer = Tamperer(aside, chance)
    tried: Counter[str] = Counter()
    missed: list[str] = []
    unnamed: list[str] = []
    blind = blind_missed = 0
    while sum(tried.values()) < trials:
        change = tamperer.one()
        if change is None:
            aside.rollback()
            continue
        tried[change.what] += 1
        if change.table not in ("ledger_entry", "ledger_part") and blind < trials // 50 + 1:
            blind += 1  # the planted fault: the chain alone does not look at projections
            with aside.session(keep=True) as session:
                blind_missed += not isinstance(queries.verify_chain(session, enterprise_id=aside.own), Fault)
        with aside.session() as session:
            found = proof.verify(session, enterprise_id=aside.own)
        if not isinstance(found, Fault):
            missed.append(change.what)
        elif not change.is_named_by(found):
            unnamed.append(f"{change.what}: {found.seq} {found.reason}")
    return {
        "id": "T1", "seed": seed, "trials": trials, "tables": len(TABLES), "kinds": len(tried), "missed": len(missed),
        "unnamed": len(unnamed), "first": (missed + unnamed)[:3], "bound": f"{3 / trials:.1e}",
        "planted": "the chain alone", "planted_missed": f"{blind_missed} of {blind}",
        "pass": not missed and not unnamed and blind_missed == blind > 0,
    }  # fmt: skip


def t2(aside: Aside, pdf: bytes, public_key: Any, *, trials: int, seed: int) -> dict[str, Any]:
    """The tail cut, the history rewritten, an older state put back: the projections made to fit each time."""
    chance = random.Random(seed)
    checkpoint = witness.read(pdf)
    sound = witness.fault(checkpoint, public_key) is None
    wanted = next(Standing(seq, digest) for book, seq, digest in checkpoint.claims if book == str(aside.own))
    tamperer = Tamperer(aside, chance)
    missed: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    every = max(1, trials // 100)
    for number in range(trials):
        what = ("cut", "rewritten", "older")[number % 3]
        {"cut": tamperer.cut, "rewritten": tamperer.rewrite, "older": tamperer.older}[what](up_to=wanted.seq)
        if number % every == 0:  # the planted fault: without a checkpoint the same tampering is not seen
            with aside.session(write=True, keep=True) as session:
                proof.rebuild(session, enterprise_id=aside.own)
                session.flush()
                session.expunge_all()
                bare[what] += not isinstance(proof.verify(session, enterprise_id=aside.own), Fault)
        with aside.session() as session:
            missed[what] += queries.stands(session, enterprise_id=aside.own, wanted=wanted) is None
    tried_bare = len(range(0, trials, every))
    return {
        "id": "T2", "seed": seed, "trials": trials, "entries": wanted.seq, "missed": sum(missed.values()),
        "bound": f"{3 / trials:.1e}", "planted": "no checkpoint",
        "planted_missed": f"{sum(bare.values())} of {tried_bare}",
        "pass": sound and not sum(missed.values()) and sum(bare.values()) == tried_bare,
    }  # fmt: skip


def t3(aside: Aside, *, erasures: int, seed: int) -> dict[str, Any]:
    """Lawful erasures raise no alarm; a part blanked without an entry always does."""
    chance = random.Random(seed)
    tamperer = Tamperer(aside, chance)
    done = tamperer.erase_lawfully(erasures)
    aside.commit()
    with aside.session() as session:
        after = proof.verify(session, enterprise_id=aside.own)
        replayed, first = proof.tally(proof.replay(session, enterprise_id=aside.own))
    missed = unexcused = 0
    blanked = max(10, erasures // 50)
    for _ in range(blanked):
        what = tamperer.blank_unlawfully()
        with aside.session(keep=True) as session:
            found = proof.verify(session, enterprise_id=aside.own) if blanked <= 20 else queries.verify_chain(
                session, enterprise_id=aside.own
            )  # fmt: skip
        missed += not isinstance(found, Fault) or found.seq != what
        aside.rollback()
    for cls in ("health",):  # a decision is called erased only where an entry says so
        if tamperer.delete_a_part(cls):
            with aside.session() as session:
                counts, _ = proof.tally(proof.replay(session, enterprise_id=aside.own))
            unexcused += counts["different"]
    return {
        "id": "T3", "seed": seed, "erasures": done, "alarms": int(isinstance(after, Fault)),
        "first": f"{after.seq} {after.reason}" if isinstance(after, Fault) else None,
        "blanked": blanked, "blanked_missed": missed, "replayed": dict(replayed), "first_different": first,
        "different_without_an_entry": unexcused,
        "pass": not isinstance(after, Fault) and not missed and replayed["different"] == 0 and replayed["erased"] > 0
        and unexcused > 0,
    }  # fmt: skip


def t5(book: LongBook, aside: Aside, *, seed: int) -> dict[str, Any]:
    """Every stored decision is judged again from its stored facts; a changed verdict must come out different."""
    with aside.session() as session:
        counts, first = proof.tally(proof.replay(session, enterprise_id=aside.own))
    Tamperer(aside, random.Random(seed)).turn_a_verdict()
    with aside.session() as session:
        planted, _ = proof.tally(proof.replay(session, enterprise_id=aside.own))
    return {
        "id": "T5", "seed": seed, "entries": book.entries, "decisions": sum(counts.values()), "equal": counts["equal"],
        "first": first, "planted_caught": planted["different"] == 1,
        "pass": counts["equal"] == sum(counts.values()) > 0 and planted["different"] == 1,
    }  # fmt: skip


def s9(book: LongBook) -> dict[str, Any]:
    """CPU seconds of one core for the chain alone and for everything; an entry changed near the end is found.

    ``reach`` is what a million entries may take, of a shorter book its share; ``load`` is that of the machine, which
    makes each second longer. The figure fails all the same.
    """

    def timed(check: Callable[..., Any]) -> tuple[Any, float]:
        with long_book.opened(book) as session:
            begun = time.process_time()
            found = check(session, enterprise_id=book.enterprise_id)
            return found, round(time.process_time() - begun, 2)

    load = [round(each, 1) for each in os.getloadavg()]
    chain, chain_s = timed(queries.verify_chain)
    every, all_s = timed(proof.verify)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    changed = book.entries - 5
    with sqlite3.connect(book.file) as base:
        base.execute("DROP TRIGGER IF EXISTS ledger_entry_no_update")
        base.execute(
            "UPDATE ledger_entry SET received_at = received_at + 1 WHERE enterprise_id = ? AND seq = ?",
            (book.enterprise_id.hex, changed),
        )
    base.close()
    planted, _ = timed(queries.verify_chain)
    caught = isinstance(planted, Fault) and planted.seq == changed
    sound = not isinstance(chain, Fault) and not isinstance(every, Fault)
    share = book.entries / 1_000_000
    reach = {"chain_s": round(CHAIN_SECONDS * share, 2), "all_s": round(ALL_SECONDS * share, 2)}
    within = chain_s <= reach["chain_s"] and all_s <= reach["all_s"]
    return {
        "id": "S9", "entries": book.entries, "visits": book.visits, "reach": reach,
        "reached": {"chain_s": chain_s, "all_s": all_s},
        "us_an_entry": {"chain": round(chain_s / share, 1), "all": round(all_s / share, 1)},
        "peak_mb": memory, "load": load, "planted_caught": caught, "sound": sound, "within": within,
        "pass": caught and sound and (within or book.entries < JUDGED_FROM),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Print one JSON object for each experiment; 1 when one did not pass."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000, help="T1")
    parser.add_argument("--rewrites", type=int, default=1_000, help="T2")
    parser.add_argument("--erasures", type=int, default=5_000, help="T3")
    parser.add_argument("--decisions", type=int, default=20_000, help="entries of T5")
    parser.add_argument("--entries", type=int, default=1_000_000, help="S9; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=1)
    sizes = parser.parse_args(arguments)
    passed = True

    def tell(result: dict[str, Any]) -> None:
        nonlocal passed
        passed = passed and bool(result["pass"])
        print(json.dumps(result, ensure_ascii=False), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        small = long_book.make(Path(folder) / "small", entries=90, visits_a_day=12, seed=sizes.seed)
        pdf = Path(folder) / "report.pdf"
        day = str(clock.today())
        done = small.app.test_cli_runner().invoke(args=["report", "shuini", day, day, "--out", str(pdf)])
        if done.exit_code:
            raise RuntimeError(done.output)
        public_key = small.app.extensions["gate"].open_signer().public_key
        tell(t1(Aside(small), trials=sizes.trials, seed=sizes.seed))
        tell(t2(Aside(small), pdf.read_bytes(), public_key, trials=sizes.rewrites, seed=sizes.seed))
        middle = long_book.make(
            Path(folder) / "middle", entries=int(sizes.erasures * 2.8) + 100, visits_a_day=30, seed=sizes.seed
        )
        tell(t3(Aside(middle), erasures=sizes.erasures, seed=sizes.seed))
        judged = long_book.make(Path(folder) / "judged", entries=sizes.decisions, visits_a_day=30, seed=sizes.seed)
        tell(t5(judged, Aside(judged), seed=sizes.seed))
        if sizes.entries:
            day_long = 60 if sizes.entries > 10_000 else 12
            tell(
                s9(long_book.make(Path(folder) / "long", entries=sizes.entries, visits_a_day=day_long, seed=sizes.seed))
            )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
