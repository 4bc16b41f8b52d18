"""Words that the report's pages and sheets share. Pure."""

from __future__ import annotations

from datetime import datetime

from gatekeeper.access import OPERATOR
from gatekeeper.clock import local
from gatekeeper.figures.entries import Note
from gatekeeper.figures.values import Rate
from gatekeeper.figures.words import duration
from gatekeeper.reports.values import Median, NoteLine, Reason, VisitLine
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import CARGO, RISK_LEVELS, VERDICTS, label
from gatekeeper.visits.history import CARE, TROUBLES

STATES: dict[str, Text] = {
    "at_gate": Text("在门前", "at the gate"),
    "inside": Text("在厂内", "inside"),
    "left": Text("已离厂", "left"),
    "turned_away": Text("已劝返", "turned away"),
    "void": Text("作废", "voided"),
}

FINDINGS: dict[str, Text] = {
    "met": Text("符合", "met"),
    "violated": Text("违反", "violated"),
    "missing": Text("未查", "missing"),
    "waived": Text("特批", "waived"),
}

OWNERS: dict[str, Text] = {"township": Text("镇街", "township"), "enterprise": Text("企业", "enterprise")}

ROLES: dict[str, Text] = {
    "guard": Text("门卫", "guard"),
    "shift_lead": Text("班长", "shift lead"),
    "enterprise_admin": Text("企业管理员", "enterprise admin"),
    "inspector": Text("镇街督查员", "inspector"),
    "township_admin": Text("镇街管理员", "township admin"),
    "operator": Text("平台运维", "operator"),
    "server": Text("系统", "system"),
}

NOTES: dict[str, Text] = {
    "late": Text("纸质补记", "written in from paper"),
    "sent_late": Text("迟报", "sent late"),
    "admitted_again": Text("重复放行", "admitted twice"),
    "before_list": Text("名单后到", "list came later"),
    "corrected": Text("更正", "corrected"),
    "attention": Text("待核对", "to be checked"),
    "erased": Text("个人信息删除", "erasure"),
    "care": Text("关爱司机", "driver care"),
}
"""What the book notes of a visit, by the figure that counts it."""

STEPS: dict[str, Text] = {"arrival": Text("到达至放行", "arrival"), "exit": Text("离厂", "exit")}


def named(names: dict[str, Text], code: str) -> Text:
    """The name of a code; the code itself where it is not known."""
    return names.get(code, Text(code, code))


def publisher(name: str) -> Text:
    """Who published or ordered, by name; what came with the program, by the role that put it in."""
    return ROLES["operator"] if name == OPERATOR.name else Text(name, name)


def verdict(code: str) -> Text:
    return label(VERDICTS, code)


def risk(code: str) -> Text:
    """The name of a risk level; empty where none was looked up."""
    return label(RISK_LEVELS, code) if code else Text("", "")


def cargo(code: str) -> Text:
    return label(CARGO, code) if code else Text("", "")


def clock_time(moment: datetime | None) -> str:
    """04-18 14:05 at the gate; empty for None."""
    return "" if moment is None else local(moment).strftime("%m-%d %H:%M")


def full_time(moment: datetime | None) -> str:
    """2022-04-18 14:05:09 at the gate; empty for None."""
    return "" if moment is None else local(moment).strftime("%Y-%m-%d %H:%M:%S")


def ending(line: VisitLine) -> Text:
    """How a visit ended, or where it stands."""
    ended = named(STATES, line.state)
    at = clock_time(line.closed_at)
    zh, en = (f"{at} {ended.zh}", f"{ended.en} {at}") if at else (ended.zh, ended.en)
    if line.overdue:
        zh, en = f"{zh}，超时", f"{en}, overdue"
    if line.against_verdict:
        zh, en = f"违反判定入厂；{zh}", f"entered against the verdict; {en}"
    elif line.overridden:
        zh, en = f"特批；{zh}", f"override; {en}"
    return Text(zh, en)


def reason(item: Reason) -> Text:
    """A reason with its rule and, where it is about one of several, whom."""
    who = Text(f"（{item.who.zh}）", f" ({item.who.en})") if item.who.zh else Text("", "")
    return Text(f"{item.title.zh}{who.zh}：{item.text.zh}", f"{item.title.en}{who.en}: {item.text.en}")


def care(code: str) -> Text:
    """The name of what a driver was handed."""
    return CARE.get(code, Text(code, code))


def note(line: NoteLine | Note) -> Text:
    """What there is to know of a note."""
    there = clock_time(line.when)
    if line.kind == "sent_late" and line.when is not None:
        late = duration(int((line.when - line.at).total_seconds()))
        return Text(f"{there} 才传到账本，晚 {late.zh}", f"reached the book on {there}, {late.en} later")
    if line.kind == "late":
        return Text(f"{there} 按纸质登记表补记", f"written in on {there} from a paper form")
    if line.kind == "before_list":
        return Text(f"处理时还没有收到 {there} 的名单", f"decided without the list of {there}, which was not there yet")
    if line.kind == "admitted_again":
        return Text("已放行之后，另一人又放行一次", "admitted by a second person after the first")
    if line.kind == "erased":
        return Text("个人信息（全部或部分类别）已删除", "personal values were erased, wholly or in part")
    if line.kind == "care":
        return care(line.what)
    if line.kind == "attention":
        why = TROUBLES.get(line.what, Text(line.what, line.what))
        return Text(f"没有执行：{why.zh}", f"not carried out: {why.en}")
    return Text("登记内容有更正，前后都在账本里", "an entry was corrected; both readings stand in the book")


def change(now: Rate, before: Rate) -> str:
    """+1.2 percentage points against the period before, 0.0, or a dash where one of them has no rate."""
    if now.tenths is None or before.tenths is None:
        return "—"
    points = now.tenths - before.tenths
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return f"{sign}{abs(points) // 10}.{abs(points) % 10}"


def against_median(now: Rate, median: Median | None) -> Text:
    """The township's middle and how this enterprise stands to it."""
    if median is None or now.tenths is None or median.rate.tenths is None:
        return Text("有来访的企业太少，不列镇街中位数", "too few enterprises had visits for a median of the township")
    points = change(now, median.rate)
    level = Text("持平", "the same") if points == "0.0" else Text(f"{points} 个百分点", f"{points} points")
    return Text(
        f"镇街中位数 {median.rate.percent}（{median.of} 家），本企业 {level.zh}",
        f"township median {median.rate.percent} ({median.of} enterprises); here {level.en}",
    )


def span(start: datetime, end: datetime) -> str:
    """04-18 14:00 - 14:10 at the gate; the second day is named where it is another."""
    first, last = clock_time(start), clock_time(end)
    return f"{first} – {last[6:] if first[:5] == last[:5] else last}"
