"""What a township's report says in sentences: how the period was, and why an enterprise needs attention. Pure."""

from __future__ import annotations

from gatekeeper.figures.values import ATTENTION_BELOW
from gatekeeper.reports.town_values import PlaceFigures, TownFigures, TownReport
from gatekeeper.rules.values import Text

SIZES = {"large": Text("大型", "large"), "medium": Text("中型", "medium"), "small": Text("小型", "small")}

Why = tuple[PlaceFigures, list[Text]]


def attention(figures: TownFigures) -> list[Why]:
    """(enterprise, why) of those that need attention, as on the board or for want of entries; most reasons first."""
    found = [(place, why(place)) for place in figures.places]
    ranked = [each for each in found if each[1]]
    return sorted(ranked, key=lambda each: (-each[0].now.against_verdict, -each[0].now.overdue, each[0].name))


def why(place: PlaceFigures) -> list[Text]:
    """Entered against the verdict, overdue, a rate under 95 %, working days without an entry."""
    said, now = [], place.now
    if now.against_verdict:
        said.append(
            Text(f"违反判定入厂 {now.against_verdict} 次", f"{now.against_verdict} entered against the verdict")
        )
    if now.overdue:
        said.append(Text(f"超时 {now.overdue} 次", f"{now.overdue} overdue"))
    if now.compliance.tenths is not None and now.compliance.tenths < ATTENTION_BELOW:
        said.append(Text("合规率不到 95 %", "compliance under 95 %"))
    if place.silent:
        days = len(place.silent)
        english = f"no entry on {days} working day{'' if days == 1 else 's'}"
        said.append(Text(f"{days} 个工作日没有登记", english))
    return said


def told(report: TownReport) -> list[tuple[Text, Text]]:
    """Three sentences: who did well, who did not, what is missing."""
    f, troubled = report.figures, len(attention(report.figures))
    places, silent = len(f.places), sum(bool(place.silent) for place in f.places)
    unreported = sum(not place.reported for place in f.places)
    good, bad, gone = Text("做到的", "Good"), Text("没做到的", "Not good"), Text("缺的", "Missing")
    well = Text(
        f"{places} 家企业中 {places - troubled} 家没有要关注的情况。",
        f"{places - troubled} of {places} enterprises need no attention.",
    )
    wrong = Text(
        f"{troubled} 家需要关注；违反判定入厂共 {f.now.against_verdict} 次，超时 {f.now.overdue} 次。",
        f"{troubled} need attention; {f.now.against_verdict} entered against the verdict, {f.now.overdue} overdue.",
    )
    if report.is_bulletin:
        lacking = Text(
            f"{silent} 家当天没有登记，{len(report.orders)} 个指令没有确认齐，"
            f"{len(report.unkept)} 个门岗全天没有人值班。",
            f"{silent} entered nothing, {len(report.orders)} orders are not acknowledged by all, "
            f"{len(report.unkept)} gates were kept by nobody.",
        )
    else:
        lacking = Text(
            f"{silent} 家有工作日没有登记，{unreported} 家没有出具本期报告。",
            f"{silent} have working days without an entry, {unreported} issued no report of the period.",
        )
    return [(good, well), (bad, wrong), (gone, lacking)]
