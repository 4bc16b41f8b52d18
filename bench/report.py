"""S6: CPU seconds of a summary PDF (20 rules, 50 exceptions, two charts), beside others in the same run.

Reach: at most 1 s of CPU after import, on a machine that does nothing else: a busy one takes half as long again, the
plain table too, so read the ratio first. Beside it: WeasyPrint with one table of as many rows and no style, ReportLab
with the same rows, Chromium printing the report's own page (all its processes; it starts each time). Planted fault:
ten more pages; a stopwatch that cannot tell measures nothing.
"""

from __future__ import annotations

import gc
import io
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pypdf import PdfReader
from weasyprint import HTML

from bench.peers import printers
from gatekeeper.config import ROOT
from gatekeeper.figures.entries import Entries
from gatekeeper.figures.in_force import BookUsed, ListUsed, RuleLine
from gatekeeper.figures.manning import GateHours
from gatekeeper.figures.values import DayFigures, Dwell, Figures, Origin, Rate, RuleFigures, Verdicts
from gatekeeper.ledger.witness import Checkpoint, Proof
from gatekeeper.reports import pdf, words
from gatekeeper.reports.values import (
    Details,
    Drawn,
    Issuer,
    Median,
    NoteLine,
    Reason,
    Report,
    Sample,
    VisitLine,
    Window,
)
from gatekeeper.rules.values import Text

SEED, RULES, EXCEPTIONS, RUNS, REACH = 1, 20, 50, 5, 1.0
START = datetime(2022, 4, 1, tzinfo=UTC)
STATEMENT = json.dumps({"v": 1, "n": 7, "at": 1_650_247_200_000_000, "books": 1, "root": "ab" * 32, "prev": "0" * 64})
CHECKPOINT = Checkpoint(STATEMENT, "ef" * 64, "12" * 32, None, Proof(str(UUID(int=1)), 90_000, "cd" * 32, 0, ()))


def line(rng: random.Random, number: int) -> VisitLine:
    """One exception as a busy gate writes it."""
    arrived = START + timedelta(minutes=number * 41)
    reason = Reason(
        "township", "registered", Text("中高风险地区提前一天报备", "Registered ahead"), Text("张*", "张*"), "violated",
        Text(f"须提前 24 小时报备，还差 {rng.randrange(1, 20)} 小时", "To be announced 24 h ahead"),
    )  # fmt: skip
    return VisitLine(
        id=UUID(int=number), arrived_at=arrived, plate=f"浙A{rng.randrange(10**5):05d}", plate_class="ordinary",
        trailers="", kind="truck", people=1, names=("张*",), origin="广东省茂名市电白区", risk_level="high",
        cargo="coal", gate="1号门", guard="王师傅", arrival_verdict="hold", verdict="hold", state="turned_away",
        admitted_at=None, closed_at=arrived + timedelta(minutes=9), decided_by="王师傅", compliant=True, overdue=False,
        against_verdict=False, overridden=False, corrected=False, reasons=(reason,),
    )  # fmt: skip


def report(exceptions: int) -> Report:
    """A month of 18,000 visits."""
    rng = random.Random(SEED)
    lines = tuple(line(rng, number) for number in range(exceptions))
    rules = tuple(
        RuleFigures("township" if n % 2 else "enterprise", f"rule{n}", 17_000 + n, 100 - n, n, 1) for n in range(RULES)
    )
    days = tuple(DayFigures(date(2022, 4, n + 1), Verdicts(560, 30, 10), 590, 600) for n in range(30))
    figures = Figures(
        first=days[0].day, last=days[-1].day, visits=18_000, voided=12, people=20_000, by_kind=(("truck", 18_000),),
        verdicts=Verdicts(16_800, 900, 300), admitted=17_000, turned_away=1_000, at_gate=0, inside=3, overdue=1,
        counted=17_997, compliant=17_700, unanswered=200, not_followed=97, against_verdict=40, overridden=60,
        corrected=15, late=1, attention=2, rules=rules, origins=(Origin("440000", 20, 30), Origin("220000", 5, 9)),
        hours=tuple(Verdicts(700, 38, 12) for _ in range(24)), days=days, dwell=Dwell(17_000, 3_500, 5_200, 44),
        township_versions=(), enterprise_versions=(), switches=(), risk_lists=(),
    )  # fmt: skip
    return Report(
        number="SHUINI-20220401-20220430-90000", issuer=Issuer("shuini", "青溪水泥厂", "factory", "青溪镇", True),
        first=days[0].day, last=days[-1].day, seq=90_000, book_hash="0" * 64, made_at=START, figures=figures,
        before=Rate(17_000, 17_500),
        rules=tuple(
            RuleLine(Text(f"第 {n} 条：车辆消杀并核对单据", f"Rule {n}"), Text("", ""), rule)
            for n, rule in enumerate(rules)
        ),
        books=(BookUsed("township", 1, Text("镇街规定", "Township rules"), START, "镇街管理员", "0" * 64, 18_000),),
        packs=(), lists=(ListUsed("0" * 64, START, 9, 160, 0, 18_000),),
        details=Details(lines, (), lines[:3], lines[:8], lines[:5], lines[:2], notes(exceptions // 5)),
        checkpoint=CHECKPOINT, entries=Entries(4, 1, 2, 9, 30, (("water", 310), ("meal", 44))),
        unmanned=(GateHours("1号门", 7_200, 2_592_000),),
        people_by_kind=(("truck", 20_000),), rules_before=rules[: RULES // 2], median=Median(Rate(970, 1000), 12),
        sample=Sample("gate-sample/1\nshuini\n2022-04-01\n2022-04-30\n" + "ab" * 32 + "\n", 18_000, drawn()),
    )  # fmt: skip


def notes(count: int) -> tuple[NoteLine, ...]:
    """Corrections, as many as a busy month has."""
    times = (START + timedelta(hours=n) for n in range(count))
    return tuple(NoteLine("corrected", at, "浙A00001", at, "王师傅", "", None) for at in times)


def drawn() -> tuple[Drawn, ...]:
    """A whole sample."""
    window = Window("arrival", START, START + timedelta(minutes=14)), Window("exit", START, START)
    return tuple(Drawn(UUID(int=n), "0" * 64, START, f"浙A{n:05d}", "1号门", "left", window) for n in range(10))


def plain_table() -> bytes:
    """One table of as many rows, as anyone would write it."""
    rows = "".join(
        f"<tr><td>{n}</td><td>浙A{n:05d}</td><td>没有报备</td><td>已劝返</td></tr>" for n in range(EXCEPTIONS)
    )
    made: bytes = HTML(string=f"<meta charset=utf-8><table>{rows}</table>").write_pdf()
    return made


def chromium(summary: Report) -> float | None:
    """CPU seconds of Chromium's print of the same page, None where there is none."""
    if printers.chromium() is None:
        return None
    css = (ROOT / "static" / "css" / "report.css").read_text(encoding="utf-8")
    html = pdf.document(summary)
    return round(median(printers.chromium_print(html, css)[1] for _ in range(3)), 3)


def seconds(work: Callable[[], bytes]) -> list[float]:
    """CPU seconds of each run."""
    return [taken for taken, _ in runs(work)]


def runs(work: Callable[[], bytes]) -> list[tuple[float, float]]:
    """CPU seconds of each run, and of collecting what it left behind."""
    taken = []
    gc.collect()
    gc.freeze()
    for _ in range(RUNS):
        before = time.process_time()
        work()
        made = time.process_time()
        gc.collect()
        taken.append((made - before, time.process_time() - made))
    gc.unfreeze()
    return taken


def main() -> int:
    summary = report(EXCEPTIONS)
    plain_table()  # fonts are found once a process
    first = time.process_time()
    made = pdf.render(summary)
    first = time.process_time() - first
    both, plain = runs(lambda: pdf.render(summary)), seconds(plain_table)
    taken, left = zip(*both, strict=True)
    html = seconds(lambda: pdf.document(summary).encode())
    rows = [[words.clock_time(line.arrived_at), line.plate, "没有报备"] for line in summary.details.exceptions]
    reportlab = seconds(lambda: printers.reportlab_table([["到达", "车牌", "原因"], *rows]))
    slow = median(seconds(lambda: pdf.render(summary, log=summary.details.exceptions * 8)))
    result = {
        "experiment": "S6 summary PDF",
        "rules": RULES,
        "exceptions": EXCEPTIONS,
        "seed": SEED,
        "runs": RUNS,
        "first_cpu_s": round(first, 3),
        "median_cpu_s": round(median(taken), 3),
        "worst_cpu_s": round(max(taken), 3),
        "collecting_its_garbage_cpu_s": round(median(left), 3),
        "of_it_template_cpu_s": round(median(html), 3),
        "plain_table_cpu_s": round(median(plain), 3),
        "ratio_to_plain_table": round(median(taken) / median(plain), 2),
        "reportlab_table_cpu_s": round(median(reportlab), 3),
        "chromium_cpu_s": chromium(summary),
        "pages": len(PdfReader(io.BytesIO(made)).pages),
        "bytes": len(made),
        "reach_cpu_s": REACH,
        "reached": median(taken) <= REACH,
        "planted_fault_cpu_s": round(slow, 3),
        "planted_fault_caught": slow > median(taken) * 1.2,
    }
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["planted_fault_caught"] and result["reached"] else 1


if __name__ == "__main__":
    sys.exit(main())
