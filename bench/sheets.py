"""S7 and S8: the gate log of 18,000 visits as PDF, and as XLSX of 18,000 and 180,000, each in a process of its own.

The spreadsheets are read from a database that holds ten times as many visits; the pages are drawn of as many lines.
Every plate has to be found again in the text of the PDF and in the spreadsheet, and the tenfold spreadsheet may not
take more memory. Beside it in the same run: one table of WeasyPrint and Chromium's print at a smaller size
(``peer_rows``; what they take grows at least with it and is scaled so), ReportLab's canvas with as many lines. CPU
seconds stand beside the wall's, since a machine may be busy. Planted: one row dropped from the PDF and one from the
spreadsheet must be noticed, and rows that are all held before the first is written.
usage: bench/sheets.py [visits [peer_rows]]; prints JSON objects.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

VISITS, PEER_ROWS, SEED = 18_000, 1_000, 1
REACH = {"pdf": (12.0, 300), "xlsx": (2.0, 100), "xlsx_ten": (20.0, 100)}
"""Seconds of the wall, and MB of the whole process."""
SAME_MB = 8
"""How much more the tenfold may take: what a process that has run longer has looked up."""
DAYS = 30
"""Of a book, each with as many visits."""
START = datetime(2022, 4, 1, tzinfo=UTC)


def plate(number: int) -> str:
    return f"浙{'ABCDEFGH'[number // 100_000]}{number % 100_000:05d}"


def lines(visits: int, drop: int | None = None) -> Iterator[Any]:
    """Visits as a busy gate writes them; ``drop``: without this one."""
    from gatekeeper.reports.values import Reason, VisitLine
    from gatekeeper.rules.values import Text

    rng = random.Random(SEED)
    reason = Reason(
        "township", "registered", Text("中高风险地区提前一天报备", "Registered ahead"), Text("张*", "张*"), "violated",
        Text("须提前 24 小时报备，还差 7 小时", "To be announced 24 h ahead"),
    )  # fmt: skip
    for number in range(visits):
        arrived = START + timedelta(seconds=number * 30 * 86_400 / visits)
        line = VisitLine(
            id=UUID(int=number), arrived_at=arrived, plate=plate(number), plate_class="ordinary",
            trailers=f"浙A{rng.randrange(10_000):04d}挂" if number % 3 else "", kind="truck", people=1 + number % 2,
            names=("张*", "欧阳*")[: 1 + number % 2], origin=rng.choice(("广东省茂名市电白区", "浙江省嘉兴市海盐县")),
            risk_level=rng.choice(("high", "low", "")), cargo="coal", gate="1号门", guard="王师傅",
            arrival_verdict="hold", verdict="hold", state="left", admitted_at=arrived + timedelta(minutes=4),
            closed_at=arrived + timedelta(minutes=50), decided_by="王师傅", compliant=True, overdue=False,
            against_verdict=False, overridden=False, corrected=False, reasons=(reason,) if number % 20 == 0 else (),
        )  # fmt: skip
        if number != drop:
            yield line


def pdf(visits: int, drop: int | None = None) -> bytes:
    from gatekeeper.figures.service import Tally
    from gatekeeper.figures.values import Rate
    from gatekeeper.reports import pdf as renderer
    from gatekeeper.reports.values import Details, Issuer, Report

    figures = replace(Tally(date(2022, 4, 1), date(2022, 4, 30)).figures(voided=0), visits=visits)
    report = Report(
        number="SHUINI-20220401-20220430-90000", issuer=Issuer("shuini", "青溪水泥厂", "factory", "青溪镇", True),
        first=figures.first, last=figures.last, seq=90_000, book_hash="0" * 64, made_at=START, figures=figures,
        before=Rate(1, 2), rules=(), books=(), packs=(), lists=(), details=Details((), (), (), (), (), ()),
    )  # fmt: skip
    return renderer.render(report, log=lines(visits, drop))


def xlsx(visits: int, book: Any, whole: int, drop: int | None = None, hold: bool = False) -> Path:
    """A file with the first ``visits`` of the ``whole`` in a book, at least those of a day; ``hold``: all rows at once.

    ``book``: the address of the database, the enterprise, the first day.
    """
    from gatekeeper import tenancy
    from gatekeeper.db import connect
    from gatekeeper.reports import columns, log, sheets
    from gatekeeper.visits.queries import LogFilter

    days = max(1, visits * DAYS // whole)
    address, place, first = book
    engines, wanted = connect(address), LogFilter(first, first + timedelta(days=days - 1))
    with (
        tenancy.open_session(engines, tenancy.Enterprise(place)) as session,
        tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file,
    ):
        found = log.lines(session, enterprise_id=place, wanted=wanted)
        kept = (line for number, line in enumerate(found) if number != drop)
        rows = list(kept) if hold else kept
        head = [("企业", "青溪水泥厂")]
        sheets.log_to_xlsx(head, rows, file, lang="zh", columns=columns.COLUMNS, author="青溪水泥厂")
        return Path(file.name)


def table(rows: int) -> str:
    """The log as anyone would write it: one table."""
    cells = (
        (f"{line.arrived_at:%m-%d %H:%M}", line.plate, line.trailers, line.origin, line.risk_level,
         " ".join(line.names), line.arrival_verdict, f"{line.admitted_at:%H:%M}", f"{line.closed_at:%H:%M}", line.state)
        for line in lines(rows)
    )  # fmt: skip
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells)
    return f"<meta charset=utf-8><table>{body}</table>"


def weasyprint_table(rows: int) -> bytes:
    from weasyprint import HTML

    made: bytes = HTML(string=table(rows)).write_pdf()
    return made


def reportlab_lines(rows: int) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out)
    for number, line in enumerate(lines(rows)):
        if number % 40 == 0:
            if number:
                canvas.showPage()
            canvas.setFont("STSong-Light", 8)
        cells = (f"{line.arrived_at:%m-%d %H:%M}", line.plate, line.trailers, line.origin, *line.names, line.state)
        canvas.drawString(50, 780 - 16 * (number % 40), " ".join(cells))
    canvas.save()
    return out.getvalue()


def chromium_print(rows: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder, "log.html"), Path(folder, "log.pdf")
        page.write_text(table(rows), encoding="utf-8")
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={out}", f"file://{page}"]
        subprocess.run(words, check=True, capture_output=True, timeout=100)
        return out.read_bytes()


def measured(work: Callable[..., bytes | Path], *arguments: Any) -> tuple[dict[str, Any], bytes]:
    """(wall and CPU seconds, MB at most, in a process that did nothing else; what was made)."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_measure, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    told: tuple[dict[str, Any], bytes] = ours.recv()
    process.join()
    return told


def _measure(pipe: Any, work: Callable[..., bytes | Path], arguments: tuple[Any, ...]) -> None:
    taken(work(10, *arguments[1:]))  # what is imported and found once a process
    base = _peak()
    started, before = time.monotonic(), _cpu()
    made = work(*arguments)
    numbers = {"wall_s": round(time.monotonic() - started, 2), "cpu_s": round(_cpu() - before, 2), "peak_mb": _peak()}
    data = taken(made)
    pipe.send(({**numbers, "of_it_before_mb": base, "bytes": len(data)}, data))


def taken(made: bytes | Path) -> bytes:
    """What was made; a file goes with it."""
    if isinstance(made, bytes):
        return made
    data = made.read_bytes()
    made.unlink()
    return data


def _peak() -> int:
    """MB at most so far, as the kernel tells it of this process alone: what a child used begins with its parent's."""
    (told,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(told) // 1024


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def missing(data: bytes, visits: int) -> int:
    """How many plates are not found again in a PDF or a spreadsheet."""
    if data.startswith(b"%PDF"):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(data)
            file.flush()
            asked = ["pdftotext", "-layout", file.name, "-"]
            text = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            text = parts.read("xl/worksheets/sheet2.xml").decode()
    found = set(re.findall(r"浙[A-H]\d{5}(?!\d)", text))
    return sum(plate(number) not in found for number in range(visits))


@contextmanager
def books(visits: int) -> Iterator[Any]:
    """A database with so many visits, on SQLite."""
    from bench.loading.book import filled  # here, so that a measured process does not hold all of the program
    from tests.conftest import Databases

    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'gate.db'}"
        yield filled(Databases(address, address, address), Path(folder), visits, DAYS, plate)


def told(name: str, size: int, work: Callable[..., bytes | Path], *arguments: Any) -> dict[str, Any]:
    """What one file took, and whether that reaches."""
    numbers, data = measured(work, size, *arguments)
    seconds, most = REACH[name]
    lost = missing(data, size)
    numbers |= {"visits": size, "plates_missing": lost, "reach_s": seconds, "reach_mb": most}
    numbers["reached"] = lost == 0 and numbers["wall_s"] <= seconds and numbers["peak_mb"] <= most
    return numbers


def beside(visits: int, peer_rows: int) -> dict[str, Any]:
    peers = {}
    for work, rows in ((weasyprint_table, peer_rows), (chromium_print, peer_rows), (reportlab_lines, visits)):
        numbers, _ = measured(work, rows)
        scaled = round(numbers["cpu_s"] * visits / rows, 1)
        peers[work.__name__] = {**numbers, "rows": rows, "cpu_s_scaled_to_visits": scaled}
    return peers


def main(visits: int = VISITS, peer_rows: int = PEER_ROWS) -> int:
    """1 when a figure does not reach, a plate is missing, or a planted fault was not noticed."""
    whole = visits * 10
    results = {"pdf": told("pdf", visits, pdf)}
    dropped = {"pdf": missing(measured(pdf, visits, visits // 2)[1], visits) == 1}
    with books(whole) as book:
        results["xlsx"] = told("xlsx", visits, xlsx, book, whole)
        results["xlsx_ten"] = told("xlsx_ten", whole, xlsx, book, whole)
        dropped["xlsx"] = missing(measured(xlsx, visits, book, whole, visits // 2)[1], visits) == 1
        held = measured(xlsx, whole, book, whole, None, True)[0]["peak_mb"]
    flat = results["xlsx_ten"]["peak_mb"] - results["xlsx"]["peak_mb"]
    peers = beside(visits, peer_rows)
    shown = {
        "experiment": "S7 and S8 gate log", "seed": SEED, **results, "xlsx_ten_takes_more_mb": flat, "peers": peers,
        "planted_dropped_row_noticed": dropped, "planted_rows_held_mb": held,
        "planted_rows_held_noticed": held - results["xlsx"]["peak_mb"] > SAME_MB,
        "pdf_to_weasyprint_table_scaled": round(
            results["pdf"]["cpu_s"] / peers["weasyprint_table"]["cpu_s_scaled_to_visits"], 3
        ),
    }  # fmt: skip
    shown["pass"] = (
        all(each["reached"] for each in results.values())
        and flat <= SAME_MB
        and all(dropped.values())
        and shown["planted_rows_held_noticed"]
    )
    print(json.dumps(shown, ensure_ascii=False))
    return 0 if shown["pass"] else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
