"""What happened in a visit, entry by entry, in words. Values about people's health are never among them.

What a person wrote freely is shown plain to the enterprise's own people; others ask to see it. The reason of an
override is the exception: its form says that it stands in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gatekeeper.clock import MICRO, from_micros, local
from gatekeeper.rules.kinds import personal_fields
from gatekeeper.rules.values import Text
from gatekeeper.visits import admission
from gatekeeper.visits.reveal_words import CLASSES, PURPOSES
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
    "override.pin": Text("放行人的 PIN 不对", "the PIN of who overrode it was wrong"),
    "override.not_allowed": Text("这个人不能放行这条规则", "this rule was not theirs to override"),
}
"""Why an event could not be applied, by the reason code of its outcome."""

PUBLIC = ("override",)
"""Kinds of entry whose free text everybody who sees the visit reads: it stands in the report."""

APART = 5 * 60 * MICRO
"""From here on two clocks are told apart in the history."""

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
    """One entry of the visit's history; ``details`` in the order to be said.

    ``text`` is what a person wrote, None where nothing was or it is ``masked`` for this reader; ``clocks`` are the two
    times of an entry whose sender's clock and receipt lie apart.
    """

    at: datetime
    kind: Text
    by: str
    details: tuple[Text, ...]
    text: str | None
    masked: bool
    verdict: str | None
    strange: bool
    clocks: Text | None = None


def lines(entries: Sequence[Recorded], questions: Titles, rules: Titles, *, notes: bool) -> Iterator[Line]:
    """The history, oldest first; ``questions`` and ``rules`` are titles by code, ``notes``: free text is shown."""
    before: str | None = None
    first = admission.first(entries)
    for entry in entries:
        outcome = entry.outcome
        verdict = (outcome.get("decision") or {}).get("verdict")
        text = "；".join(_texts(entry)) or None
        plain = notes or entry.kind in PUBLIC
        yield Line(
            at=from_micros(entry.at),
            kind=KINDS.get(entry.kind, Text(entry.kind, entry.kind)),
            by=entry.by["name"],
            details=tuple(_details(entry, questions, rules, first)),
            text=text if plain else None,
            masked=bool(text) and not plain,
            verdict=verdict if verdict != before else None,
            strange=outcome["state"] != "applied" or outcome.get("act") == "against",
            clocks=clocks(entry),
        )
        before = verdict or before


def _texts(entry: Recorded) -> Iterator[str]:
    """What a person wrote freely, in the entry itself or in an answer."""
    for name in ("reason", "text"):
        if entry.body.get(name):
            yield entry.body[name]
    for answer in entry.body.get("answers", ()):
        classes = personal_fields(answer["kind"], answer["value"], answer.get("unit"))
        yield from (str(answer["value"][f]) for f, cls in classes.items() if cls == "note" and answer["value"].get(f))


def clocks(entry: Recorded) -> Text | None:
    """Both times where the sender's clock and the server's receipt lie more than five minutes apart, else None.

    An entry may come late from a clock that is right; a clock that was wrong when it was sent is told besides.
    """
    if entry.sent_at is None or entry.received_at is None:
        return None
    apart, wrong = abs(entry.received_at - entry.sent_at), abs(entry.offset) > APART
    if apart <= APART and not wrong:
        return None
    sent, received = local(from_micros(entry.sent_at)), local(from_micros(entry.received_at))
    shape = "%H:%M" if sent.date() == received.date() else "%m-%d %H:%M"
    gap, there, here = _length(apart), sent.strftime(shape), received.strftime(shape)
    zh, en = ("纸上时间", "time on the paper") if "late" in entry.body else ("手机时间", "device clock")
    told = Text(
        f"{zh} {there}，服务器 {here} 收到，差 {gap.zh}",
        f"{en} {there}, received by the server {here}, {gap.en} apart",
    )
    if not wrong:
        return told
    by, slow = _length(abs(entry.offset)), entry.offset > 0
    zh, en = ("慢", "behind") if slow else ("快", "ahead")
    return Text(f"{told.zh}（手机钟{zh} {by.zh}）", f"{told.en} (the device's clock was {by.en} {en})")


def _length(microseconds: int) -> Text:
    """A length of time in whole minutes, as 2 天 3 小时 5 分."""
    days, rest = divmod(microseconds // MICRO // 60, 24 * 60)
    hours, rest = divmod(rest, 60)
    parts = [(days, "天", "d"), (hours, "小时", "h"), (rest, "分", "min")]
    told = [(count, zh, en) for count, zh, en in parts if count] or [(0, "分", "min")]
    return Text(" ".join(f"{n} {zh}" for n, zh, _ in told), " ".join(f"{n} {en}" for n, _, en in told))


def _details(entry: Recorded, questions: Titles, rules: Titles, first: admission.Admitted | None) -> Iterator[Text]:
    outcome = entry.outcome
    if (late := entry.body.get("late")) is not None:
        yield _late(late)
    if outcome["state"] == "attention":
        why = TROUBLES.get(outcome["reason"], Text(outcome["reason"], outcome["reason"]))
        yield Text(f"没有执行：{why.zh}，需要有人处理", f"Not carried out: {why.en}; somebody must look at it")
    if outcome["state"] == "waiting":
        yield Text("等前一步的记录到达", "Waits for the entry before it")
    if outcome.get("act") == "against":
        yield Text("与判定不符", "Against the verdict")
    if outcome.get("act") == "also":
        yield admission.also(first)
    yield from SAYING.get(entry.kind, _nothing)(entry, questions, rules)


def _late(late: Mapping[str, Any]) -> Text:
    """From which paper form an entry was written in afterwards."""
    form, row = late["form"], late.get("row")
    zh, en = (f"第 {row} 行", f", row {row}") if row else ("", "")
    return Text(f"补记：纸质登记表 {form} {zh}".rstrip(), f"written in later from paper form {form}{en}")


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
    elif entry.body.get("why") == "rules":
        yield Text("规则、名单或预警等级有变化", "the rules, the list or the alert level changed")


def _reveal(entry: Recorded, questions: Titles, rules: Titles) -> Iterator[Text]:
    yield from (CLASSES[cls] for cls in CLASSES if cls in entry.body["classes"])
    purpose = PURPOSES.get(entry.body["purpose"], Text(entry.body["purpose"], entry.body["purpose"]))
    yield Text(f"用途：{purpose.zh}", f"for {purpose.en}")


SAYING: Mapping[str, Callable[[Recorded, Titles, Titles], Iterator[Text]]] = {
    "answer": _answer,
    "override": _override,
    "leave": _leave,
    "correct": _correct,
    "care": _care,
    "judge": _judge,
    "reveal": _reveal,
}
