"""What the figures say in sentences, and the series that their charts draw. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from gatekeeper.figures.in_force import RuleLine
from gatekeeper.figures.values import DayFigures, Figures, Rate, Verdicts
from gatekeeper.formats import regions
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import VISITOR_KINDS, label

DAILY = 31
WEEKLY = 186
"""Up to so many days the strip has a cell for each day, or for each week; beyond that for each month."""

FEW_DAYS = 14
"""Beyond so many cells only the first day and the first of a month name the month."""

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart: its label and the verdicts at arrival."""

    label: str
    admit: int
    hold: int
    refuse: int

    def __iter__(self) -> Iterator[str | int]:
        return iter((self.label, self.admit, self.hold, self.refuse))

    def __getitem__(self, index: int) -> str | int:
        return tuple(self)[index]


def sentences(figures: Figures) -> tuple[Text, Text, Text]:
    """What was good, what was not, what is open: one sentence each."""
    return _good(figures), _wrong(figures), _open(figures)


def _good(f: Figures) -> Text:
    if not f.visits:
        return Text(
            "本期没有来访登记。请核对日期，或向企业了解门岗是否停用。",
            "No visit was logged in this period. Check the days, or ask whether the gate was out of use.",
        )
    if not f.counted:
        return Text(
            f"本期到达 {f.visits} 次来访，都还没有办结，合规率暂无分母。",
            f"{_n(f.visits, 'visit')} arrived and none is closed yet, so there is no rate to give.",
        )
    zh = f"本期 {f.visits} 次来访，已办结或超时 {f.counted} 次，其中 {f.compliant} 次查验完整并按判定处理。"
    en = (
        f"Of {_n(f.visits, 'visit')}, {f.counted} are closed or overdue; in {f.compliant} of them everything due was "
        "asked and the verdict was followed."
    )
    return Text(zh, en)


def _wrong(f: Figures) -> Text:
    failed = f.counted - f.compliant
    if not failed:
        if not f.counted:
            return Text("没有可以评定的来访。", "There is nothing to assess yet.")
        return Text(
            "没有查验缺项，也没有不按判定处理的来访。", "Nothing due was left open, and no verdict was passed over."
        )
    causes = []
    if f.unanswered:
        causes.append(Text(f"{f.unanswered} 次有查验项未答", f"{f.unanswered} with something left unanswered"))
    if f.not_followed:
        causes.append(Text(f"{f.not_followed} 次未按判定处理", f"{f.not_followed} where the verdict was not followed"))
    zh = f"{failed} 次不合规：{'，'.join(cause.zh for cause in causes)}"
    en = f"{_n(failed, 'visit')} failed: {', '.join(cause.en for cause in causes)}"
    if f.against_verdict:
        zh += f"（违反判定入厂共 {f.against_verdict} 次，含还在厂内的）"
        en += f" ({f.against_verdict} in all entered against the verdict, those still inside included)"
    return Text(zh + "。", en + ".")


def _open(f: Figures) -> Text:
    waiting = f.at_gate + f.inside
    if not f.visits:
        return Text("没有来访，也就没有没办结的。", "Nobody came, so nothing is open.")
    if not waiting:
        return Text("本期来访均已离厂或劝返。", "Every visit of the period has left or was turned away.")
    zh = f"还有 {f.inside} 次未离厂，{f.at_gate} 次在门前" + (f"，其中 {f.overdue} 次超时。" if f.overdue else "。")
    en = f"{f.inside} still inside and {f.at_gate} at the gate" + (f", {f.overdue} overdue." if f.overdue else ".")
    return Text(zh, en)


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def against_before(now: Rate, before: Rate) -> Text:
    """The change to the period before, in tenths of a percent; a sentence where one of them has no rate."""
    if now.tenths is None or before.tenths is None:
        return Text("上一期没有可比的数", "nothing to compare with in the period before")
    difference = now.tenths - before.tenths
    points = f"{abs(difference) // 10}.{abs(difference) % 10}"
    shown = f"{before.percent}（{before.met}/{before.of}）"
    shown_en = f"{before.percent} ({before.met}/{before.of})"
    if not difference:
        return Text(f"与上一期 {shown} 持平", f"the same as {shown_en} before")
    word, word_en = ("提高", "up") if difference > 0 else ("下降", "down")
    return Text(f"比上一期 {shown} {word} {points} 个百分点", f"{word_en} {points} points from {shown_en} before")


def hour_columns(figures: Figures) -> list[Column]:
    """24 columns by the hour of arrival."""
    return [Column(str(hour), v.admit, v.hold, v.refuse) for hour, v in enumerate(figures.hours)]


@dataclass(frozen=True, slots=True)
class Span:
    """One or more days of a period, one column of its chart."""

    label: str
    first: date
    last: date
    verdicts: Verdicts
    rate: Rate


def spans(figures: Figures, lang: str) -> list[Span]:
    """A span for each day, week (by its Monday) or month, as the length of the period asks."""
    length = len(figures.days)
    if length <= DAILY:
        long = length > FEW_DAYS
        return [
            _span(str(item.day.day) if long and n and item.day.day > 1 else day_label(item.day, lang), [item])
            for n, item in enumerate(figures.days)
        ]
    if length <= WEEKLY:
        weeks = groupby(figures.days, key=lambda item: item.day.isocalendar()[:2])
        return [_span(day_label(items[0].day, lang), items) for items in (list(week) for _, week in weeks)]
    months = groupby(figures.days, key=lambda item: (item.day.year, item.day.month))
    return [_span(month_label(month, lang), list(items)) for (_, month), items in months]


def day_columns(figures: Figures, lang: str) -> list[Column]:
    """The spans of the period as the columns of a chart."""
    return [
        Column(span.label, span.verdicts.admit, span.verdicts.hold, span.verdicts.refuse)
        for span in spans(figures, lang)
    ]


def spark(
    values: Sequence[float | None], width: int, height: int, low: float | None, high: float | None
) -> tuple[str, float, float]:
    """(path, x and y of its last point) of a small line in a box; a value of None lifts the pen.

    ``low`` and ``high`` are the values at the bottom and at the top; None: the smallest and the largest there are.
    """
    known = [value for value in values if value is not None]
    floor = low if low is not None else min(known, default=0)
    span = (high if high is not None else max(known, default=1)) - floor or 1
    path, x, y, pen = [], 0.0, 0.0, "M"
    for number, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x = round(4 + (width - 8) * number / max(len(values) - 1, 1), 1)
        y = round(height - 4 - (height - 8) * (value - floor) / span, 1)
        path.append(f"{pen}{x} {y}")
        pen = "L"
    return "".join(path), x, y


def most_failed(rules: Sequence[RuleLine], lang: str, most: int = 5) -> list[tuple[str, int, str]]:
    """(title, violated and missing, shown beside the bar) of the rules that failed most."""
    ranked = sorted(rules, key=lambda rule: -(rule.figures.violated + rule.figures.missing))
    found = [(rule, rule.figures.violated + rule.figures.missing) for rule in ranked[:most]]
    return [
        (rule.title[1 if lang == "en" else 0], failed, f"{failed} / {rule.figures.rate.of}")
        for rule, failed in found
        if failed
    ]


def _span(name: str, days: list[DayFigures]) -> Span:
    verdicts = [day.verdicts for day in days]
    whole = Verdicts(sum(v.admit for v in verdicts), sum(v.hold for v in verdicts), sum(v.refuse for v in verdicts))
    rate = Rate(sum(day.compliant for day in days), sum(day.counted for day in days))
    return Span(name, days[0].day, days[-1].day, whole, rate)


def day_label(day: date, lang: str) -> str:
    """4/18, short enough to stand under a column."""
    return f"{day.month}/{day.day}" if lang == "zh" else f"{day.day}/{day.month}"


def month_label(month: int, lang: str) -> str:
    return f"{month} 月" if lang == "zh" else MONTHS[month - 1]


def day_text(day: date) -> Text:
    """2022年4月18日 / 18 Apr 2022."""
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]} {day.year}")


def period_text(first: date, last: date) -> Text:
    """The period as a reader says it; one day is named once."""
    start, end = day_text(first), day_text(last)
    if first == last:
        return start
    days = (last - first).days + 1
    return Text(f"{start.zh}至{end.zh}（{days} 天）", f"{start.en} to {end.en} ({days} days)")


def kind_name(code: str) -> Text:
    """The name of a kind of visitor."""
    return label(VISITOR_KINDS, code)


def place_name(code: str | None) -> Text:
    """A region's full name; its code where the table does not hold it, a word where none was entered."""
    if not code:
        return Text("未登记来源", "origin not entered")
    name = regions.full_name(code) or code
    return Text(name, name)


def duration(seconds: int | None) -> Text:
    """1 小时 20 分, rounded to the minute; a dash for None."""
    if seconds is None:
        return Text("—", "—")
    hours, minutes = divmod((seconds + 30) // 60, 60)
    if not hours:
        return Text(f"{minutes} 分钟", f"{minutes} min")
    return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
