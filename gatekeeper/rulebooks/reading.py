"""Rulebooks as pages show them: stages with rules in plain sentences, and the guard's questions in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatekeeper.errors import Invalid
from gatekeeper.rulebooks.checking import RulebookRefused, checked, said
from gatekeeper.rulebooks.context import Place
from gatekeeper.rulebooks.drafts import document_of
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rules import codec, words
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds import KINDS, Field
from gatekeeper.rules.questions import needs, questions
from gatekeeper.rules.seconds import LIMIT, seconds, slowest
from gatekeeper.rules.sentences import code_itself, concerned
from gatekeeper.rules.values import Evidence, Owner, Rule, Rulebook, Stage, SubjectKind, Text
from gatekeeper.rules.vocabulary import EVIDENCE, OVERRIDE_ROLES, STAGES, SUBJECTS, VISITOR_KINDS, label
from gatekeeper.rules.warnings import Here, Warned, warnings

ELSE = Text("前一项检测没有合格时", "when the test before it is not accepted")
EVERYBODY = ("visit", "tractor", "trailer:1", "occupant:1")


@dataclass(frozen=True, slots=True)
class Card:
    """One rule for reading. ``chips``: its conditions, one by one; ``warned``: what is odd about it."""

    rule: Rule
    sentence: Text
    override: Text
    evidence: Text
    first: bool
    last: bool
    chips: tuple[Text, ...] = ()
    warned: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class StageOfBook:
    """The rules of one stage."""

    code: str
    label: Text
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the guard meets it: of whom, when (None: always), what is demanded, the fields,
    whose question it is, and the codes of the rules behind it."""

    title: Text
    subject: Text
    when: Text | None
    demand: Text | None
    why: Text
    fields: tuple[Field, ...]
    owner: Owner
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked at one stage; ``facts`` are asked at the arrival before the questions."""

    label: Text
    facts: tuple[Text, ...]
    questions: tuple[Asked, ...]


def by_stage(book: Rulebook, place: Place, warned: Sequence[Warned] = ()) -> list[StageOfBook]:
    """The stages that have rules, in the order of a visit; a warning about one rule stands at it."""
    made = []
    for stage in Stage:
        rules = [rule for rule in book.rules if rule.stage is stage]
        cards = tuple(
            Card(
                rule,
                words.sentence(rule, place=place),
                _names(rule.overridable_by, OVERRIDE_ROLES),
                _names(rule.evidence, EVIDENCE),
                rule is rules[0],
                rule is rules[-1],
                tuple(words.phrase(clause, place=place) for clause in rule.when),
                tuple(one for one in warned if one.rules == (rule.code,)),
            )
            for rule in rules
        )
        if cards:
            made.append(StageOfBook(stage.value, label(STAGES, stage), cards))
    return made


def _names(codes: Sequence[str], choices: tuple) -> Text:
    said = [label(choices, code) for code in codes]
    return Text("、".join(text.zh for text in said), ", ".join(text.en for text in said))


def steps(books: Sequence[Rulebook], place: Place) -> list[Step]:
    """The questions in the order the guard meets them, as if every condition held; each says when it is asked."""
    open_books = [replace(book, rules=tuple(replace(rule, when=()) for rule in book.rules)) for book in books]
    rules = {(book.owner, rule.code): rule for book in books for rule in book.rules}
    found = questions(open_books, Evidence(facts={}, subjects=EVERYBODY), Stage.EXIT)
    facts = tuple(FACTS[name].label for name in FACTS if name in needs(books))
    made = []
    for stage in Stage:
        asked = []
        for question in (question for question in found if question.stage is stage):
            behind = [rules[key] for key in question.rules]
            kind = KINDS[question.kind]
            first = replace(behind[0], params=question.params, title=question.title)
            plain = question.kind in ("number", "certificate", "code_check", "test", "document_handoff", "disinfection")
            asked.append(
                Asked(
                    question.title,
                    label(SUBJECTS, question.subject.split(":")[0]),
                    ELSE if question.alternative else _condition(behind, place),
                    words.demand(first, place=place) if plain and not question.alternative else None,
                    question.why,
                    kind.answer_fields(question.params),
                    question.rules[0][0],
                    tuple(code for _, code in question.rules),
                )
            )
        here = facts if stage is Stage.ARRIVAL else ()
        if asked or here:
            made.append(Step(label(STAGES, stage), here, tuple(asked)))
    return made


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a guard needs: seconds on arrival and at the exit for the kind of visitor that takes longest."""

    visitor: Text
    arrival: int
    exit: int
    limit: int = LIMIT


def pace(books: Sequence[Rulebook]) -> Pace:
    """The time that these rules take together."""
    visitor = slowest(books)
    needed = seconds(books, visitor)
    return Pace(label(VISITOR_KINDS, visitor), needed[Stage.ARRIVAL], needed[Stage.EXIT])


def _condition(rules: Sequence[Rule], place: Place) -> Text | None:
    """When a question is asked: None for always, else whom the rules that ask it concern."""
    if any(not rule.when for rule in rules):
        return None
    whom = dict.fromkeys(concerned(replace(rule, subject=SubjectKind.VISIT), place=place) for rule in rules)
    return Text("；或".join(one.zh for one in whom), "; or ".join(one.en for one in whom))


@dataclass(frozen=True, slots=True)
class DraftRead:
    """A draft as far as it can be read: what is wrong with it, and the rules that contradict each other."""

    book: Rulebook
    faults: tuple[Text, ...]
    broken: tuple[tuple[str, Text], ...]
    contradictions: tuple[tuple[tuple[str, ...], Text], ...]
    warned: tuple[Warned, ...] = ()

    @property
    def publishable(self) -> bool:
        return not self.faults and not self.contradictions and not any(one.blocks for one in self.warned)


def read_draft(
    draft: RulebookDraft,
    owner: Owner,
    *,
    here: Here | None = None,
    township: Rulebook | None = None,
    place: Place = code_itself,
) -> DraftRead:
    """The draft's rules; those that an older program wrote and this one does not take are listed as broken.

    Warned is of what holds ``here`` and beside the ``township``'s rules; without ``here`` of nothing.
    """
    document = document_of(draft)
    try:
        book = checked(document, owner=owner)
    except RulebookRefused as wrong:
        titles = {rule["code"]: rule["title"] for rule in document["rules"]}
        bad = {fault.rule for fault in wrong.faults if fault.rule}
        document["rules"] = [rule for rule in document["rules"] if rule["code"] not in bad]
        faults = tuple(said(fault, titles) for fault in wrong.faults)
        broken = tuple((code, Text(**titles[code])) for code in titles if code in bad)
        return DraftRead(_rest(document, owner), faults, broken, ())
    warned = warnings(book, here, township=township, place=place) if here is not None else []
    return DraftRead(book, (), (), tuple(codec.contradictions(book)), tuple(warned))


def _rest(document: dict, owner: Owner) -> Rulebook:
    try:
        return checked(document, owner=owner)
    except Invalid:
        return Rulebook(owner, "draft", Text("", ""), ())
