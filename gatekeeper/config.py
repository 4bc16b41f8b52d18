"""Settings: environment variables that begin with ``GATE_``, read here and nowhere else.

``docs/settings.md`` lists them; a test keeps that list equal to ``DOCS``.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

DOCS: dict[str, str] = {
    "GATE_DATA_DIR": "Folder of database, photos, reports and keys. Default: instance/ beside app.py.",
    "GATE_DATABASE_URL": "Database of the web server (PostgreSQL: role gate_app). Default: SQLite in the data folder.",
    "GATE_PLATFORM_DATABASE_URL": "Database of commands and worker (role gate_platform). Default: GATE_DATABASE_URL.",
    "GATE_OWNER_DATABASE_URL": "Database of migrations (role gate_owner). Default: GATE_DATABASE_URL.",
    "GATE_KEYS_URL": "Keystore of the day keys, apart from the database. Default: SQLite in the data folder's keys/.",
    "GATE_MASTER_KEY_FILE": "File of the master key, made once over an empty keystore. Default: keys/master.key.",
    "GATE_SIGNING_KEY_FILE": "The key that signs checkpoints, made before the first. Default: keys/signing.key.",
    "GATE_REPORT_CERTIFICATE": "PKCS#12 file that reports are signed with. Default: keys/report.p12, made once.",
    "GATE_REPORT_CERTIFICATE_PASSWORD": "Password of that file. Default: none.",
    "GATE_BASE_URL": "Address under which people open the pages; cookies are Secure exactly when it is https.",
    "GATE_TRUSTED_PROXIES": "How many proxies in front are trusted for X-Forwarded-* (0 to 5). Default: 0.",
    "GATE_BIND": "Address and port the web server listens on. Default: 127.0.0.1:8000.",
    "GATE_LAN": "yes where scripts/start --lan serves HTTPS to phones on the same network, which sets it. Default: no.",
    "GATE_DEMO_PASSWORD": "Password of the demo accounts. Default: random and printed.",
    "GATE_ADMIN_PASSWORD": "Password of the first township admin when scripts/start --empty has no terminal.",
    "GATE_LOG_LEVEL": "debug, info, warning or error. Default: info.",
}


class SettingsError(Exception):
    """A setting that stops the start; its text is the sentence shown."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a deployment decides. Paths are absolute."""

    data_dir: Path
    database_url: str
    platform_database_url: str
    owner_database_url: str
    keys_url: str
    master_key_file: Path
    signing_key_file: Path
    report_certificate: Path
    base_url: str
    trusted_proxies: int
    bind: str
    log_level: str
    lan: bool = False
    demo_password: str | None = None
    admin_password: str | None = None
    report_certificate_password: str | None = None

    @property
    def makes_certificate(self) -> bool:
        """Whether reports are signed with a certificate of this installation's own making."""
        return self.report_certificate == self.data_dir / "keys" / "report.p12"

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Name or address of the machine in ``base_url``."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """Read all settings; raises ``SettingsError`` with a sentence that names the variable and what it takes."""
    env = os.environ if env is None else env
    unknown = sorted(k for k in env if k.startswith("GATE_") and k not in DOCS and not k.startswith("GATE_TEST_"))
    if unknown:
        raise SettingsError(f"{unknown[0]} is not a setting of GateKeeper; docs/settings.md lists them all.")
    data_dir = Path(env.get("GATE_DATA_DIR") or ROOT / "instance").absolute()
    database_url = env.get("GATE_DATABASE_URL") or f"sqlite:///{data_dir / 'gate.db'}"
    return Settings(
        data_dir=data_dir,
        database_url=_database(database_url, "GATE_DATABASE_URL"),
        platform_database_url=_database(
            env.get("GATE_PLATFORM_DATABASE_URL") or database_url, "GATE_PLATFORM_DATABASE_URL"
        ),
        owner_database_url=_database(env.get("GATE_OWNER_DATABASE_URL") or database_url, "GATE_OWNER_DATABASE_URL"),
        keys_url=_database(env.get("GATE_KEYS_URL") or f"sqlite:///{data_dir / 'keys' / 'keys.db'}", "GATE_KEYS_URL"),
        master_key_file=Path(env.get("GATE_MASTER_KEY_FILE") or data_dir / "keys" / "master.key").absolute(),
        signing_key_file=Path(env.get("GATE_SIGNING_KEY_FILE") or data_dir / "keys" / "signing.key").absolute(),
        report_certificate=Path(env.get("GATE_REPORT_CERTIFICATE") or data_dir / "keys" / "report.p12").absolute(),
        base_url=_base_url(env.get("GATE_BASE_URL") or "http://127.0.0.1:8000"),
        trusted_proxies=_number(env.get("GATE_TRUSTED_PROXIES") or "0", "GATE_TRUSTED_PROXIES", 0, 5),
        bind=_bind(env.get("GATE_BIND") or "127.0.0.1:8000"),
        log_level=_choice(env.get("GATE_LOG_LEVEL") or "info", "GATE_LOG_LEVEL", "debug", "info", "warning", "error"),
        lan=_choice(env.get("GATE_LAN") or "no", "GATE_LAN", "yes", "no") == "yes",
        demo_password=env.get("GATE_DEMO_PASSWORD") or None,
        admin_password=env.get("GATE_ADMIN_PASSWORD") or None,
        report_certificate_password=env.get("GATE_REPORT_CERTIFICATE_PASSWORD") or None,
    )


def _database(url: str, name: str) -> str:
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(f"{name} must begin with sqlite:/// or postgresql:// .")
    return url


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise SettingsError("GATE_BASE_URL must be http:// or https://, a host and perhaps a port, without a path.")
    return url.rstrip("/")


def _number(text: str, name: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def _choice(text: str, name: str, *choices: str) -> str:
    if text not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}.")
    return text


def _bind(text: str) -> str:
    host, _, port = text.rpartition(":")
    _number(port, "GATE_BIND's port", 1, 65535)
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if host != "localhost":
            raise SettingsError("GATE_BIND must be an address and a port, such as 127.0.0.1:8000.") from None
    return text
