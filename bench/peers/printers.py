"""The same rows as others would print them: ReportLab's table, and Chromium printing the report's own page."""

from __future__ import annotations

import io
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import SimpleDocTemplate, Table

FONT = "STSong-Light"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def reportlab_table(rows: Sequence[Sequence[str]]) -> bytes:
    """One table over pages, in a font that the reader's program must bring, since none is embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = io.BytesIO()
    table = Table([list(row) for row in rows], repeatRows=1, style=[("FONTNAME", (0, 0), (-1, -1), FONT)])
    SimpleDocTemplate(file, pagesize=A4).build([table])
    return file.getvalue()


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def chromium_print(html: str, css: str) -> tuple[int, float]:
    """(bytes, CPU seconds with all its processes) of printing the page; it knows no running heads."""
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html.replace("</head>", f"<style>{css}</style></head>"), encoding="utf-8")
        before = _children()
        command = [
            chromium() or "",
            *FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={out}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return out.stat().st_size, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
