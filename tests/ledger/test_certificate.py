"""The certificate of the reports: made once, or an authority's; what does not fit is a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from flask import Flask

from gatekeeper import checks
from gatekeeper.config import from_environment
from gatekeeper.crypto import KeyFault
from gatekeeper.ledger import certificate
from gatekeeper.reports import pdf, seal
from gatekeeper.reports.payload import Payload
from tests.reports import attacks

AT = datetime(2026, 4, 18, 4, 0, tzinfo=UTC)


def of_an_authority(file: Path, key, password: str | None = None, name: str = "青溪镇人民政府") -> None:
    """A PKCS#12 file as an authority hands it out: key, certificate, and the chain to its root."""
    root_key = ec.generate_private_key(ec.SECP384R1())
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def issued(subject: x509.Name, public_key, serial: int) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(root).public_key(public_key)
        builder = builder.serial_number(serial).not_valid_before(AT).not_valid_after(AT + timedelta(days=9999))
        return builder.sign(root_key, hashes.SHA384())

    chain = [issued(root, root_key.public_key(), 1)]
    lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    mine = issued(own, key.public_key(), 2**127 + 5)
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, mine, chain, lock))


def test_it_is_made_once_for_the_host_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = from_environment({"GATE_DATA_DIR": str(tmp_path), "GATE_BASE_URL": "https://gate.example"})
    certificate.prepare(settings, at=AT)
    found = certificate.read(settings.report_certificate, None)
    assert "CN=gate.example" in found.x509.subject.rfc4514_string()
    assert settings.report_certificate.stat().st_mode & 0o777 == 0o600
    assert found.holds(AT) and found.holds(AT + timedelta(days=3640)) and not found.holds(AT + timedelta(days=3660))
    certificate.prepare(settings, at=AT)
    assert certificate.read(settings.report_certificate, None).fingerprint == found.fingerprint


def test_one_that_was_named_is_never_made(tmp_path: Path) -> None:
    file = tmp_path / "named.p12"
    settings = from_environment({"GATE_DATA_DIR": str(tmp_path), "GATE_REPORT_CERTIFICATE": str(file)})
    certificate.prepare(settings, at=AT)
    assert not file.exists()
    with pytest.raises(KeyFault, match="is missing"):
        certificate.read(file, None)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_an_authoritys_certificate_signs_reports_too(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "authority.p12"
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    of_an_authority(file, key, "守门")
    found = certificate.read(file, "守门")
    said = '{"figures":{},"figures_digest":""}'
    made = seal.sealed(pdf.to_pdf("<title>x</title><p>x</p>"), Payload(said, ""), by=found, name="青溪镇")
    script = attacks.script()
    signed, signature = script.signed_parts(made)
    assert script.checked_signature(signed, signature) == found.x509
    assert b"Example CA" in signature and signature.count(b"Example CA") < 5, "the signer's own certificate alone"


def test_what_does_not_open_or_fit_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "some.p12"
    of_an_authority(file, ec.generate_private_key(ec.SECP256R1()), "right")
    for password in (None, "wrong"):
        with pytest.raises(KeyFault, match="GATE_REPORT_CERTIFICATE_PASSWORD"):
            certificate.read(file, password)
    for key in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        of_an_authority(file, key)
        with pytest.raises(KeyFault, match="neither EC P-256 nor RSA"):
            certificate.read(file, None)
    file.write_bytes(b"no such thing")
    with pytest.raises(KeyFault, match="no PKCS#12 file"):
        certificate.read(file, None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_doctor_says_when_it_ends(command_app: Flask) -> None:
    installation = command_app.extensions["gate"]
    found = installation.open_certificate().x509
    assert checks.certificate(installation, found.not_valid_before_utc)[0] is True
    assert checks.certificate(installation, found.not_valid_after_utc - timedelta(days=9))[0] is None
    assert checks.certificate(installation, found.not_valid_after_utc + timedelta(days=1))[0] is False
    away = installation.settings.report_certificate.with_name("away.p12")
    installation.settings = replace(installation.settings, report_certificate=away)
    assert checks.certificate(installation, AT) == (False, f"The certificate {away} is missing. Put it back, or run "
                                                    "`flask upgrade` where there never was one.")  # fmt: skip


def test_the_web_server_never_opens_it(command_app: Flask) -> None:
    installation = command_app.extensions["gate"]
    installation.command_line = False
    with pytest.raises(RuntimeError, match="never opens"):
        installation.open_certificate()
