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
    return [
        (Text("做到的", "Good"), _good(report.figures)),
        (Text("没做到的", "Not good"), _bad(report.figures)),
        (Text("缺的", "Missing"), _of_the_day(report) if report.is_bulletin else _of_the_period(report.figures)),
    ]


def _good(f: TownFigures) -> Text:
    places, well = len(f.places), len(f.places) - len(attention(f))
    if not places:
        return Text("本期没有企业。", "There was no enterprise in the period.")
    if well == places:
        return Text(f"{places} 家企业都没有需要关注的情况。", f"None of the {places} enterprises needs attention.")
    if not well:
        return Text(f"{places} 家企业都有需要关注的情况。", f"Each of the {places} enterprises needs attention.")
    return Text(
        f"{places} 家企业中 {well} 家没有需要关注的情况。", f"{well} of {places} enterprises need no attention."
    )


def _bad(f: TownFigures) -> Text:
    against, overdue, troubled = f.now.against_verdict, f.now.overdue, len(attention(f))
    if not (against or overdue or troubled):
        return Text(
            "没有违反判定入厂，没有超时，没有企业合规率不到 95 %。",
            "Nothing entered against the verdict, nothing is overdue, no rate is under 95 %.",
        )
    return Text(
        f"{troubled} 家需要关注；违反判定入厂共 {against} 次，超时 {overdue} 次。",
        f"{troubled} need attention; {against} entered against the verdict, {overdue} overdue.",
    )


Lack = tuple[int, Text]
"""How many, and what."""


def _of_the_day(report: TownReport) -> Text:
    silent = sum(bool(place.silent) for place in report.figures.places)
    orders, gates = len(report.orders), len(report.unkept)
    return _lacking(
        (silent, Text(f"{silent} 家当天没有登记", f"{silent} entered nothing")),
        (orders, Text(f"{orders} 个指令没有确认齐", f"{orders} orders not acknowledged by all")),
        (gates, Text(f"{gates} 个门岗全天没有人值班", f"{gates} gates kept by nobody")),
    )


def _of_the_period(f: TownFigures) -> Text:
    silent, unreported = sum(bool(place.silent) for place in f.places), sum(not place.reported for place in f.places)
    return _lacking(
        (silent, Text(f"{silent} 家有工作日没有登记", f"{silent} with working days without an entry")),
        (unreported, Text(f"{unreported} 家没有出具本期报告", f"{unreported} without an issued report of the period")),
    )


def _lacking(*found: Lack) -> Text:
    lacks = [text for count, text in found if count]
    if not lacks:
        return Text("没有缺的。", "Nothing.")
    return Text("，".join(text.zh for text in lacks) + "。", ", ".join(text.en for text in lacks) + ".")
