"""HTTPS for phones on the same network: a certificate authority (CA) of this installation, and its certificates.

The CA may only vouch for private addresses and names: who steals its key cannot pose as a site of the internet before
the phones that trust it. It is made once, since every phone has to be told of it; the server's certificate is made
anew by itself. The server reads its file at each connection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gatekeeper import durable, network
from gatekeeper.crypto import KeyFault

CA_LIFE = timedelta(days=3650)
LIFE = timedelta(days=365)
RENEW = timedelta(days=30)
"""So long before its end a certificate is made anew."""

SLOW_CLOCKS = timedelta(days=2)
"""A certificate is valid before it was made: a phone's clock may be late."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The CA, and the server's certificate; None before there is one."""

    ca: x509.Certificate
    server: x509.Certificate | None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the CA in pairs, as phones show it."""
        return self.ca.fingerprint(hashes.SHA256()).hex(" ").upper()

    @property
    def hosts(self) -> list[str]:
        """The names and addresses that the server's certificate is good for."""
        if self.server is None:
            return []
        names = self.server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [str(name.value) for name in names]

    def lasts(self, hosts: Sequence[str], at: datetime) -> bool:
        """Whether the server's certificate is good for ``hosts``, and for some time yet."""
        if self.server is None or not set(hosts) <= set(self.hosts):
            return False
        end = self.server.not_valid_after_utc
        return at < (end if end == self.ca.not_valid_after_utc else end - RENEW)  # the CA's end moves for nobody


def ca_key_file(folder: Path) -> Path:
    return folder / "lan-ca.key"


def ca_file(folder: Path) -> Path:
    """The CA's certificate, which phones install."""
    return folder / "lan-ca.crt"


def server_file(folder: Path) -> Path:
    """The server's private key and its certificate in one file, so that they always fit each other."""
    return folder / "lan.pem"


def standing(folder: Path) -> Standing | None:
    """What lies in ``folder``; None where phones were never served. Raises ``KeyFault`` for an unreadable file."""
    if not ca_file(folder).exists():
        return None
    server = server_file(folder)
    return Standing(_certificate(ca_file(folder)), _certificate(server) if server.exists() else None)


def prepare(folder: Path, hosts: Sequence[str], *, at: datetime) -> Standing:
    """The CA, made where there never was one, and a certificate that is good for ``hosts``.

    Raises ``KeyFault`` where the CA's key is gone or its time is over; never makes a second CA by itself.
    """
    if not ca_file(folder).exists():
        _make_ca(folder, at)
    return renew(folder, hosts, at=at)


def renew(folder: Path, hosts: Sequence[str], *, at: datetime) -> Standing:
    """Make the server's certificate anew where it lacks one of ``hosts`` or ends within ``RENEW``."""
    found = standing(folder)
    if found is None:
        raise KeyFault(f"{ca_file(folder)} is missing; scripts/start --lan makes it.")
    if not found.lasts(hosts, at):
        key = ec.generate_private_key(ec.SECP256R1())
        made = _server_certificate(found.ca, _ca_key(folder, found.ca, at), key, hosts, at)
        durable.write(server_file(folder), _private(key) + _public(made))
        found = Standing(found.ca, made)
    return found


def _certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        raise KeyFault(f"{file} is no certificate. Put the right file back.") from None


def _ca_key(folder: Path, ca: x509.Certificate, at: datetime) -> ec.EllipticCurvePrivateKey:
    file = ca_key_file(folder)
    anew = f"delete {ca_file(folder)}, start again, and install the new one on every phone"
    if at >= ca.not_valid_after_utc:
        raise KeyFault(f"{ca_file(folder)} ended on {ca.not_valid_after_utc:%Y-%m-%d}; {anew}.")
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError:
        raise KeyFault(f"{file} is missing. Put it back; where it is lost, {anew}.") from None
    except ValueError:
        raise KeyFault(f"{file} is no private key. Put the right file back; where it is lost, {anew}.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != ca.public_key():
        raise KeyFault(f"{file} is not the key of {ca_file(folder)}. Put the right file back.")
    return key


def _make_ca(folder: Path, at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "GateKeeper"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"GateKeeper {network.own_name()}"[:64]),
        ]
    )
    permitted = [*map(x509.IPAddress, network.PRIVATE), *map(x509.DNSName, network.LOCAL_NAMES)]
    made = (
        _builder(name, name, key, at, at + CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    durable.write(ca_key_file(folder), _private(key))
    durable.write(ca_file(folder), _public(made))


def _server_certificate(
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    hosts: Sequence[str],
    at: datetime,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "GateKeeper")])
    return (
        _builder(name, ca.subject, key, at, min(at + LIFE, ca.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - SLOW_CLOCKS)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
        **dict.fromkeys(unused, False),
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, plain)


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
