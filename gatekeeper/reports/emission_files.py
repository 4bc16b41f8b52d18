"""The emission ledger as PDF and as spreadsheet: the same numbers and the same columns in both."""

from __future__ import annotations

from typing import BinaryIO

from gatekeeper.access import Actor
from gatekeeper.figures.words import period_text
from gatekeeper.reports import about, pdf, words
from gatekeeper.reports.columns import Say, moment, said_in
from gatekeeper.reports.emission_values import ASKED, LIMIT, OPTIONS, EmissionLedger, Vehicle, tonnes
from gatekeeper.reports.workbook import Cell, Workbook
from gatekeeper.rules.values import Text

ON_PAPER = 400
"""Trucks listed on paper; the spreadsheet holds all."""
GONE = Text("已删除", "erased")
COLUMNS: tuple[tuple[Text, int], ...] = (
    (Text("车牌", "Plate"), 12), (Text("号牌颜色", "Plate colour"), 10), (Text("车架号", "VIN"), 20),
    (Text("发动机号", "Engine no."), 14), (Text("注册日期", "Reg. date"), 12), (Text("燃料", "Fuel"), 10),
    (Text("排放阶段", "Stage"), 10), (Text("使用性质", "Use"), 10), (Text("车队", "Fleet"), 16),
    (Text("货物", "Cargo"), 10), (Text("吨", "Tonnes"), 9), (Text("进厂", "In"), 19), (Text("出厂", "Out"), 19),
    (Text("车身照片", "Body photo"), 9), (Text("车牌照片", "Plate photo"), 9),
    (Text("货单照片", "Cargo list photo"), 9), (Text("低于要求", "Below"), 9),
)  # fmt: skip


def answer(vehicle: Vehicle, index: int, say: Say) -> str:
    """The answer to a question of ``ASKED`` in words."""
    given = vehicle.told[index]
    if given is None:
        return say(GONE)
    return say(OPTIONS.get(ASKED[index], {}).get(given, Text(given, given)))


def photo(given: str | None, say: Say) -> str:
    """Whether a picture is there."""
    return say(GONE) if given is None else say(Text("有", "yes") if given else Text("无", "no"))


def below(vehicle: Vehicle, say: Say) -> str:
    if not vehicle.below:
        return ""
    return say(Text("是，特批", "yes, override") if vehicle.waived else Text("是", "yes"))


def plate(vehicle: Vehicle, say: Say) -> str:
    return say(GONE) if vehicle.plate is None else vehicle.plate or say(Text("无牌", "no plate"))


def row(vehicle: Vehicle, say: Say) -> list[Cell]:
    """One truck in the order of ``COLUMNS``."""
    return [
        plate(vehicle, say),
        *(answer(vehicle, index, say) for index in range(len(ASKED))),
        say(words.cargo(vehicle.cargo)),
        "" if vehicle.kg is None else tonnes(vehicle.kg),
        moment(vehicle.entered_at),
        moment(vehicle.left_at),
        *(photo(given, say) for given in vehicle.photos),
        below(vehicle, say),
    ]


def summary(made: EmissionLedger, say: Say) -> list[tuple[str, str]]:
    """What the ledger comes to, line by line."""
    clean = made.clean
    reached = {
        True: Text("达到", "reached"),
        False: Text("未达到", "not reached"),
        None: Text("没有称重", "no load weighed"),
    }
    named = [
        (Text("编号", "No."), made.number),
        (Text("企业", "Enterprise"), made.issuer.name),
        (Text("镇街", "Township"), made.issuer.township),
        (Text("期间", "Period"), say(period_text(made.first, made.last))),
        (Text("货车（辆次）", "Trucks"), str(len(made.vehicles))),
        (Text("清洁运输比例", "Clean transport"), clean.percent),
        (Text("清洁运输吨数", "Tonnes carried clean"), tonnes(clean.met)),
        (Text("称重总吨数", "Tonnes weighed"), tonnes(clean.of)),
        (Text(f"目标 {LIMIT} %", f"Aim: {LIMIT} %"), say(reached[made.reached])),
        (Text("载货未称重（辆次）", "Loaded, not weighed"), str(made.unweighed)),
        (Text("低于要求的排放阶段（辆次）", "Below the required stage"), str(len(made.below))),
        (Text("制表", "Made"), words.full_time(made.made_at)),
        (Text("账本条数", "Entries in the book"), str(made.seq)),
    ]
    if made.issuer.demo:
        named.append((Text("演示", "Demo"), say(Text("全部虚构", "everything invented"))))
    return [(say(name), value) for name, value in named]


def to_xlsx(made: EmissionLedger, file: BinaryIO, *, lang: str = "zh", by: Actor | None = None) -> None:
    """Three sheets: what it comes to and who asked (``by``; None: the command line), every truck, those below."""
    say = said_in(lang)
    book = Workbook(file, title=made.number, author=made.issuer.name)
    columns = [(say(name), width) for name, width in COLUMNS]
    told = [*summary(made, say), (say(Text("下载人", "Asked by")), about.person(by, say))]
    book.add(say(Text("概要", "Summary")), [(made.number, 28), ("", 40)], told)
    book.add(say(Text("车辆台账", "Vehicles")), columns, (row(each, say) for each in made.vehicles))
    book.add(say(Text("低于要求", "Below the stage")), columns, (row(each, say) for each in made.below))
    book.close()


def to_pdf(made: EmissionLedger, *, lang: str = "zh") -> bytes:
    """The ledger on A4 across; at most ``ON_PAPER`` trucks, and it says how many more there are."""
    say = said_in(lang)

    def shown(cell: Cell) -> str:
        return cell if isinstance(cell, str) else f"{cell:%m-%d %H:%M}"

    def rows(vehicles: tuple[Vehicle, ...]) -> list[list[str]]:
        return [[shown(cell) for cell in row(each, say)] for each in vehicles[:ON_PAPER]]

    page = pdf.page(
        "reports/emission.html",
        lang=lang,
        made=made,
        columns=[say(name) for name, _ in COLUMNS],
        rows=rows(made.vehicles),
        below=rows(made.below),
        left_out=max(0, len(made.vehicles) - ON_PAPER),
        limit=LIMIT,
        tonnes=tonnes,
    )
    return pdf.to_pdf(page)
