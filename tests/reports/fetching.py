"""Attempts to make a report read a file or the network, and what the process then opened, counted from within."""

from __future__ import annotations

import io
import os
import socket
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from weasyprint.urls import URLFetchingError

from gatekeeper.config import ROOT
from gatekeeper.reports import pdf
from gatekeeper.reports.values import Report

CANARY = "QX7-not-for-paper"
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind")
OTHER = ("subprocess.Popen", "os.system", "os.exec", "urllib.Request", "ftplib.connect", "http.client.connect")
ALLOWED = (
    *(str(ROOT / "templates"), str(ROOT / "static" / "css" / "report.css")),
    *(sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")),
    *("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "/var/cache/fontconfig", "/usr/share/fontconfig"),
)
"""Fonts, templates, and the program's own code, which Python may load late."""

CONSTRUCTS = (
    '<img src="{u}">', '<img srcset="{u} 2x" src="{u}">', '<picture><source srcset="{u}"><img src="{u}"></picture>',
    '<object data="{u}"></object>', '<embed src="{u}">', '<iframe src="{u}"></iframe>', '<body background="{u}">',
    '<link rel="stylesheet" href="{u}">', '<link rel="attachment" href="{u}">', '<a rel="attachment" href="{u}">x</a>',
    '<link rel="icon" href="{u}">', '<input type="image" src="{u}">', '<video poster="{u}" src="{u}"></video>',
    '<style>@import url("{u}");</style>', '<style>@import "{u}";</style>',
    '<p style="background: url({u})">x</p>', '<p style="list-style-image: url({u}); display: list-item">x</p>',
    '<p style="border-image: url({u}) 1">x</p>', '<style>p::before {{ content: url("{u}") }}</style><p>x</p>',
    '<style>@font-face {{ font-family: z; src: url("{u}") }} p {{ font-family: z }}</style><p>x</p>',
    '<style>@color-profile --z {{ src: url("{u}") }} p {{ color: color(--z 1 0 0) }}</style><p>x</p>',
    '<style>p::after {{ content: target-text(url("{u}")) }}</style><p>x</p>',
    '<style>@page {{ background: url("{u}"); @top-left {{ content: url("{u}") }} }}</style><p>x</p>',
    '<svg width="9" height="9"><image href="{u}" width="9" height="9"/></svg>',
    '<svg width="9" height="9" xmlns:xlink="http://www.w3.org/1999/xlink"><use xlink:href="{u}#a"/></svg>',
    '<svg width="9" height="9"><style>@import url("{u}");</style><rect width="9" height="9" fill="url({u}#a)"/></svg>',
    '<svg width="9" height="9"><filter id="f"><feImage href="{u}"/></filter><rect filter="url(#f)"/></svg>',
    '<base href="{u}"><img src="x.png"><a href="y">y</a>', '<meta http-equiv="refresh" content="0; url={u}">',
    '<?xml-stylesheet href="{u}"?><p>x</p>', '<!DOCTYPE x [<!ENTITY z SYSTEM "{u}">]><p>&z;</p>',
    '<script src="{u}"></script><xi:include href="{u}"/>',
)  # fmt: skip


@dataclass
class Seen:
    """What happened outside: files opened, uses of the network, processes; ``hits`` are connections that came in."""

    opened: list[str] = field(default_factory=list)
    network: list[str] = field(default_factory=list)
    hits: int = 0


_watching: Seen | None = None
_installed = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching is None or threading.current_thread() is not threading.main_thread():
        return
    if event in NETWORK or event in OTHER:
        _watching.network.append(f"{event} {arguments[1:]!r}"[:200])
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not path.startswith(ALLOWED):
            _watching.opened.append(path)


@contextmanager
def watched() -> Iterator[tuple[Seen, list[str]]]:
    """(what is seen, addresses that must not be reached): a file with a canary, and a listening port."""
    global _watching, _installed
    if not _installed:
        sys.addaudithook(_hook)  # it cannot be taken away again; it does nothing while nobody watches
        _installed = True
    seen = Seen()
    folder = Path("/tmp") / f"gate-fetching-{os.getpid()}"
    folder.mkdir(mode=0o700)
    secret = folder / "secret.txt"
    secret.write_text(CANARY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=_listen, args=(server, seen), daemon=True).start()
        _watching = seen
        try:
            yield seen, addresses(secret, port)
        finally:
            _watching = None
            secret.unlink()
            folder.rmdir()


def _listen(server: socket.socket, seen: Seen) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        seen.hits += 1
        connection.close()


def addresses(secret: Path, port: int) -> list[str]:
    return [
        f"file://{secret}", f"http://127.0.0.1:{port}/x.png", str(secret), f"//127.0.0.1:{port}/x.css",
        f"FILE://{secret}", f"file://localhost{secret}", f"ftp://127.0.0.1:{port}/x", f"https://127.0.0.1:{port}/x",
        f"report:..{secret}", "data:text/css,@import%20url(" + secret.as_uri() + ")", f"http://localhost:{port}/",
    ]  # fmt: skip


def attempt(number: int, addresses: list[str], report: Report) -> bytes | None:
    """One attempt: as markup that came through, or as the text of a person's field. None where no PDF is made."""
    construct = CONSTRUCTS[number // 2 % len(CONSTRUCTS)]
    markup = construct.format(u=addresses[number % len(addresses)])
    try:
        if number % 2:
            return pdf.render(_named(report, markup))
        return pdf.to_pdf(f"<title>x</title><p>x</p>{markup}")
    except (pdf.Forbidden, URLFetchingError):
        return None


def _named(report: Report, text: str) -> Report:
    """The report with ``text`` wherever people wrote something."""
    issuer = replace(report.issuer, name=text, township=text)
    lines = tuple(
        replace(line, plate=text, trailers=text, names=(text,), origin=text, gate=text, guard=text, decided_by=text)
        for line in report.details.exceptions
    )
    return replace(report, issuer=issuer, details=replace(report.details, exceptions=lines))


def tells(made: bytes) -> bool:
    """Whether the canary is anywhere in a PDF: in its text, its attachments or its bytes."""
    reader = PdfReader(io.BytesIO(made))
    text = "".join(page.extract_text() for page in reader.pages)
    attached = b"".join(data for files in reader.attachments.values() for data in files)
    return CANARY in text or CANARY.encode() in attached or CANARY.encode() in made
