"""HTTPS for phones on the same network: one CA, certificates that renew themselves, and nothing beyond that network."""

from __future__ import annotations

import ssl
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from gatekeeper import backups, checks, clock, create_app, lan, network
from gatekeeper.config import Settings, SettingsError, from_environment
from gatekeeper.crypto import KeyFault

AT = datetime(2022, 4, 18, 6, 0, tzinfo=UTC)
HOSTS = ["192.168.1.5", "gate.local", "localhost"]


def prepare(folder: Path, hosts: list[str] = HOSTS, at: datetime = AT) -> lan.Standing:
    return lan.prepare(folder, hosts, at=at)


def test_the_ca_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    first = prepare(tmp_path / "keys")
    again = prepare(tmp_path / "keys", ["10.0.0.7"], AT + timedelta(days=300))
    assert again.ca == first.ca and again.server != first.server
    assert first.ca.not_valid_after_utc == AT + timedelta(days=3650)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in (tmp_path / "keys").iterdir()} == {
        "lan-ca.key": "0o600", "lan-ca.crt": "0o600", "lan.pem": "0o600",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hosts", "days", "anew"),
    [
        (HOSTS, 0, False),
        (HOSTS[:1], 0, False),
        (HOSTS, 334, False),
        (HOSTS, 335, True),
        (HOSTS, 400, True),
        (["192.168.1.77", *HOSTS[1:]], 0, True),
    ],
)
def test_a_certificate_is_made_anew_for_another_address_and_before_its_end(
    tmp_path: Path, hosts: list[str], days: int, anew: bool
) -> None:
    first, at = prepare(tmp_path), AT + timedelta(days=days)
    found = lan.renew(tmp_path, hosts, at=at)
    assert (found.server != first.server) is anew
    assert found.lasts(hosts, at) and lan.standing(tmp_path) == found


def test_the_last_certificate_ends_with_its_ca_and_then_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    end = prepare(tmp_path).ca.not_valid_after_utc
    last = lan.renew(tmp_path, HOSTS, at=end - timedelta(days=100)).server
    assert last is not None and last.not_valid_after_utc == end
    assert lan.renew(tmp_path, HOSTS, at=end - timedelta(days=10)).server == last
    with pytest.raises(KeyFault, match="install the new one on every phone"):
        lan.renew(tmp_path, HOSTS, at=end)


@pytest.mark.parametrize("other", [None, b"no key", "of another"])
def test_a_key_that_does_not_fit_is_no_reason_for_another_ca(tmp_path: Path, other: bytes | str | None) -> None:
    first = prepare(tmp_path / "one")
    key = lan.ca_key_file(tmp_path / "one")
    key.unlink()
    if other is not None:
        prepare(tmp_path / "two")
        key.write_bytes(lan.ca_key_file(tmp_path / "two").read_bytes() if isinstance(other, str) else other)
    with pytest.raises(KeyFault, match=r"lan-ca\.key .*[Pp]ut"):
        prepare(tmp_path / "one", ["10.0.0.7"])
    assert lan.standing(tmp_path / "one") == first


def accepted(folder: Path, host: str) -> bool:
    """Whether somebody who trusts the CA takes its server for ``host``."""
    phone = ssl.create_default_context(cafile=lan.ca_file(folder))
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(lan.server_file(folder))
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = phone.wrap_bio(down, up, server_hostname=host)
    server = served.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return client.version() in ("TLSv1.2", "TLSv1.3")


def test_a_phone_that_trusts_the_ca_takes_this_server_and_no_other_name(tmp_path: Path) -> None:
    prepare(tmp_path, at=clock.now())
    assert all(accepted(tmp_path, host) for host in HOSTS)
    assert not accepted(tmp_path, "192.168.1.6")
    assert not accepted(tmp_path, "neighbour.local")


@pytest.mark.parametrize("host", ["bank.example", "8.8.8.8", "2001:db8::1", "local.example"])
def test_the_ca_cannot_vouch_for_the_internet(tmp_path: Path, host: str) -> None:
    prepare(tmp_path, [host], at=clock.now())
    assert not accepted(tmp_path, host)
    assert not network.is_private(host)


@pytest.mark.parametrize("host", ["10.1.2.3", "172.31.0.1", "192.168.0.9", "127.0.0.1", "gate.local", "localhost"])
def test_it_vouches_for_what_is_of_this_network(tmp_path: Path, host: str) -> None:
    prepare(tmp_path, [host], at=clock.now())
    assert network.is_private(host) and accepted(tmp_path, host)


def test_the_address_for_phones_follows_what_the_server_listens_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "addresses", lambda: ["192.168.1.5", "10.0.0.7"])
    assert network.https_address("0.0.0.0:8443") == "https://192.168.1.5:8443"
    assert network.https_address("10.0.0.7:443") == "https://10.0.0.7:443"
    assert network.https_address("8.8.8.8:443") is None
    assert set(network.hosts("https://gate.local:8443")) >= {"gate.local", "192.168.1.5", "10.0.0.7", "localhost"}
    assert "gate.example" not in network.hosts("https://gate.example")
    monkeypatch.setattr(network, "addresses", list)
    assert network.https_address("0.0.0.0:8443") is None


def test_its_addresses_are_of_this_network_and_not_its_loopback() -> None:
    assert all(network.is_private(one) and not one.startswith("127.") for one in network.addresses())


@pytest.fixture
def served(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The web program as ``scripts/start --lan`` runs it."""
    there = create_app(replace(settings, lan=True, base_url="https://127.0.0.1:8443"), command_line=False, testing=True)
    yield there
    there.extensions["gate"].engines.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_phones_get_the_certificate_and_the_steps_only_where_they_are_served(
    app: Flask, served: Flask, settings: Settings
) -> None:
    addresses = ("/lan", "/lan-ca.crt")
    assert [served.test_client().get(address).status_code for address in addresses] == [404, 404]
    prepare(settings.data_dir / "keys")
    assert [app.test_client().get(address).status_code for address in addresses] == [404, 404]
    answer = served.test_client().get("/lan-ca.crt")
    assert answer.data == lan.ca_file(settings.data_dir / "keys").read_bytes() and b"PRIVATE" not in answer.data
    assert answer.mimetype == "application/x-x509-ca-cert"
    assert "证书信任设置" in served.test_client().get("/lan?lang=zh").text
    assert "Certificate Trust Settings" in served.test_client().get("/lan?lang=en").text
    assert "Secure" in served.test_client().get("/sign-in").headers["Set-Cookie"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_backup_holds_the_ca(command_app: Flask, settings: Settings, tmp_path: Path) -> None:
    prepare(settings.data_dir / "keys")
    made = backups.make(settings, tmp_path / "gate.tar", at=clock.now())
    for file in (made.file, made.keys):
        with tarfile.open(file) as archive:
            assert not [name for name in archive.getnames() if "lan" in name]
        assert b"PRIVATE KEY" not in file.read_bytes()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_doctor_says_how_the_certificate_stands(command_app: Flask, settings: Settings) -> None:
    installation, folder = command_app.extensions["gate"], settings.data_dir / "keys"
    there = replace(installation, settings=replace(settings, lan=True, base_url="https://127.0.0.1:8443"))
    assert checks.phones(installation, AT)[0] is True
    assert checks.phones(there, AT)[0] is False

    made = prepare(folder, network.hosts(there.settings.base_url))
    ok, words = checks.phones(there, AT)
    assert ok is True and "until 2023-04-18" in words and made.fingerprint in words
    late = AT + timedelta(days=366)
    ok, words = checks.phones(there, late)
    assert ok is False and "ended on 2023-04-18; scripts/start --lan makes another" in words
    assert checks.phones(installation, late)[0] is None
    elsewhere = replace(there, settings=replace(there.settings, base_url="https://10.99.99.99:8443"))
    assert checks.phones(elsewhere, AT)[0] is None

    lan.ca_key_file(folder).chmod(0o644)
    ok, words = checks.phones(there, AT)
    assert ok is False and "chmod 600" in words
    lan.ca_key_file(folder).unlink()
    ok, words = checks.phones(there, AT)
    assert ok is False and "put it back" in words


def test_the_setting_is_yes_or_no() -> None:
    assert from_environment({"GATE_LAN": "yes"}).lan and not from_environment({}).lan
    with pytest.raises(SettingsError, match="GATE_LAN must be one of yes, no"):
        from_environment({"GATE_LAN": "1"})
