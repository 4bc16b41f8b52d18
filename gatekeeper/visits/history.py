"""What happened in a visit, entry by entry, in words. Values about people's health are never among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gatekeeper.clock import from_micros
from gatekeeper.rules.values import Text
from gatekeeper.visits.state import Recorded

Titles = Mapping[str, Text]

KINDS: Mapping[str, Text] = {
    "arrive": Text("到达登记", "Arrived"),
    "answer": Text("查验", "Checked"),
    "admit": Text("放行进厂", "Admitted"),
    "turn_away": Text("劝返", "Turned away"),
    "override": Text("准予例外", "Overridden"),
    "leave": Text("离场", "Left"),
    "join": Text("有人加入", "Somebody joined"),
    "move": Text("换区", "Moved to another zone"),
    "correct": Text("更正", "Corrected"),
    "void": Text("作废", "Voided"),
    "note": Text("备注", "Note"),
    "photo": Text("照片", "Photo"),
    "care": Text("送暖心包", "Driver care"),
    "judge": Text("系统复核", "Judged again by the system"),
    "resolve": Text("处理待核对记录", "Dealt with what was put off"),
    "erase": Text("个人信息到期删除", "Personal data erased on time"),
    "hold": Text("依法留存", "Kept by order"),
    "reveal": Text("查看完整信息", "Looked at what is masked"),
}
CARE: Mapping[str, Text] = {
    "water": Text("饮用水", "Water"),
    "meal": Text("盒饭", "Meal"),
    "mask": Text("口罩", "Masks"),
    "kit": Text("暖心包", "Care kit"),
}
TROUBLES: Mapping[str, Text] = {
    "visit.not_arrived": Text("来访还没有登记", "the visit had not arrived"),
    "visit.arrived_already": Text("已登记过到达", "it had arrived already"),
    "visit.void": Text("来访已作废", "the visit was void"),
    "visit.closed": Text("来访已结束", "the visit was closed"),
    "visit.inside": Text("车辆已在厂内", "it was inside already"),
    "visit.not_inside": Text("车辆不在厂内", "it was not inside"),
}
"""Why an event could not be applied, by the reason code of ``state.trouble``."""

CORRECTED = {
    "plates": Text("车牌", "plate"),
    "origin": Text("从哪里来", "where from"),
    "stops": Text("途经", "stops"),
    "cargo": Text("货物", "cargo"),
    "cold_chain": Text("冷链", "cold chain"),
    "zone": Text("厂区分区", "zone"),
    "purpose": Text("事由", "purpose"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the visit's history; ``details`` in the order to be said, ``text`` what a person wrote."""

    at: datetime
    kind: Text
    by: str
    details: tuple[Text, ...]
    text: str | None
    verdict: str | None
    strange: bool


def lines(entries: Sequence[Recorded], questions: Titles, rules: Titles) -> Iterator[Line]:
    """The history, oldest first; ``questions`` and ``rules`` are titles by code."""
    before: str | None = None
    for entry in entries:
        outcome = entry.outcome
        verdict = (outcome.get("decision") or {}).get("verdict")
        yield Line(
            at=from_micros(entry.at),
            kind=KINDS.get(entry.kind, Text(entry.kind, entry.kind)),
            by=entry.by["name"],
            details=tuple(_details(entry, questions, rules)),
            text=entry.body.get("reason") or entry.body.get("text"),
            verdict=verdict if verdict != before else None,
            strange=outcome["state"] != "applied" or outcome.get("act") == "against",
        )
        before = verdict or before


def _details(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    outcome = entry.outcome
    if outcome["state"] == "attention":
        why = TROUBLES.get(outcome["reason"], Text(outcome["reason"], outcome["reason"]))
        yield Text(f"没有执行：{why.zh}，需要有人处理", f"Not carried out: {why.en}; somebody must look at it")
    if outcome["state"] == "waiting":
        yield Text("等前一步的记录到达", "Waits for the entry before it")
    if outcome.get("act") == "against":
        yield Text("与判定不符", "Against the verdict")
    if outcome.get("act") == "also":
        yield Text("别人已先放行", "Somebody had admitted it already")
    yield from SAYING.get(entry.kind, _nothing)(entry, questions, rules)


def _nothing(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    yield from ()


def _answer(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    codes = dict.fromkeys(answer["question"] for answer in entry.body.get("answers", ()))
    for code in codes:
        yield questions.get(code) or questions.get(code.rpartition(".")[0]) or Text(code, code)
    for fact in entry.body.get("facts", {}):
        if fact in CORRECTED:
            yield CORRECTED[fact]
    if entry.body.get("people"):
        yield Text("人员", "people")


def _override(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    for code in dict.fromkeys(item["rule"] for item in entry.body["findings"]):
        yield rules.get(code, Text(code, code))


def _leave(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    if entry.body.get("seen") is False:
        yield Text("没有亲眼看见", "not seen leaving")


def _correct(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    for plate in entry.body.get("plates", ()):
        written = plate.get("plate") or "—"
        yield Text(f"车牌改为 {written}", f"plate is now {written}")
    for fact in entry.body.get("facts", {}):
        if fact in CORRECTED and fact != "stops":
            yield CORRECTED[fact]


def _care(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    item = entry.body.get("item", "")
    yield CARE.get(item, Text(item, item))


def _judge(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    if entry.body.get("why") == "overdue":
        yield Text("超时未离场", "overdue")


SAYING: Mapping[str, Callable[[Recorded, Titles, Titles], Iterator[Text]]] = {
    "answer": _answer,
    "override": _override,
    "leave": _leave,
    "correct": _correct,
    "care": _care,
    "judge": _judge,
}
