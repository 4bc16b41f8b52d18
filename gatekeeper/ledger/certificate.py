"""The certificate that reports are signed with, and its key: one PKCS#12 file beside the key that signs checkpoints.

Only the worker and the command line open it. An own one is made once; a certificate of an authority may take its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from gatekeeper import durable
from gatekeeper.config import Settings
from gatekeeper.crypto import KeyFault
from gatekeeper.ledger.chain import content_hash

YEARS = 10
NAME = "GateKeeper 守小门"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Certificate:
    """A key with the certificate of its public half; ``data`` is the PKCS#12 file, opened with ``password``."""

    data: bytes
    password: bytes | None
    x509: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate (DER), lower-case hex."""
        return content_hash(self.x509.public_bytes(Encoding.DER))

    @property
    def pem(self) -> str:
        return self.x509.public_bytes(Encoding.PEM).decode()

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies within the certificate's time."""
        return self.x509.not_valid_before_utc <= at <= self.x509.not_valid_after_utc


def read(file: Path, password: str | None) -> Certificate:
    """The certificate in a PKCS#12 file with an EC P-256 or RSA key. Raises ``KeyFault`` with what to do."""
    secret = password.encode() if password else None
    try:
        data = file.read_bytes()
        key, found, _ = pkcs12.load_key_and_certificates(data, secret)
    except FileNotFoundError:
        raise KeyFault(
            f"The certificate {file} is missing. Put it back, or run `flask upgrade` where there never was one."
        ) from None
    except ValueError:
        raise KeyFault(
            f"{file} cannot be opened: it is no PKCS#12 file, or GATE_REPORT_CERTIFICATE_PASSWORD is another one."
        ) from None
    if found is None or key is None:
        raise KeyFault(f"{file} holds no key with a certificate. Export both into one PKCS#12 file.")
    fits = isinstance(key, rsa.RSAPrivateKey) or (
        isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    )
    if not fits:
        raise KeyFault(f"The key in {file} is neither EC P-256 nor RSA; reports are signed with one of these.")
    return Certificate(data, secret, found)


def prepare(settings: Settings, *, at: datetime) -> None:
    """Make the installation's own certificate where it has none yet; one that was named is never made."""
    if settings.makes_certificate and not settings.report_certificate.exists():
        create(settings.report_certificate, name=str(urlsplit(settings.base_url).hostname), at=at)


def create(file: Path, *, name: str, at: datetime) -> None:
    """Make a key and its own certificate for ``name``, for ten years from a day before ``at``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, NAME), x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]
    )
    for_signing = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(for_signing, critical=True)
        .sign(key, hashes.SHA256())
    )
    durable.write(file, pkcs12.serialize_key_and_certificates(b"reports", key, made, None, NoEncryption()))
