"""What people do to a signed PDF so that it says something else and still looks signed; each gives another file."""

from __future__ import annotations

import io
import random
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from asn1crypto import cms, core
from pyhanko.pdf_utils.generic import NameObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfReader, PdfWriter

from gatekeeper.config import ROOT
from gatekeeper.ledger import certificate
from gatekeeper.ledger.certificate import Certificate
from gatekeeper.reports import seal
from gatekeeper.reports.payload import Payload

RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")
SCRIPT = ROOT / "scripts" / "verify-report"
DIGEST_CHECK = "if digest != der(0x04, sha(signed)):"


@cache
def script(*, skips_digest: bool = False) -> ModuleType:
    """``scripts/verify-report`` as a module; with a planted fault it never looks at the digest of the file."""
    loader = SourceFileLoader("verify_report", str(SCRIPT))
    module = module_from_spec(spec_from_loader("verify_report", loader))  # type: ignore[arg-type]
    text = SCRIPT.read_text(encoding="utf-8")
    assert text.count(DIGEST_CHECK) == 1
    if skips_digest:
        text = text.replace(DIGEST_CHECK, "if False:")
    exec(compile(text, str(SCRIPT), "exec"), vars(module))  # noqa: S102 a file of our own
    return module


def refused(pdf: bytes, fingerprint: str | None, module: ModuleType | None = None) -> str | None:
    """Why ``scripts/verify-report`` refuses a file; None where it takes it."""
    module = module or script()
    try:
        module.check(pdf, fingerprint)
    except module.Fault as fault:
        return str(fault)
    return None


@cache
def another_certificate() -> Certificate:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "another.p12"
        certificate.create(file, name="gate.example", at=datetime.now(UTC))
        return certificate.read(file, None)


def flips(pdf: bytes, count: int, seed: int) -> Iterator[bytes]:
    """``pdf`` with one byte changed: half of the changes anywhere, half where the signature stands and behind it."""
    rng = random.Random(seed)
    first = place(pdf)[0]
    for number in range(count):
        at = rng.randrange(len(pdf)) if number % 2 else rng.randrange(first, len(pdf))
        changed = bytearray(pdf)
        changed[at] ^= rng.randrange(1, 256)
        yield bytes(changed)


def place(pdf: bytes) -> tuple[int, int]:
    """Where the signature stands: what lies between the two signed ranges."""
    found = RANGE.search(pdf)
    assert found is not None
    return int(found[1]), int(found[2])


def _cut(pdf: bytes) -> tuple[bytes, bytes, bytes]:
    begin, end = place(pdf)
    return pdf[:begin], pdf[begin:end], pdf[end:]


def _der(pdf: bytes) -> bytes:
    held = bytes.fromhex(_cut(pdf)[1][1:-1].decode())
    return bytes(cms.ContentInfo.load(held).dump())


def _put(pdf: bytes, der: bytes) -> bytes:
    """The file with other bytes where the signature stands."""
    before, held, behind = _cut(pdf)
    room = len(held) - 2
    return before + b"<" + der.hex().upper().encode().ljust(room, b"0")[:room] + b">" + behind


def _update(pdf: bytes) -> IncrementalPdfFileWriter:
    return IncrementalPdfFileWriter(io.BytesIO(pdf))


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def appended_page(pdf: bytes) -> bytes:
    """An update behind the signature that empties the first page."""
    writer = _update(pdf)
    page = writer.root["/Pages"]["/Kids"][0]
    del page["/Contents"]
    writer.update_container(page)
    return _written(writer)


def appended_form(pdf: bytes) -> bytes:
    """An update that puts another signature's value under the field."""
    writer = _update(pdf)
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[NameObject("/TU")] = pdf_string("signed")
    field[pdf_name("/FT")] = pdf_name("/Sig")
    writer.update_container(field)
    return _written(writer)


def swapped_payload(pdf: bytes) -> bytes:
    """Another number in the attached payload, in a stream of the same length."""
    begin = pdf.index(b"/EmbeddedFile")
    start = pdf.index(b"stream\n", begin) + 7
    length = re.search(rb"/Length (\d+)", pdf[begin:start])
    assert length is not None
    stream = pdf[start : start + int(length[1])]
    said = zlib.decompress(stream)
    for level in range(9, -1, -1):
        other = zlib.compress(said.replace(b'"visits":', b'"visitz":'), level)
        if len(other) <= len(stream):
            return pdf[:start] + other.ljust(len(stream), b"\0") + pdf[start + len(stream) :]
    return pdf[:start] + bytes(len(stream)) + pdf[start + len(stream) :]


def removed(pdf: bytes) -> bytes:
    """The same pages, written anew without the signature."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf))), io.BytesIO()
    del writer.root_object["/AcroForm"]
    writer.write(out)
    return out.getvalue()


def wrapped(pdf: bytes, gap: bytes) -> bytes:
    """Something new in a wider gap between the signed ranges; the new /ByteRange stands there too (wrapping)."""
    before, held, behind = _cut(pdf)
    begin, end = place(pdf)
    ranges = b"\n/ByteRange [0 %d %d %d]" % (begin, end + len(gap) + 40, len(behind))
    return before + held + gap + ranges.ljust(40) + behind


def ranged(pdf: bytes, ranges: bytes) -> bytes:
    """Another /ByteRange in the room of the old one."""
    found = RANGE.search(pdf)
    assert found is not None
    new = b"/ByteRange [" + ranges + b"]"
    return pdf[: found.start()] + new.ljust(len(found[0])) + pdf[found.end() :]


def further_certificate(pdf: bytes) -> bytes:
    """The signature with somebody else's certificate beside its own."""
    content = cms.ContentInfo.load(_der(pdf))
    other = cms.ContentInfo.load(_der(_by_another(pdf)))
    content["content"]["certificates"].append(other["content"]["certificates"][0])
    return _put(pdf, content.dump(force=True))


def unsigned_attribute(pdf: bytes) -> bytes:
    """The signature with a note that it does not cover."""
    content = cms.ContentInfo.load(_der(pdf))
    note = cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.OctetString(b"x")]})
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([note])
    return _put(pdf, content.dump(force=True))


def _by_another(pdf: bytes) -> bytes:
    """The same report without its signature, signed anew with another certificate of the same name."""
    unsigned = pdf[: pdf.index(b"%%EOF\n") + 6]
    text = PdfReader(io.BytesIO(pdf)).attachments["payload.json"][0].decode()
    return seal.sealed(unsigned, Payload(text, ""), by=another_certificate(), name="甲镇")


def all_of(pdf: bytes) -> Iterator[tuple[str, bytes]]:
    """Every attack by its name."""
    before, held, behind = _cut(pdf)
    begin, end = place(pdf)
    yield "one byte behind it", pdf + b"\n"
    yield "a comment behind it", pdf + b"%another\n%%EOF\n"
    yield "an update behind it", appended_page(pdf)
    yield "an update of the form", appended_form(pdf)
    yield "an update cut back to the end of the file", pdf[: pdf.rindex(b"startxref")] + pdf[pdf.rindex(b"%%EOF") :]
    yield "the attached payload is another", swapped_payload(pdf)
    yield "written anew without the signature", removed(pdf)
    yield "cut off before the signature", pdf[: pdf.index(b"%%EOF\n") + 6]
    yield "no signature in its place", before + b"<" + b"0" * (len(held) - 2) + b">" + behind
    yield "an empty signature", before + b"<>" + behind
    yield "the name of the place is gone", pdf.replace(b"/Contents <30", b"/Content_ <30")
    yield "no /ByteRange", pdf.replace(b"/ByteRange", b"/ByteRanga")
    yield "two /ByteRange", pdf.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%/ByteRange [0 1 2 3]\n")
    yield "wrapped, a page in the gap", wrapped(pdf, b"\n1 0 obj\n<</Type /Pages/Kids []/Count 0>>\nendobj\n")
    yield "wrapped, spaces in the gap", wrapped(pdf, b" " * 60)
    yield "the ranges are empty", ranged(pdf, b"0 0 0 0")
    yield "the ranges are negative", ranged(pdf, b"0 -1 0 9")
    yield "the ranges begin behind the head", ranged(pdf, b"9 %d %d %d" % (begin - 9, end, len(behind)))
    yield "the ranges end early", ranged(pdf, b"0 %d %d %d" % (begin, end, len(behind) - 1))
    yield "the ranges overlap", ranged(pdf, b"0 %d %d %d" % (len(pdf), begin, len(pdf) - begin))
    yield "the signature in small letters", before + held.lower() + behind
    yield "something behind the signature", before + held[:-9] + b"DEADBEEF>" + behind
    yield "a certificate more", further_certificate(pdf)
    yield "a note that is not covered", unsigned_attribute(pdf)
    yield "the signature of another", _put(pdf, _der(_by_another(pdf)))
    yield "signed anew by another", _by_another(pdf)
