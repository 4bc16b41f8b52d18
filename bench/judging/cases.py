"""Random cases in the shape of ``tests/vectors/rules_*.json``, and what a set of them covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from bench.judging.answers import answers_for
from bench.judging.facts import facts_for, near
from bench.judging.rulebooks import document
from gatekeeper.rules import codec
from gatekeeper.rules.clauses import OPS, test_of
from gatekeeper.rules.decide import decide, evidence_from_data
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.kinds.shape import HOUR
from gatekeeper.rules.values import Owner, Rulebook, Stage, Verdict

MOMENTS = (
    1_650_247_200_000_000,  # 10 in the morning of 18 April 2022 in Shanghai
    1_650_297_600_000_000,  # midnight after that day in Shanghai
    1_709_136_000_000_000,  # 29 February 2024 begins in Shanghai
    1_709_222_400_000_000,  # and ends
    -3_600_000_000,  # before 1970
    0,
    8_000_000_000_000_000,  # in the year 2223
)
OWNERS = (("enterprise",), ("township",), ("township", "enterprise"), ("enterprise", "township"))
SUBJECTS = ("tractor", "trailer:1", "trailer:2", "occupant:1", "occupant:2")


def cases(seed: int, size: int) -> Iterator[dict[str, Any]]:
    """``size`` cases, the same for the same seed; those of a smaller size are the first of a larger."""
    chance = Random(seed)
    return (_case(Random(chance.getrandbits(64))) for _ in range(size))


def _case(chance: Random) -> dict[str, Any]:
    owners, mood = chance.choice(OWNERS), chance.choice(("good", "mixed", "bad", "bad"))
    rulebooks = [
        {"owner": owner, "version": f"{owner}-{chance.randint(1, 3)}", "document": document(chance, index * 10)}
        for index, owner in enumerate(owners)
    ]
    books = read(rulebooks)
    at = near(chance.choice(MOMENTS), chance)
    stage = chance.choice(("before_arrival", "arrival", "on_site", "exit", "exit"))
    subjects = ["visit", *(subject for subject in SUBJECTS if chance.random() < 0.6)]
    facts = facts_for(books, at, chance, mood)
    if chance.random() < 0.3:
        facts["admitted_at"] = chance.choice((at, at - 1, at + 1, at - 30 * HOUR))
    evidence = {"facts": facts, "subjects": subjects, "answers": answers_for(books, subjects, at, chance, mood),
                "waivers": _waivers(books, subjects, chance)}  # fmt: skip
    if chance.random() < 0.5:
        rulebooks = [{**row, "document": codec.to_document(book)} for row, book in zip(rulebooks, books, strict=True)]
    return {"rulebooks": rulebooks, "evidence": evidence, "stage": stage, "at": at}


def read(rulebooks: list[dict[str, Any]]) -> list[Rulebook]:
    """The rulebooks of a case."""
    return [codec.parse(row["document"], owner=Owner(row["owner"]), version=row["version"]) for row in rulebooks]


def _waivers(books: list[Rulebook], subjects: list[str], chance: Random) -> list[list[str | None]]:
    rules = [(book.owner.value, rule.code) for book in books for rule in book.rules]
    if chance.random() < 0.65:
        return []
    return [[*chance.choice(rules), chance.choice((None, "visit", *subjects))] for _ in range(4)]


class Coverage:
    """What cases are about. ``verdicts`` and ``stages`` count cases, ``kinds`` (by state) findings, ``ops`` conditions
    that were decided of rules of a stage that is judged, by outcome."""

    def __init__(self) -> None:
        self.size = 0
        self.verdicts: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.ops: Counter[str] = Counter()

    def seen(self, found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The cases, each counted as it goes by."""
        for case in found:
            self.add(case)
            yield case

    def add(self, case: dict[str, Any]) -> None:
        """Count a case."""
        books, evidence, stage = read(case["rulebooks"]), evidence_from_data(case["evidence"]), Stage(case["stage"])
        decision = decide(books, evidence, stage, case["at"])
        rules = {(book.owner, rule.code): rule for book in books for rule in book.rules}
        self.size += 1
        self.verdicts[decision.verdict.value] += 1
        self.stages[stage.value] += 1
        for finding in decision.findings:
            kind = rules[finding.owner, finding.rule].kind
            self.kinds[kind] += 1
            self.states[f"{kind} {finding.state.value}"] += 1
        due = list(Stage).index(stage)
        for clause in (
            clause for rule in rules.values() if list(Stage).index(rule.stage) <= due for clause in rule.when
        ):
            value = evidence.facts.get(clause.fact)
            holds = None if value is None else test_of(clause)(value)
            if holds is not None:
                self.ops[f"{clause.op} {'holds' if holds else 'fails'}"] += 1

    def counts(self) -> dict[str, Any]:
        """Shares of the verdicts, and the least counted of everything else with its count."""
        least = {
            "kind": min((self.kinds[kind], kind) for kind in KINDS),
            "state": min(
                (self.states[name], name) for name in (f"{k} {s}" for k in KINDS for s in STATES) if name != NEVER
            ),
            "operator": min(
                (self.ops[name], name) for name in (f"{op} {way}" for op in OPS for way in ("holds", "fails"))
            ),
            "stage": min((self.stages[stage.value], stage.value) for stage in Stage),
        }
        shares = {verdict.value: round(self.verdicts[verdict.value] / self.size, 3) for verdict in Verdict}
        return {"verdicts": shares, "least": {name: f"{count} {what}" for name, (count, what) in least.items()}}

    def balanced(self) -> bool:
        """Each verdict in at least 15 of 100 cases; each kind, operator and stage as often as 200 times in 20,000."""
        counted = [*(self.kinds[kind] for kind in KINDS), *(self.stages[stage.value] for stage in Stage)]
        counted += [self.ops[f"{op} {way}"] for op in OPS for way in ("holds", "fails")]
        shares = [self.verdicts[verdict.value] / self.size for verdict in Verdict]
        return min(shares) >= 0.15 and min(counted) * 100 >= self.size


STATES = ("met", "violated", "missing", "waived")
NEVER = "photo violated"
"""A photo is there or not."""
