"""GateKeeper 守小门: the gate book of an enterprise, its rules and its compliance reports."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask

from gatekeeper import (
    access,
    backups_cli,
    cli,
    clock,
    config,
    directory,
    errors,
    jobs,
    keys_cli,
    lan_cli,
    lan_views,
    language,
    pages,
    schema,
    tenancy,
)
from gatekeeper.config import ROOT, Settings
from gatekeeper.db import Engines, connect
from gatekeeper.keystore import Keystore

if TYPE_CHECKING:
    from gatekeeper.ledger.certificate import Certificate
    from gatekeeper.ledger.signer import Signer

FORM_BYTES = 64 * 1024


@dataclass
class Installation:
    """What a running program holds: settings, databases, keystore, and how tenants are found."""

    settings: Settings
    engines: Engines
    keystore: Keystore | None
    find_tenant: access.FindTenant
    desks: access.Desks
    command_line: bool = False

    def open_keystore(self, *, may_create: bool = False) -> Keystore:
        """The keystore, bound once to its database; raises ``KeyFault`` with what to do."""
        from gatekeeper.ledger import service as ledger

        if self.keystore is None:
            url, file = self.settings.keys_url, self.settings.master_key_file
            self.keystore = Keystore(url, file, may_create=may_create, bound=self._bound_keystore())
            ledger.use_keystore(self.keystore)
            self.bind_keystore()
        return self.keystore

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the public key that checkpoints are checked with; None before there is one."""
        from gatekeeper.ledger import signer, witness

        key = signer.public_key(self.settings.signing_key_file)
        return witness.fingerprint(key) if key else None

    def open_signer(self) -> Signer:
        """The signer of checkpoints, for worker and command line alone; raises ``KeyFault`` without its key."""
        from gatekeeper.ledger.signer import Signer

        if not self.command_line:
            raise RuntimeError("the web server never opens the signing key")
        return Signer(self.settings.signing_key_file)

    def open_certificate(self) -> Certificate:
        """What reports are signed with, for worker and command line alone; raises ``KeyFault`` without it."""
        from gatekeeper.ledger import certificate

        if not self.command_line:
            raise RuntimeError("the web server never opens the key of the reports")
        return certificate.read(self.settings.report_certificate, self.settings.report_certificate_password)

    def _bound_keystore(self) -> str | None:
        """The keystore that the database remembers; None where it remembers none, or has no tables yet."""
        if schema.current(self.engines.read) is None:
            return None
        with tenancy.open_session(self.engines, tenancy.Unscoped()) as session:
            return directory.only(session, directory.Kind.KEYSTORE)

    def bind_keystore(self) -> None:
        """Let a database that remembers no keystore take this one, so that no other is used over it by mistake."""
        if self.keystore is None or schema.current(self.engines.read) is None or self._bound_keystore() is not None:
            return
        with tenancy.open_session(self.engines, tenancy.Unscoped(), write=True) as session, suppress(directory.Taken):
            at = {"enterprise_id": tenancy.PLATFORM_ID, "ref": tenancy.PLATFORM_ID}
            directory.add(session, directory.Kind.KEYSTORE, self.keystore.id, **at)


def create_app(settings: Settings | None = None, *, command_line: bool | None = None, testing: bool = False) -> Flask:
    """The application: settings, database, then one line per feature; ``access.seal`` comes last.

    ``command_line``: take the platform's database role and let commands such as ``flask upgrade`` start on an empty
    database; by default whether ``flask`` runs a command. Otherwise a database without migrations or a missing key
    is a ``SchemaFault`` or ``KeyFault`` that says what to do.
    """
    if settings is None:
        settings = config.from_environment()
        jobs.wake_with(_wake_worker)
    command_line = cli.runs_a_command() if command_line is None else command_line
    app = Flask("gatekeeper", root_path=str(ROOT), static_folder=str(ROOT / "static"))
    app.testing = testing
    app.template_folder = str(ROOT / "templates")
    from gatekeeper.accounts import desks
    from gatekeeper.enterprises import queries as enterprises

    engines = connect(settings.platform_database_url if command_line else settings.database_url)
    installation = Installation(settings, engines, None, enterprises.find_tenant, desks, command_line)
    app.extensions["gate"] = installation
    schema.load_models()
    if not command_line:
        schema.check(engines.read)
        app.secret_key = installation.open_keystore().secret("cookies")
    app.config.update(
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=3600 * 12,
        STARTED_AT=clock.now(),
    )
    errors.init_app(app)
    language.init_app(app)
    pages.init_app(app)
    _register(app)
    pages.exempt_desks(app)
    access.seal(app)
    return app


def _wake_worker() -> None:
    from gatekeeper import worker  # it reads the environment, as this program did

    worker.work()


def _register(app: Flask) -> None:
    """The features, from left to right."""
    from gatekeeper.accounts import cli as accounts_cli
    from gatekeeper.accounts import views as accounts
    from gatekeeper.demo import cli as demo_cli
    from gatekeeper.desk import cli as desk_cli
    from gatekeeper.desk import compared, paper_views  # noqa: F401 - as those of visits
    from gatekeeper.desk import views as desk
    from gatekeeper.enterprises import cli as enterprises_cli
    from gatekeeper.enterprises import views as enterprises
    from gatekeeper.figures import cli as figures_cli
    from gatekeeper.figures import views as figures
    from gatekeeper.registrations import views as registrations
    from gatekeeper.reports import cli as reports_cli
    from gatekeeper.reports import (  # noqa: F401 - as those of visits
        emission_cli,
        emission_views,
        record_views,
        schedule_views,
        town_cli,
        town_views,
        verify_views,
    )
    from gatekeeper.reports import log_views as report_log_views  # noqa: F401
    from gatekeeper.reports import views as reports
    from gatekeeper.retention import cli as retention_cli
    from gatekeeper.risk_areas import cli as risk_areas_cli
    from gatekeeper.risk_areas import views as risk_areas
    from gatekeeper.rulebooks import views as rulebooks
    from gatekeeper.visits import (  # noqa: F401 - they add their views to the blueprint
        acts,
        affected_views,
        desk_views,
        dry_run_views,
        ledger_cli,
        log_views,
        person_views,
        reveal_views,
        tray_views,
        watched_views,
    )
    from gatekeeper.visits import views as visits
    from gatekeeper.watched import views as watched

    accounts.init_app(app)
    for feature in (enterprises, accounts, risk_areas, rulebooks, registrations, watched, visits):
        app.register_blueprint(feature.bp)
    for feature in (desk, figures, reports):
        app.register_blueprint(feature.bp)
    app.register_blueprint(lan_views.bp)
    for commands in (cli, backups_cli, keys_cli, lan_cli, enterprises_cli, accounts_cli, risk_areas_cli):
        commands.init_app(app)
    for commands in (ledger_cli, desk_cli, figures_cli, reports_cli, emission_cli, town_cli, retention_cli, demo_cli):
        commands.init_app(app)
