"""The rulebooks of the demo, put together from the packs as an admin would."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from gatekeeper.rules import packs

Document = dict[str, Any]
ZONES: dict[str, tuple[tuple[str, str], ...]] = {
    "cement": (
        ("silo", "散装库区"),
        ("bagging", "袋装车间"),
        ("raw", "原料堆场"),
        ("fuel", "煤棚"),
        ("store", "备件仓库"),
    ),
    "hardware": (("A", "卸货区"), ("B", "成品仓")),
    "textile": (("A", "坯布仓"), ("B", "染料库"), ("C", "成品仓")),
    "small": (("A", "收发区"),),
}


NOT_PLAYED = ("escorted", "dwell_bulk", "leave_gate", "closed_loop")
"""Rules of the packs that these gates do without: the days of the demo are told without them."""


def _rules(code: str, *only: str) -> list[Document]:
    rules = [rule for rule in packs.load(code)["rules"] if rule["code"] not in NOT_PLAYED]
    return [rule for rule in rules if not only or rule["code"] in only]


def _book(zh: str, en: str, rules: Iterable[Document]) -> Document:
    return {"schema": "gate-rulebook/1", "title": {"zh": zh, "en": en}, "rules": list(rules)}


def _changed(rule: Document, *, consequence: str | None = None, everyone: bool = False, **params: Any) -> Document:
    """A rule of a pack with other parameters; ``everyone``: for every truck instead of those from risk areas."""
    made = deepcopy(rule)
    made["params"].update(params)
    if consequence:
        made["consequence"] = consequence
    if everyone:
        made["when"] = [{"fact": "visitor_kind", "op": "eq", "value": "truck"}]
    return made


def township() -> Document:
    """What the township asks of every gate: the epidemic pack."""
    return _book("青溪镇防疫规定", "Epidemic rules of Qingxi", _rules("epidemic_2022"))


def of_kind(kind: str, *, gate_id: str) -> Document:
    """The rulebook of one kind of factory of the demo."""
    if kind == "cement":
        return _cement(gate_id)
    if kind == "hardware":
        return _book("五金厂小门规则", "Gate rules of the hardware factory", _goods("wujin"))
    if kind == "textile":
        return _book("纺织厂小门规则", "Gate rules of the textile factory", _goods("fangzhi"))
    return _book("小门规则", "Gate rules", _rules("visitor_basic"))


def _cement(gate_id: str) -> Document:
    rules = _rules("cement_logistics")
    entrance = _changed(rules[0], gates=[gate_id], gate_kinds=[])
    return _book("水泥厂小门规则", "Gate rules of the cement plant", [entrance, *rules[1:]])


def _goods(slug: str) -> list[Document]:
    """Protective clothing, stay in cab, temperature and document handoff for every truck, and visitors on foot."""
    epidemic = {rule["code"]: rule for rule in _rules("epidemic_2022")}
    dwell = next(rule for rule in _rules("cement_logistics", "dwell"))
    stricter = _changed(epidemic["temperature"], max=372 if slug == "fangzhi" else 373)
    return [
        {**stricter, "code": "temperature_own"},
        {**_changed(epidemic["disinfect_vehicle"], everyone=True, contact_minutes=0), "code": "disinfect_own"},
        {**_changed(epidemic["stay_in_cab_inside"], everyone=True), "code": "stay_in_cab_own"},
        {**_changed(epidemic["handoff"], everyone=True), "code": "handoff_own"},
        _changed(dwell, minutes=240),
        *_rules("visitor_basic"),
    ]
