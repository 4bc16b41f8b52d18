"""Rules of a pack copied into the draft, as they are or for one circle of visits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.errors import NotFound
from gatekeeper.rulebooks.conditions import clauses
from gatekeeper.rulebooks.context import Place
from gatekeeper.rulebooks.drafts import locked, store
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rules import codec, packs
from gatekeeper.rules.sentences import concerned
from gatekeeper.rules.values import Rule, Stage, SubjectKind, Text

TRUCKS = {"fact": "visitor_kind", "op": "eq", "value": "truck"}
RISKY = {"fact": "risk_level", "op": "at_least", "value": "medium"}
USUAL = ([TRUCKS], [RISKY], [RISKY, TRUCKS])
"""Circles of visits that rules are most often written for."""


def add_pack_rules(
    session: Session,
    draft: RulebookDraft,
    *,
    pack_code: str,
    rule_codes: Sequence[str],
    when: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    at: datetime,
    revision: int | None = None,
) -> RulebookDraft:
    """Copy rules of a pack into the draft, in the pack's order; one whose code is there already is left as it is.

    ``when`` are conditions for all of them, each in place of those that a rule has about the same fact.
    Raises ``NotFound`` for a pack or a rule that the program does not carry.
    """
    document = locked(session, draft, revision)
    rules = {rule["code"]: rule for rule in pack(pack_code)["rules"]}
    if unknown := [code for code in rule_codes if code not in rules]:
        named = "、".join(unknown)
        raise NotFound("rulebook.rule_unknown", Text(f"规则包里没有：{named}", f"The pack has no rule {named}"))
    there = {rule["code"] for rule in document["rules"]}
    wanted = set(rule_codes) - there
    document["rules"] += [_under(rule, when) for code, rule in rules.items() if code in wanted]
    keep = pack(pack_code).get("retention", {})
    if keep:  # a duty to keep something comes with the rules; one that stands already is not shortened
        standing = document.get("retention", {})
        document["retention"] = {**standing, **{cls: max(days, standing.get(cls, 0)) for cls, days in keep.items()}}
    title, count = pack(pack_code)["title"], len(rule_codes)
    what = Text(f"从“{title['zh']}”加了 {count} 条", f"added {count} from “{title['en']}”")
    return store(session, draft, document, what=what, by=by, at=at)


def pack(code: str) -> dict[str, Any]:
    """The document of a pack; raises ``NotFound``."""
    try:
        return packs.load(code)
    except KeyError:
        raise NotFound("rulebook.pack_unknown", Text("没有这个规则包", "There is no such rule pack")) from None


def _under(rule: Mapping[str, Any], when: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    about = {clause["fact"] for clause in when}
    return {**rule, "when": [*when, *(clause for clause in rule["when"] if clause["fact"] not in about)]}


def circles(pack: Mapping[str, Any], place: Place) -> list[tuple[str, Text]]:
    """(conditions as JSON, whom they mean): the usual ones and those of the pack's own rules, each once."""
    found: dict[Text, str] = {}
    for when in (*USUAL, *(rule["when"] for rule in pack["rules"] if rule["when"])):
        bare = Text("", "")
        rule = Rule("", Stage.ARRIVAL, "confirm", SubjectKind.VISIT, bare, bare, when=clauses(when))
        found.setdefault(concerned(rule, place=place), codec.canonical({"when": when}).decode())
    return [(data, whom) for whom, data in found.items()]


def conditions_of(circle: str) -> list[dict[str, Any]]:
    """The conditions of one of ``circles``; none for an empty text."""
    return list(json.loads(circle)["when"]) if circle else []
