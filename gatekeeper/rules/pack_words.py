"""What a rulebook states of itself, found in its rules: how long it keeps what, its facts, the time that it takes."""

from __future__ import annotations

from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.questions import needs, seconds, uses
from gatekeeper.rules.saying import joined
from gatekeeper.rules.values import Rulebook, Text
from gatekeeper.rules.vocabulary import PERSONAL, STAGES

CREW = ("visit", "tractor", "occupant:1")


def about(book: Rulebook) -> list[tuple[Text, Text]]:
    """(what, how it is) of all of this that there is something to say of."""
    rows = [
        (Text("保存", "Kept"), kept(book)),
        (Text("用到的情况", "Facts"), facts(book)),
        (Text("要问门卫的情况", "Facts a guard is asked for"), asked(book)),
        (Text("一车一人的查验", "Asked of a vehicle with one person"), time(book)),
    ]
    return [(what, said) for what, said in rows if said.zh]


def kept(book: Rulebook) -> Text:
    """健康信息 14 天、照片 14 天; empty where the book says nothing of it."""
    named = [choice for choice in PERSONAL if choice.code in book.retention]
    days = book.retention
    return joined([Text(f"{c.label.zh} {days[c.code]} 天", f"{c.label.en} {days[c.code]} days") for c in named])


def facts(book: Rulebook) -> Text:
    """The facts that its rules are judged from."""
    return joined([FACTS[name].label for name in uses([book])])


def asked(book: Rulebook) -> Text:
    """The facts that a guard is asked for because of its rules."""
    wanted = needs([book])
    return joined([fact.label for name, fact in FACTS.items() if name in wanted])


def time(book: Rulebook) -> Text:
    """How many questions at each stage, and about how many seconds, for a vehicle with one person."""
    found = seconds([book], CREW)
    rows = [(stage.label, *found[when]) for stage in STAGES for when in found if when == stage.code]
    return joined(
        [Text(f"{said.zh} {n} 项约 {total} 秒", f"{said.en} {n} in about {total} s") for said, n, total in rows]
    )
