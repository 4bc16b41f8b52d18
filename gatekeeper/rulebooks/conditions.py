"""Conditions of a rule as rows of a form: one fact a row, with the fields that fit it, and back to a clause.

People say "is" and "is not" with ticks; a clause says eq, in, at_least. What was not touched stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, SelectField, StringField, ValidationError

from gatekeeper.formats import regions
from gatekeeper.forms import needed, options
from gatekeeper.language import lazy, t
from gatekeeper.rulebooks.context import Surroundings
from gatekeeper.rulebooks.fields import TickList, Whole, at_most, caption
from gatekeeper.rules.clauses import FACTS, OPS, Fact
from gatekeeper.rules.values import Clause

_ROW = re.compile(r"when_(\d{1,3})_fact")

MOST = 4
"""Conditions that can be added to a rule by hand; a pack's rule may have more."""

OFFERED = (
    *("visitor_kind", "plate_class", "risk_level", "origin", "stops", "cargo", "cold_chain", "people"),
    *("gate", "zone", "purpose", "exporter", "cluster", "alert_level", "visits_of_plate_in_days"),
)
ONLY_FACTORY = frozenset({"gate", "zone"})
ONLY_OFFICE = frozenset({"exporter", "cluster"})
HELP = {
    "alert_level": lazy("镇街发布的预警级别，0 表示没有预警", "The township's alert level; 0: none"),
    "visits_of_plate_in_days": lazy(
        "这辆车最近 7 天来过几次，不算这一次", "Visits of this vehicle in the last seven days, this one left out"
    ),
    "people": lazy("同来的人数", "Of the whole visit"),
    "cluster": lazy(
        "与企业信息里填的一样，几个之间用顿号", "As the enterprises' details have it, commas between several"
    ),
}
TICKED = ("choice", "level", "code")
PLACES = ("region", "regions")
IS = options([("in", lazy("是", "is")), ("not_in", lazy("不是", "is not"))])
NAMES = re.compile("[、,，;；]")
NEGATED = {"ne", "not_in", "not_within"}


def offered(around: Surroundings) -> list[tuple[str, Any]]:
    """The facts that a rule of this place may name."""
    left_out = ONLY_FACTORY if around.office else ONLY_OFFICE
    left_out |= {name for name, values in around.here.values.items() if not values}
    return [(name, caption(FACTS[name].label)) for name in OFFERED if name not in left_out]


def row_fields(index: int, fact: Fact, around: Surroundings, clause: Clause | None, chosen: Sequence[str]) -> dict:
    """The fields of row ``index``: name -> field. ``chosen`` are places that were picked before."""
    at = f"when_{index}"
    fields: dict[str, Any] = {f"{at}_fact": HiddenField(default=fact.name)}
    if fact.type in TICKED:
        ticks = _ticks(fact, around, clause)
        fields[f"{at}_op"] = SelectField(lazy("关系", "relation"), choices=IS, default=_is(clause))
        fields[f"{at}_values"] = TickList(
            lazy("哪些", "Which ones"),
            choices=options(ticks),
            default=_members(fact, clause) if clause else [],
            least=1,
        )
    elif fact.type in PLACES:
        relations = [("within", lazy("来自", "within")), ("not_within", lazy("不来自", "not within"))]
        if fact.type == "regions":
            relations = [("within", lazy("途经", "through")), ("not_within", lazy("不途经", "not through"))]
        known = [(code, regions.full_name(code)) for code in chosen if regions.get(code)]
        before = clause.op if clause else "within"
        fields[f"{at}_op"] = SelectField(lazy("关系", "relation"), choices=options(relations), default=before)
        fields[f"{at}_values"] = TickList(
            lazy("已选地区", "Places chosen"), choices=options(known), default=[code for code, _ in known]
        )
        fields[f"{at}_place"] = StringField(
            lazy("加一个地区", "Add a place"),
            [at_most(60)],
            description=lazy(
                "省、市、县或镇的名称或拼音首字母", "Name or initials of a province, city, county or town"
            ),
        )
        fields[f"{at}_place_code"] = HiddenField()
    elif fact.type == "bool":
        said = [("yes", lazy("是", "yes")), ("no", lazy("否", "no"))]
        before = "no" if clause is not None and clause.value is False else "yes"
        fields[f"{at}_value"] = SelectField(caption(fact.label), choices=options(said), default=before)
    elif fact.type == "name":
        fields[f"{at}_op"] = SelectField(lazy("关系", "relation"), choices=IS, default=_is(clause))
        fields[f"{at}_value"] = StringField(
            caption(fact.label),
            [needed("请填名称", "Enter a name"), at_most(200)],
            default="、".join(_members(fact, clause)) if clause else "",
            description=HELP.get(fact.name, ""),
        )
    else:
        ops = [(op, lazy(*OPS[op])) for op in fact.ops]
        before = clause.op if clause else "at_least"
        fields[f"{at}_op"] = SelectField(lazy("关系", "relation"), choices=options(ops), default=before)
        fields[f"{at}_value"] = Whole(
            caption(fact.label),
            minimum=fact.minimum,
            maximum=fact.maximum,
            required=True,
            default=str(clause.value) if clause else "",
            description=HELP.get(fact.name, ""),
        )
    return fields


def clause_of(form: Any, index: int, fact: Fact, before: Clause | None) -> dict[str, Any]:
    """The clause of a row as data; raises ``ValidationError`` where a place cannot be found or none is chosen."""
    made = _read(form, f"when_{index}", fact)
    if before is not None and fact.type in (*TICKED, "name") and _same(fact, before, made):
        made = before
    value = list(made.value) if isinstance(made.value, tuple) else made.value
    return {"fact": made.fact, "op": made.op, "value": value}


def _read(form: Any, at: str, fact: Fact) -> Clause:
    if fact.type in TICKED:
        return _ticked(fact, form[f"{at}_op"].data == "not_in", list(form[f"{at}_values"].data))
    if fact.type in PLACES:
        return Clause(fact.name, form[f"{at}_op"].data, tuple(_places(form, at)))
    if fact.type == "bool":
        return Clause(fact.name, "eq", form[f"{at}_value"].data == "yes")
    if fact.type == "name":
        names = [name.strip() for name in NAMES.split(form[f"{at}_value"].data or "") if name.strip()]
        return _ticked(fact, form[f"{at}_op"].data == "not_in", list(dict.fromkeys(names)))
    return Clause(fact.name, form[f"{at}_op"].data, form[f"{at}_value"].number)


def picked(typed: str | None, code: str | None) -> str | None:
    """The code of the place that was picked, else of the first whose name was typed; None for neither."""
    if code and regions.get(code) is not None:
        return code
    found = regions.search((typed or "").strip(), limit=1) if (typed or "").strip() else []
    return found[0].code if found else None


def _places(form: Any, at: str) -> list[str]:
    codes, typed = [*form[f"{at}_values"].data], (form[f"{at}_place"].data or "").strip()
    added = picked(typed, form[f"{at}_place_code"].data)
    if typed and added is None:
        raise ValidationError(t("没有找到这个地区，请换一个写法", "No such place; try another spelling"))
    if added and added not in codes:
        codes.append(added)
    if not codes:
        raise ValidationError(t("请选一个地区", "Choose a place"))
    return codes


def _ticks(fact: Fact, around: Surroundings, clause: Clause | None) -> list[tuple[str, Any]]:
    if fact.choices:
        return [(choice.code, caption(choice.label)) for choice in fact.choices]
    known: list[tuple[str, Any]] = list({"gate": around.gates, "zone": around.zones}.get(fact.name, ()))
    there = {code for code, _ in known}
    return known + [(code, code) for code in (_members(fact, clause) if clause else []) if code not in there]


def _is(clause: Clause | None) -> str:
    return "not_in" if clause is not None and clause.op in NEGATED else "in"


def _members(fact: Fact, clause: Clause) -> list[str]:
    """The codes that a clause names, those of at_least and at_most written out."""
    if clause.op in ("at_least", "at_most"):
        codes = [choice.code for choice in fact.choices]
        place = codes.index(clause.value)
        return codes[place:] if clause.op == "at_least" else codes[: place + 1]
    return list(clause.value) if isinstance(clause.value, tuple | list) else [clause.value]


def _ticked(fact: Fact, negated: bool, ticked: list[str]) -> Clause:
    """The plainest clause that says the same: one tick is "is", the upper end of an order "is at least"."""
    if len(ticked) == 1:
        return Clause(fact.name, "ne" if negated else "eq", ticked[0])
    codes = [choice.code for choice in fact.choices]
    if fact.type == "level" and not negated and 1 < len(ticked) < len(codes):
        if ticked == codes[-len(ticked) :]:
            return Clause(fact.name, "at_least", ticked[0])
        if ticked == codes[: len(ticked)]:
            return Clause(fact.name, "at_most", ticked[-1])
    return Clause(fact.name, "not_in" if negated else "in", tuple(ticked))


def _same(fact: Fact, one: Clause, two: Clause) -> bool:
    return _is(one) == _is(two) and set(_members(fact, one)) == set(_members(fact, two))


def clauses(rows: Sequence[Mapping[str, Any]]) -> tuple[Clause, ...]:
    """The ``when`` of a rule document as values, lists as tuples."""
    return tuple(
        Clause(row["fact"], row["op"], tuple(row["value"]) if isinstance(row["value"], list) else row["value"])
        for row in rows
    )


def row_sent(index: int, name: str, around: Surroundings, clause: Clause | None, typed: Any) -> dict[str, Any]:
    """The fields of a row, with the places that ``typed`` holds besides those of ``clause``."""
    chosen = list(clause.value) if clause and isinstance(clause.value, tuple) else []
    if typed:
        chosen = [*chosen, *(code for code in typed.getlist(f"when_{index}_values") if code not in chosen)]
    return row_fields(index, FACTS[name], around, clause, chosen)


def rows_sent(typed: Any) -> list[int]:
    """The rows that were sent, without the one that is dropped."""
    found = [int(match[1]) for key in typed if (match := _ROW.fullmatch(key))]
    return [index for index in sorted(found) if str(index) != typed.get("drop")]
