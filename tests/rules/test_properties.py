"""What holds for every rulebook and every visit."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.rules import codec
from gatekeeper.rules.decide import decide, decision_from_data, decision_to_data, questions
from gatekeeper.rules.values import Answer, Consequence, Evidence, Owner, Rulebook, Stage, State, Verdict, Waiver
from tests.rules.made import AT, HOUR, document, rule
from tests.rules.test_vectors import CASES

ROWS = [row for case in CASES for book in case["rulebooks"] for row in book["document"]["rules"]]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.text(max_size=5), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip
VALUES = st.one_of(
    st.dictionaries(
        st.sampled_from(
            ("ok", "n", "colour", "valid_until", "result", "sampled_at", "stayed", "agent", "dilution", "started_at",
             "finished_at", "operator", "protective_clothing", "documents", "method", "given", "received", "file",
             "choice", "text")
        ),
        JUNK,
        max_size=6,
    ),
    st.sampled_from([answer["value"] for case in CASES for answer in case["evidence"]["answers"]]),
)  # fmt: skip
FACTS = st.dictionaries(
    st.sampled_from(
        ("visitor_kind", "risk_level", "origin", "stops", "cargo", "cold_chain", "people", "alert_level", "gate",
         "gate_kind", "registration", "arrived_at", "admitted_at", "left_at", "visits_of_plate_in_days")
    ),
    st.one_of(JUNK, st.sampled_from(["truck", "high", "330182", "coal", AT - HOUR, ["440904"], {"announced_at": 1}])),
    max_size=10,
)  # fmt: skip
NAMES = sorted({row["question"] or row["code"] for row in ROWS} | {"antigen", "stay.arrival", "stay.exit"})
SUBJECTS = st.lists(st.sampled_from(("tractor", "trailer:1", "occupant:1", "occupant:2")), unique=True).map(
    lambda found: ("visit", *found)
)


def shape(row: dict[str, Any]) -> tuple[str, Any]:
    """What rules with one question share."""
    return row["kind"], row["params"].get("unit", row["params"].get("format", row["kind"] == "text" and "free"))


@st.composite
def visits(draw: st.DrawFn) -> tuple[list[Rulebook], Evidence, Stage, int]:
    books = []
    for owner in Owner:
        rows = draw(st.lists(st.sampled_from(ROWS), max_size=4))
        made = [{**row, "code": f"r{index}", "consequence": draw(st.sampled_from(list(Consequence))).value}
                for index, row in enumerate(rows)]  # fmt: skip
        shapes: dict[Any, Any] = {}
        made = [row for row in made if shapes.setdefault(row["question"], shape(row)) == shape(row)]
        made = [row for row in made if row["question"] != "antigen"]
        books.append(codec.parse(document(*made), owner=owner, version=owner.value))
    subjects = draw(SUBJECTS)
    keys = st.tuples(st.sampled_from(NAMES), st.sampled_from(subjects))
    answers = draw(st.dictionaries(keys, VALUES.map(lambda value: Answer(value, AT)), max_size=8))
    waived = draw(st.sets(st.tuples(st.sampled_from(list(Owner)), st.sampled_from(("r0", "r1"))), max_size=2))
    waivers = frozenset(Waiver(owner, code) for owner, code in waived)
    evidence = Evidence(draw(FACTS), subjects, answers, waivers)
    return books, evidence, draw(st.sampled_from(list(Stage))), draw(st.sampled_from((0, AT, 2**53)))


@settings(max_examples=400, deadline=None)
@given(visits())
def test_every_visit_gets_the_same_decision_twice_and_it_reads_back(
    visit: tuple[list[Rulebook], Evidence, Stage, int],
) -> None:
    books, evidence, stage, at = visit
    decision = decide(books, evidence, stage, at)
    assert decide(books, evidence, stage, at) == decision
    assert decision_from_data(decision_to_data(decision)) == decision
    questions(books, evidence, stage, at)


@settings(max_examples=400, deadline=None)
@given(visits())
def test_nobody_is_admitted_by_silence(visit: tuple[list[Rulebook], Evidence, Stage, int]) -> None:
    books, evidence, stage, at = visit
    decision = decide(books, evidence, stage, at)
    standing = [f for f in decision.findings if f.state in (State.MISSING, State.VIOLATED)]
    worst = max((list(Consequence).index(f.consequence) for f in standing), default=0)
    assert decision.verdict is list(Verdict)[worst]
    for finding in standing:
        if finding.state is State.MISSING:
            made = next(r for b in books if b.owner is finding.owner for r in b.rules if r.code == finding.rule)
            assert finding.consequence is (
                Consequence.NOTE if made.consequence is Consequence.NOTE else Consequence.HOLD
            )


@settings(max_examples=200, deadline=None)
@given(visits())
def test_the_other_book_never_softens_a_verdict(visit: tuple[list[Rulebook], Evidence, Stage, int]) -> None:
    books, evidence, stage, at = visit
    order = list(Verdict)
    together = order.index(decide(books, evidence, stage, at).verdict)
    alone = [order.index(decide([book], evidence, stage, at).verdict) for book in books]
    assert together == max(alone)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    )
)
def test_reading_a_document_ends_in_a_rulebook_or_its_faults(junk: Any) -> None:
    for candidate in (junk, document(junk), document({**rule(), "params": junk}), document(rule(when=[junk]))):
        try:
            made = codec.parse(candidate, owner=Owner.ENTERPRISE, version="1")
        except codec.RulebookInvalid as invalid:
            assert invalid.faults
        else:
            assert made.rules


def test_a_draft_with_the_version_of_another_is_judged_by_its_own_rules() -> None:
    for consequence, verdict in (("hold", "hold"), ("note", "admit"), ("hold", "hold")):
        made = codec.parse(document(rule("a", consequence=consequence)), owner=Owner.ENTERPRISE, version="same")
        assert decide([made], Evidence({}, ("visit",)), Stage.ARRIVAL, AT).verdict == verdict
