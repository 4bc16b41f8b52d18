"""The report as PDF. The only module that knows WeasyPrint; it fetches nothing: fonts come from the system."""

from __future__ import annotations

import gc
import io
import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pydyf
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from weasyprint import CSS, HTML, Attachment
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from gatekeeper.config import ROOT
from gatekeeper.figures import words as figure_words
from gatekeeper.formats import characters
from gatekeeper.reports import glyphs, payload, words
from gatekeeper.reports.log_pages import LogPages
from gatekeeper.reports.payload import Payload
from gatekeeper.reports.town_values import TownReport
from gatekeeper.reports.values import Report, VisitLine
from gatekeeper.rules.values import Text

LIST_ROWS = 100
"""Rows of a list on paper; the sheets hold every visit."""

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


VARIANT = "pdf/a-3u"
"""Made to be kept: fonts and colours are in the file, every character can be read out, files may be attached."""


def render(
    report: Report, *, lang: str = "zh", log: Iterable[VisitLine] | None = None, address: str | None = None
) -> bytes:
    """The PDF of a report in ``zh`` or ``en``; ``log`` (every visit) is appended as the gate log.

    ``address`` is where an issued report can be checked; it is printed with its QR code. Raises ``Forbidden`` if
    anything in it points outside.
    """
    said = payload.of(report, address=address)
    behind = None if log is None else LogPages(report, log, lang=lang)
    return to_pdf(document(report, lang=lang, said=said, address=address), attached(report, said), behind)


def document(
    report: Report,
    *,
    lang: str = "zh",
    said: Payload | None = None,
    address: str | None = None,
) -> str:
    """The HTML that is laid out; no address in it leads anywhere, and every character in it has a glyph."""
    digest = (said or payload.of(report, address=address)).figures_digest
    given = {"report": report, "f": report.figures, "limit": LIST_ROWS}
    return page("reports/report.html", lang=lang, **given, figures_digest=digest, seal=seal(address))


def page(template: str, *, lang: str, **values: Any) -> str:
    """The HTML of a document in the words and the style of reports; it is told which characters are ``missing``."""
    found = _environment(lang).get_template(template)
    made = found.render(**values, missing=())
    if gaps := glyphs.missing(made):
        made = glyphs.spelled(found.render(**values, missing=[glyphs.point(gap) for gap in gaps]), gaps)
    return made


def seal(address: str | None) -> dict[str, str] | None:
    """What is printed of where an issued report is checked; None for a working copy."""
    return {"address": address, "qr": _qr(address)} if address else None


def _qr(address: str) -> Markup:
    """The address as a drawing inside the page: nothing is fetched for it."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        border=0, omitsize=True, svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 made of an address of our own, by the encoder


def attached(report: Report | TownReport, said: Payload) -> list[Attachment]:
    """The files inside the report: what it says to be read by programs, and the checkpoint as a witness of the book."""
    inside = [("payload.json", said.text.encode(), "Data"), ("payload.csv", said.csv, "Alternative")]
    if report.checkpoint is not None:
        inside.append(("checkpoint.json", json.dumps(report.checkpoint.to_data(), indent=1).encode(), "Data"))
    made = report.made_at
    return [
        Attachment(
            file_obj=io.BytesIO(data),
            name=name,
            description=name,
            created=made,
            modified=made,
            relationship=relationship,
            url_fetcher=Nothing(),
        )
        for name, data, relationship in inside
    ]


def to_pdf(html: str, attachments: Sequence[Attachment] = (), behind: LogPages | None = None) -> bytes:
    """Lay out; nothing is fetched, the style is this program's own. ``behind`` are pages that are drawn after it.

    The collector waits meanwhile: the boxes of a page, which all stay, set it off again and again, and that is a sixth
    of the whole time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _laid_out(html, attachments, behind)
    finally:
        if collecting:
            gc.enable()


def _laid_out(html: str, attachments: Sequence[Attachment], behind: LogPages | None) -> bytes:
    fonts, style = _style()
    made = HTML(string=html, base_url="report:", url_fetcher=Nothing())
    styles = [style]
    if behind is not None:  # laid out once before, since the foot of a page names how many there are
        before = len(made.render(stylesheets=styles, font_config=fonts).pages)
        gc.collect()
        styles.append(_of_pages(before + behind.count, fonts))
    pdf: bytes = made.write_pdf(
        stylesheets=styles,
        font_config=fonts,
        attachments=list(attachments),
        pdf_variant=VARIANT,
        color_profiles={COLOURS: ColorProfile(io.BytesIO(_srgb()), f"{COLOURS}.icc", *FAITHFUL)},
        output_intent=COLOURS,
        finisher=lambda document, pdf: _finish(document, pdf, behind),
    )
    return pdf


class _Packed(pydyf.Stream):  # type: ignore[misc]
    """A stream packed once: what the file holds, and what its identifier is made of."""

    def __init__(self, made: pydyf.Stream) -> None:
        super().__init__()
        self.number, self._data = made.number, made.data

    @property
    def data(self) -> bytes:
        return self._data  # type: ignore[no-any-return]


def _finish(document: Any, pdf: pydyf.PDF, behind: LogPages | None) -> None:
    if behind is not None:
        behind.append(document, pdf)
    pdf.objects = [_Packed(each) if isinstance(each, pydyf.Stream) else each for each in pdf.objects]


def _of_pages(total: int, fonts: FontConfiguration) -> CSS:
    """The foot of a page with a number of pages that is given."""
    text = (
        f'@page {{ @bottom-right {{ content: "第 " counter(page) " 页 / 共 {total} 页"; }} }}'
        f'@page english {{ @bottom-right {{ content: "page " counter(page) " of {total}"; }} }}'
    )
    return CSS(string=text, font_config=fonts, url_fetcher=Nothing())


COLOURS = "sRGB2014"
FAITHFUL = ("relative-colorimetric", (["r"], ["g"], ["b"]))


@cache
def _srgb() -> bytes:
    """What red, green and blue mean in the file: a profile that comes with WeasyPrint."""
    return (files("weasyprint.pdf") / f"{COLOURS}.icc").read_bytes()


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
