"""Whether a document may become rules, and what is wrong with it, said with the names of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gatekeeper.errors import DomainError, Invalid
from gatekeeper.rules import codec, packs
from gatekeeper.rules.codec import Fault, RulebookInvalid
from gatekeeper.rules.values import Owner, Rulebook, Text
from gatekeeper.rules.warnings import Here, Warned, unasked

SHOWN = 5
"""Faults told in one sentence; all of them are in ``faults``."""


class RulebookRefused(Invalid):
    """A document that is no rulebook: ``faults`` name rule and field."""

    def __init__(self, faults: Sequence[Fault], titles: Mapping[str, Mapping[str, str]]) -> None:
        self.faults = tuple(faults)
        told = [said(fault, titles) for fault in self.faults[:SHOWN]]
        text = Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))
        super().__init__("rulebook.invalid", text)


class RulebookContradicts(DomainError):
    """Rules that no visit can meet together; ``groups`` lists (codes of the rules, why)."""

    def __init__(self, groups: Sequence[tuple[tuple[str, ...], Text]]) -> None:
        self.groups = tuple(groups)
        text = Text("；".join(why.zh for _, why in groups), "; ".join(why.en for _, why in groups))
        super().__init__("rulebook.contradiction", text)


class FactUnasked(DomainError):
    """Rules whose conditions are about what nobody asks or knows here; ``warned`` says what to add."""

    def __init__(self, warned: Sequence[Warned], titles: Mapping[str, Text]) -> None:
        self.warned = tuple(warned)
        told = [(titles[one.rules[0]], one) for one in self.warned]
        zh = "；".join(f"“{title.zh}”：{one.what.zh}。{one.mend.zh}" for title, one in told)
        en = "; ".join(f"“{title.en}”: {one.what.en}. {one.mend.en}" for title, one in told)
        super().__init__("rulebook.fact_unasked", Text(zh, en))


def said(fault: Fault, titles: Mapping[str, Mapping[str, str]]) -> Text:
    """A fault with the title of its rule before it, where it has one."""
    title = titles.get(fault.rule or "")
    if title is None:
        return fault.text
    return Text(
        f"“{title.get('zh') or fault.rule}”：{fault.text.zh}", f"“{title.get('en') or fault.rule}”: {fault.text.en}"
    )


def checked(document: Mapping[str, Any], *, owner: Owner, version: str = "draft", pack: bool = False) -> Rulebook:
    """The rulebook of a document, ``pack``: of one that is switched on; raises ``RulebookRefused``."""
    try:
        book = codec.parse(document, owner=owner, version=version)
    except RulebookInvalid as wrong:
        raise RulebookRefused(wrong.faults, _titles(document)) from None
    taken = [rule.code for rule in book.rules if owner == Owner.TOWNSHIP and not pack and _of_pack(rule.code)]
    if taken:
        zh, en = "这样的代码留给启用的规则包", "Such codes belong to packs that are switched on"
        faults = [Fault("rules", code, "code", "rule.code_of_pack", Text(zh, en)) for code in taken]
        raise RulebookRefused(faults, _titles(document))
    return book


def code_in_pack(pack: str, code: str) -> str:
    """The code of a pack's rule once the township switched the pack on: no rule of its rulebook has it."""
    return f"{pack}__{code}"


def _of_pack(code: str) -> bool:
    pack, found, _ = code.partition("__")
    return bool(found) and pack in packs.codes()


def consistent(rulebook: Rulebook) -> Rulebook:
    """The same rulebook; raises ``RulebookContradicts`` where no visit can meet all of its rules."""
    groups = codec.contradictions(rulebook)
    if groups:
        raise RulebookContradicts(groups)
    return rulebook


def askable(rulebook: Rulebook, here: Here, *, place: Callable[[str], Text]) -> Rulebook:
    """The same rulebook; raises ``FactUnasked`` where every visit would wait for what nobody is asked."""
    found = [unasked(rule, here, place=place) for rule in rulebook.rules]
    warned = [one for one in found if one is not None]
    if warned:
        raise FactUnasked(warned, {rule.code: rule.title for rule in rulebook.rules})
    return rulebook


def _titles(document: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    rules = document.get("rules") if isinstance(document, Mapping) else None
    found = {}
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and isinstance(rule.get("code"), str) and isinstance(rule.get("title"), dict):
            found[rule["code"]] = {k: v for k, v in rule["title"].items() if isinstance(v, str)}
    return found
