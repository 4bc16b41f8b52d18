"""A signed report: others' readers take it, what it says is inside it, and whatever is done to it is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader
from weasyprint import Attachment

from gatekeeper import clock, tenancy
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.ledger import checkpoints, signer
from gatekeeper.ledger.certificate import Certificate
from gatekeeper.reports import payload, pdf, seal, service
from gatekeeper.reports.payload import Payload
from tests.factories import World
from tests.reports import attacks
from tests.visits.gate import FEVER, AtGate, publish

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # paper does not know its database

ADDRESS = "https://gate.example/v/0192f0c1-2345-7890-abcd-0123456789ab"


@dataclass(frozen=True)
class Sealed:
    plain: bytes
    data: bytes
    said: Payload
    certificate: Certificate
    public_key: Path


@pytest.fixture
def sealed(world: World, command_app: Flask) -> Iterator[Sealed]:
    """A report of a day with one truck, with a checkpoint, as the worker hands it out."""
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own, at=clock.now())
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    installation = command_app.extensions["gate"]
    tenant = find_tenant(world.engines, world.own.slug)
    assert tenant is not None
    with tenancy.open_session(world.engines, world.own.scope) as session:
        today = clock.today()
        report = service.build(session, enterprise=tenant, first=today, last=today, at=clock.now())
    made = checkpoints.at_report(
        world.engines, installation.open_signer(), enterprise_id=tenant.id, at=clock.now()
    )  # fmt: skip
    report = replace(report, checkpoint=made)
    said, by = payload.of(report, address=ADDRESS), installation.open_certificate()
    plain = pdf.render(report, address=ADDRESS)
    key = signer.public_file(installation.settings.signing_key_file)
    yield Sealed(plain, seal.sealed(plain, said, by=by, name="甲镇"), said, by, key)


def run(file: Path, *options: str) -> tuple[int, str]:
    """``scripts/verify-report`` as people run it, where this program is not."""
    command = [sys.executable, str(attacks.SCRIPT), str(file), *options]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=file.parent)
    assert told.stderr == ""
    return told.returncode, told.stdout


def test_pdfsig_and_pyhanko_take_the_signature(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(sealed.data)
    told = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    for words in ("ETSI.CAdES.detached", "SHA-256", "Total document signed", "Signature is Valid"):
        assert words in told, told
    pem = tmp_path / "report.pem"
    pem.write_text(sealed.certificate.pem)
    (signature,) = PdfFileReader(io.BytesIO(sealed.data)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[load_cert_from_pemder(str(pem))]))
    assert status.bottom_line and status.intact and status.trusted
    assert status.coverage.name == "ENTIRE_FILE" and status.docmdp_ok


def test_the_file_is_made_to_be_kept_and_holds_what_it_says_for_programs(sealed: Sealed) -> None:
    reader = PdfReader(io.BytesIO(sealed.data))
    assert reader.xmp_metadata is not None
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert 'pdfaid:part="3"' in xmp and 'pdfaid:conformance="U"' in xmp
    root = reader.trailer["/Root"]
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    kinds = {one.get_object()["/F"]: one.get_object()["/AFRelationship"] for one in root["/AF"]}
    assert kinds == {"payload.json": "/Data", "payload.csv": "/Alternative", "checkpoint.json": "/Data"}
    assert reader.attachments["payload.json"][0] == sealed.said.text.encode()
    assert reader.attachments["payload.csv"][0] == sealed.said.csv
    checkpoint = json.loads(reader.attachments["checkpoint.json"][0])
    assert checkpoint == json.loads(sealed.said.text)["checkpoint"]


def test_the_paper_shows_the_digest_and_the_address(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(sealed.data)
    told = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    together = "".join(told.split())
    assert sealed.said.figures_digest in together and ADDRESS in together


def test_verify_report_says_what_is_so_without_this_program(sealed: Sealed, tmp_path: Path) -> None:
    file, pem = tmp_path / "report.pdf", tmp_path / "report.pem"
    file.write_bytes(sealed.data)
    pem.write_text(sealed.certificate.pem)
    code, told = run(file, "--certificate", str(pem), "--key", str(sealed.public_key))
    assert code == 0, told
    for words in ("Sound", sealed.certificate.fingerprint, sealed.said.digest, sealed.said.figures_digest, ADDRESS):
        assert words in told
    assert "its signature fits the key" in told and "the one that you named" in told
    code, told = run(file)
    assert code == 0 and "whose it is was not checked" in told


def test_verify_report_refuses_another_certificate_and_what_is_no_report(sealed: Sealed, tmp_path: Path) -> None:
    file, empty = tmp_path / "report.pdf", tmp_path / "empty.pdf"
    file.write_bytes(sealed.data)
    empty.write_bytes(b"")
    code, told = run(file, "--fingerprint", "AB:" * 31 + "AB")
    assert code == 1 and told.startswith("REFUSED it is signed with another certificate")
    assert run(file, "--fingerprint", sealed.certificate.fingerprint.upper())[0] == 0
    assert run(empty)[0] == 1 and run(tmp_path / "not there.pdf")[0] == 1
    file.write_bytes(sealed.plain)
    assert run(file) == (1, "REFUSED it carries no signature\n")


def test_every_known_attack_is_refused(sealed: Sealed) -> None:
    tried = list(attacks.all_of(sealed.data))
    assert len({name for name, _ in tried}) == len(tried) and all(data != sealed.data for _, data in tried)
    known = sealed.certificate.fingerprint
    assert [name for name, data in tried if attacks.refused(data, known) is None] == []
    assert attacks.refused(sealed.data, known) is None


def test_a_payload_that_is_not_the_signed_one_is_refused_though_the_signature_fits(sealed: Sealed) -> None:
    other = seal.sealed(sealed.plain, Payload("{}", ""), by=sealed.certificate, name="甲镇")
    assert attacks.refused(other, sealed.certificate.fingerprint) == (
        "the attached payload is not the one that was signed"
    )


def test_each_changed_byte_is_refused_and_a_verifier_without_the_digest_is_found_out(sealed: Sealed) -> None:
    changed = list(attacks.flips(sealed.data, 60, seed=1))
    known = sealed.certificate.fingerprint
    assert [number for number, data in enumerate(changed) if attacks.refused(data, known) is None] == []
    careless = attacks.script(skips_digest=True)
    assert any(attacks.refused(data, known, careless) is None for data in changed)


def test_made_twice_from_the_same_position_of_the_book_the_figures_have_one_digest(
    world: World, sealed: Sealed
) -> None:
    tenant = find_tenant(world.engines, world.own.slug)
    assert tenant is not None
    today = clock.today()

    def digest(**later: int) -> Payload:
        with tenancy.open_session(world.engines, world.own.scope) as session:
            at = clock.now() + timedelta(**later)
            return payload.of(service.build(session, enterprise=tenant, first=today, last=today, at=at))

    first, second = digest(), digest(hours=3)
    assert first.figures_digest == second.figures_digest == sealed.said.figures_digest
    assert first.digest != second.digest, "the payload says when it was made"
    AtGate(world.engines, world.own, at=clock.now()).arrive()
    assert digest().figures_digest != first.figures_digest


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"payload.json": ('"visits":1', '"visits":2')}, "the figures are not those of their digest"),
        ({"payload.json": ('{"before"', '{ "before"')}, "not in its canonical form"),
        ({"payload.csv": ("figures.visits,1", "figures.visits,2")}, "the attached CSV says something else"),
        ({"payload.csv": ("path,value", "x,y")}, "the payload is not attached"),
        ({"checkpoint.json": ('"v": 1', '"v": 2')}, "the attached checkpoint is not the payload's"),
    ],
)
def test_what_is_attached_must_fit_together_though_the_signature_fits(
    sealed: Sealed, change: dict[str, tuple[str, str]], why: str
) -> None:
    files = {name: data[0].decode() for name, data in PdfReader(io.BytesIO(sealed.data)).attachments.items()}
    for name, (old, new) in change.items():
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    inside = [Attachment(string=text, name=name, url_fetcher=pdf.Nothing()) for name, text in files.items()]
    plain = pdf.to_pdf("<title>x</title><p>x</p>", inside)
    made = seal.sealed(plain, Payload(files["payload.json"], ""), by=sealed.certificate, name="甲镇")
    assert why in str(attacks.refused(made, sealed.certificate.fingerprint))


def test_a_book_that_does_not_stand_under_its_checkpoint_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    said = json.loads(sealed.said.text)
    said["checkpoint"]["proof"]["hash"] = "0" * 64
    files = {"checkpoint": json.dumps(said["checkpoint"]).encode()}
    script = attacks.script()
    with pytest.raises(script.Fault, match="does not stand under the root"):
        script.checked_checkpoint(said, files, None)
    file, other = tmp_path / "report.pdf", tmp_path / "other.pub"
    file.write_bytes(sealed.data)
    key = Ed25519PrivateKey.generate().public_key()
    other.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert run(file, "--key", str(other)) == (1, "REFUSED the signature of the checkpoint does not fit this key\n")
