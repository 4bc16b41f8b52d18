"""The report as PDF. The only module that knows WeasyPrint; it fetches nothing: fonts come from the system."""

from __future__ import annotations

import gc
import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from gatekeeper.config import ROOT
from gatekeeper.figures import words as figure_words
from gatekeeper.formats import characters
from gatekeeper.reports import glyphs, words
from gatekeeper.reports.values import Report, VisitLine
from gatekeeper.rules.values import Text

LIST_ROWS = 100
"""Rows of a list on paper; the sheets hold every visit."""

ROWS_PER_PAGE = 40
"""Rows of the gate log on one page: a fixed number a page is twice as fast to lay out as a running list."""

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
DIRECTING = re.compile(f"[{''.join(sorted(characters.BIDI))}]")
"""Marks that turn the order of what stands around them."""


class Forbidden(FatalURLFetchingError):
    """Something in a report asked for a file or an address: the report is not made."""


class Nothing(URLFetcher):
    """Serves what it was given and refuses everything else, whatever the address."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols=[])
        self.files = dict(files or {})

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url not in self.files:
            raise Forbidden(f"a report fetches nothing: {url[:80]}")
        return URLFetcherResponse(url, self.files[url])


def render(report: Report, *, lang: str = "zh", log: Iterable[VisitLine] | None = None) -> bytes:
    """The PDF of a report in ``zh`` or ``en``; ``log`` (every visit) is appended as the gate log.

    Raises ``Forbidden`` if anything in it points outside.
    """
    return to_pdf(document(report, lang=lang, log=log), _attached(report))


def document(report: Report, *, lang: str = "zh", log: Iterable[VisitLine] | None = None) -> str:
    """The HTML that is laid out; no address in it leads anywhere, and every character in it has a glyph."""
    pages = [] if log is None else _log_pages(log, lang)
    page = _environment(lang).get_template("reports/report.html")
    given = {"report": report, "f": report.figures, "pages": pages, "limit": LIST_ROWS}
    made = page.render(**given, missing=())
    if gaps := glyphs.missing(made):
        made = glyphs.spelled(page.render(**given, missing=[glyphs.point(gap) for gap in gaps]), gaps)
    return made


def page(template: str, *, lang: str, **values: Any) -> str:
    """The HTML of another document in the words and the style of reports."""
    return _environment(lang).get_template(template).render(**values)


def _attached(report: Report) -> list[Attachment]:
    """The checkpoint as a file inside the report: each copy handed out is a witness of the book."""
    if report.checkpoint is None:
        return []
    text = json.dumps(report.checkpoint.to_data(), indent=1)
    made = report.made_at
    return [
        Attachment(
            string=text, name="checkpoint.json", created=made, modified=made, relationship="Data", url_fetcher=Nothing()
        )
    ]


def to_pdf(html: str, attachments: Sequence[Attachment] = ()) -> bytes:
    """Lay out; nothing is fetched, the style is this program's own.

    What the process already holds is kept from the collector meanwhile: the boxes of a page set it off again and again,
    and each walk over everything else is a sixth of the whole time.
    """
    gc.freeze()
    try:
        return _laid_out(html, attachments)
    finally:
        gc.unfreeze()


def _laid_out(html: str, attachments: Sequence[Attachment]) -> bytes:
    fonts, style = _style()
    made = HTML(string=html, base_url="report:", url_fetcher=Nothing())
    pdf: bytes = made.write_pdf(stylesheets=[style], font_config=fonts, attachments=list(attachments))
    return pdf


_of_thread = threading.local()


def _style() -> tuple[FontConfiguration, CSS]:
    """The fonts and the style, read once a thread: they are not made to be shared between threads."""
    if not hasattr(_of_thread, "style"):
        fonts = FontConfiguration()
        text = (ROOT / "static" / "css" / "report.css").read_text(encoding="utf-8")
        _of_thread.style = fonts, CSS(string=text, font_config=fonts, url_fetcher=Nothing())
    return _of_thread.style  # type: ignore[no-any-return]


@cache
def _environment(lang: str) -> Environment:
    """Templates of one language; apart from the screens', since a command has no request."""

    def t(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    def say(text: Text | Mapping[str, str]) -> str:
        return text[lang] if isinstance(text, Mapping) else t(text[0], text[1])

    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_printable,
    )
    environment.globals.update(t=t, say=say, language=lambda: lang, words=words, figure_words=figure_words)
    return environment


def _printable(value: Any) -> Any:
    """Text without control characters and lone surrogates, which no PDF can hold, and without direction marks."""
    if not isinstance(value, str) or not (UNPRINTABLE.search(value) or DIRECTING.search(value)):
        return value
    return UNPRINTABLE.sub("\ufffd", DIRECTING.sub("", value))


LOG_COLUMNS: tuple[tuple[Text, int], ...] = (
    (Text("到达", "arrived"), 12),
    (Text("车牌", "plate"), 12),
    (Text("挂车", "trailers"), 11),
    (Text("来源地", "origin"), 25),
    (Text("风险", "risk"), 11),
    (Text("人员", "people"), 12),
    (Text("判定", "verdict"), 9),
    (Text("入厂", "in"), 6),
    (Text("办结", "closed"), 6),
    (Text("状态", "state"), 0),
)
"""Columns of the gate log on paper, with their widths in halves of a Chinese character; 0: to the end of the line."""


def _log_pages(log: Iterable[VisitLine], lang: str) -> list[str]:
    """The gate log as text: its columns' names and ``ROWS_PER_PAGE`` lines, one a visit, on each page."""
    head = _row([name.en if lang == "en" else name.zh for name, _ in LOG_COLUMNS])
    lines = [log_line(line, lang) for line in log]
    pages = (lines[start : start + ROWS_PER_PAGE] for start in range(0, len(lines), ROWS_PER_PAGE))
    return ["\n".join([head, *page]) for page in pages]


def log_line(line: VisitLine, lang: str) -> str:
    """One visit in one line of monospace columns."""
    index = 1 if lang == "en" else 0
    return _row(
        [
            words.clock_time(line.arrived_at),
            line.plate or "—",
            line.trailers,
            line.origin,
            words.risk(line.risk_level)[index],
            " ".join(line.names),
            words.verdict(line.arrival_verdict)[index],
            words.clock_time(line.admitted_at)[6:],
            words.clock_time(line.closed_at)[6:],
            words.named(words.STATES, line.state)[index],
        ]
    )


def _row(cells: Sequence[str]) -> str:
    return " ".join(_padded(text, width) for text, (_, width) in zip(cells, LOG_COLUMNS, strict=True))


def _padded(text: str, width: int) -> str:
    """Cut or filled to ``width`` halves of a Chinese character; as it is for 0."""
    if not width:
        return text
    taken, used = "", 0
    for character in text:
        size = 1 if ord(character) < 0x2000 else 2
        if used + size > width:
            break
        taken, used = taken + character, used + size
    return taken + " " * (width - used)
