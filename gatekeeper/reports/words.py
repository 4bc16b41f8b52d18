"""Words that the report's pages and sheets share. Pure."""

from __future__ import annotations

from datetime import datetime

from gatekeeper.clock import local
from gatekeeper.reports.values import Reason, VisitLine
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import CARGO, RISK_LEVELS, VERDICTS, label

STATES: dict[str, Text] = {
    "at_gate": Text("在门前", "at the gate"),
    "inside": Text("在厂内", "inside"),
    "left": Text("已离厂", "left"),
    "turned_away": Text("已劝返", "turned away"),
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


def named(names: dict[str, Text], code: str) -> Text:
    """The name of a code; the code itself where it is not known."""
    return names.get(code, Text(code, code))


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
