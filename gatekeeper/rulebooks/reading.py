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
from gatekeeper.rules.questions import merged, needs, questions
from gatekeeper.rules.sentences import concerned
from gatekeeper.rules.values import Consequence, Evidence, Owner, Rule, Rulebook, Stage, SubjectKind, Text
from gatekeeper.rules.vocabulary import EVIDENCE, OVERRIDE_ROLES, STAGES, SUBJECTS, label

SEVERITY = {consequence: rank for rank, consequence in enumerate(Consequence)}
NO_GATE = Text(
    "请修改这条规则，勾选本厂的门岗；不勾选，每次来访都会待定",
    "Edit this rule and tick your own gates; without them every visit is held",
)
ELSE = Text("前一项检测没有合格时", "when the test before it is not accepted")
EVERYBODY = ("visit", "tractor", "trailer:1", "occupant:1")


@dataclass(frozen=True, slots=True)
class Card:
    """One rule for reading. ``idle``: the township's rule that leaves it without effect; ``care``: what to mend."""

    rule: Rule
    sentence: Text
    override: Text
    evidence: Text
    first: bool
    last: bool
    idle: Rule | None = None
    care: Text | None = None


@dataclass(frozen=True, slots=True)
class StageOfBook:
    """The rules of one stage."""

    label: Text
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the guard meets it: of whom, when (None: always), what is demanded, and the fields."""

    title: Text
    subject: Text
    when: Text | None
    demand: Text | None
    why: Text
    fields: tuple[Field, ...]
    owner: Owner


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked at one stage; ``facts`` are asked at the arrival before the questions."""

    label: Text
    facts: tuple[Text, ...]
    questions: tuple[Asked, ...]


def by_stage(book: Rulebook, place: Place, township: Rulebook | None = None) -> list[StageOfBook]:
    """The stages that have rules, in the order of a visit."""
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
                without_effect(rule, township) if township else None,
                NO_GATE if rule.kind == "gate_allowed" and not rule.params.get("gates") else None,
            )
            for rule in rules
        )
        if cards:
            made.append(StageOfBook(label(STAGES, stage), cards))
    return made


def _names(codes: Sequence[str], choices: tuple) -> Text:
    said = [label(choices, code) for code in codes]
    return Text("、".join(text.zh for text in said), ", ".join(text.en for text in said))


def without_effect(rule: Rule, township: Rulebook) -> Rule | None:
    """The township's rule that applies whenever ``rule`` does and demands as much or more; None where there is none."""
    for above in township.rules:
        same = (above.kind, above.subject, above.question) == (rule.kind, rule.subject, rule.question)
        covers = all(clause in rule.when for clause in above.when)
        if not same or not covers or SEVERITY[above.consequence] < SEVERITY[rule.consequence]:
            continue
        kind = KINDS[rule.kind]
        mine, theirs = {**kind.defaults, **rule.params}, {**kind.defaults, **above.params}
        lead_alike = mine.get("lead_unit") == theirs.get("lead_unit")
        if lead_alike and all(merged(p, theirs[p.name], mine[p.name]) == theirs[p.name] for p in kind.params):
            return above
    return None


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
                )
            )
        here = facts if stage is Stage.ARRIVAL else ()
        if asked or here:
            made.append(Step(label(STAGES, stage), here, tuple(asked)))
    return made


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

    @property
    def publishable(self) -> bool:
        return not self.faults and not self.contradictions


def read_draft(draft: RulebookDraft, owner: Owner) -> DraftRead:
    """The draft's rules; those that an older program wrote and this one does not take are listed as broken."""
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
    return DraftRead(book, (), (), tuple(codec.contradictions(book)))


def _rest(document: dict, owner: Owner) -> Rulebook:
    try:
        return checked(document, owner=owner)
    except Invalid:
        return Rulebook(owner, "draft", Text("", ""), ())
