"""Sentences with numbers and names in them, as data: filled in here, and by the phone that is given them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds import UNITS
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import AGENTS, COLOURS, DOCUMENTS, GATE_KINDS, METHODS, STAGES, Choice, label

Place = Callable[[str], Text]
Data = Mapping[str, Any]

NAME = re.compile(r"\{(\w+)\}")
LIMITS = ("limit", "min", "max")
"""Numbers in the unit that stands beside them."""
PARTS = (
    Choice("agent", Text("消毒剂", "agent")),
    Choice("dilution", Text("稀释倍数", "dilution")),
    Choice("clothing", Text("防护服", "protective clothing")),
    Choice("contact", Text("作用时间", "contact time")),
    Choice("operator", Text("消杀人员", "operator")),
    Choice("start", Text("开始时间", "start time")),
)
"""Of a disinfection."""
SIDES = (Choice("given", Text("交方", "the giver")), Choice("received", Text("收方", "the receiver")))
WHO = (Choice("enterprise", Text("企业", "the enterprise")), Choice("township", Text("镇街", "the township")))
NAMED: Mapping[str, tuple[Choice, ...]] = {
    "facts": tuple(Choice(fact.name, fact.label) for fact in FACTS.values()),
    **{"at": STAGES, "agents": AGENTS, "documents": DOCUMENTS, "methods": METHODS, "accepted": COLOURS},
    **{"wrong": PARTS, "lacking": PARTS, "sides": SIDES, "by": WHO},
}
"""The lists that name the codes under these names."""


class Part(NamedTuple):
    """A part of a sentence with ``{names}``, said where all of ``when`` holds of the data.

    ``name?``: there is something under it; ``name``: and it is true, or not 0. With ``!`` before it: there is nothing;
    there is something, and it is false or 0.
    """

    zh: str
    en: str
    when: tuple[str, ...] = ()


class Sentence(NamedTuple):
    """Parts, and what stands between those that are said."""

    parts: tuple[Part, ...]
    between: Text = Text("；", "; ")


def code_itself(code: str) -> Text:
    """Names a place or gate by its code, where nobody knows better."""
    return Text(code, code)


def said(sentence: Sentence, data: Data, place: Place = code_itself) -> Text | None:
    """The sentence with its numbers and names; None where nothing of it is to be said.

    Raises ``KeyError`` or ``TypeError`` where the data lack something that it cannot do without.
    """
    found = [_filled(part, data, place) for part in sentence.parts if all(_holds(when, data) for when in part.when)]
    zh, en = sentence.between
    return Text(zh.join(text.zh for text in found), en.join(text.en for text in found)) if found else None


def _holds(when: str, data: Data) -> bool:
    value, wanted = data.get(when.strip("!?")), not when.startswith("!")
    there = value not in (None, [], ())
    return there is wanted if when.endswith("?") else there and bool(value) is wanted


def _filled(part: Part, data: Data, place: Place) -> Text:
    spoken = {name: _spoken(name, data, place) for name in NAME.findall(part.zh)}
    return Text(NAME.sub(lambda at: spoken[at[1]].zh, part.zh), NAME.sub(lambda at: spoken[at[1]].en, part.en))


def _spoken(name: str, data: Data, place: Place) -> Text:
    if name == "where":
        return gates(data.get("gates", ()), data.get("gate_kinds", ()), place)
    value = data[name]
    if value is None:
        raise KeyError(name)
    if name.endswith("_s"):
        return duration(value)
    if name == "minutes":
        return duration(value * 60)
    if name in LIMITS:
        unit = UNITS[data["unit"]]
        return Text(unit.say(value) + unit.symbol.zh, unit.say(value) + unit.symbol.en)
    if name == "accepted" and "options" in data:
        return names(value, tuple(Choice(one["code"], Text(one["zh"], one["en"])) for one in data["options"]))
    if name in NAMED:
        return names(value, NAMED[name])
    return Text(**value) if isinstance(value, Mapping) else Text(str(value), str(value))


def names(codes: Sequence[str], choices: tuple[Choice, ...]) -> Text:
    """The names of ``codes``, listed."""
    return joined([label(choices, code) for code in codes])


def joined(texts: Sequence[Text]) -> Text:
    """Names listed: 甲、乙 / one, two."""
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def gates(codes: Sequence[str], kinds: Sequence[str], place: Place) -> Text:
    """Gates and kinds of gate by their names; ``place`` names a gate, and a kind that the program does not know."""
    known = {choice.code: choice.label for choice in GATE_KINDS}
    return joined([*(place(code) for code in codes), *(known.get(code) or place(code) for code in kinds)])


def duration(seconds: int) -> Text:
    """Seconds in words, at most two units: 370 -> 6 分 10 秒."""
    units = ((86_400, " 天", "d"), (3_600, " 小时", "h"), (60, " 分", "min"), (1, " 秒", "s"))
    parts, rest = [], max(0, seconds)
    for size, zh, en in units:
        count, rest = divmod(rest, size)
        if count:
            parts.append((f"{count}{zh}", f"{count} {en}"))
        elif parts:
            break
    parts = parts[:2] or [("0 秒", "0 s")]
    return Text(" ".join(zh for zh, _ in parts), " ".join(en for _, en in parts))
