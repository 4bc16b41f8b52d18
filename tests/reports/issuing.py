"""Asking for a report as the admin does, and what came of it."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from gatekeeper import clock, tenancy
from gatekeeper.config import Settings
from gatekeeper.ledger.models import LedgerEntry
from gatekeeper.reports.models import IssuedReport
from tests.factories import World
from tests.visits.gate import AtGate


def press(client: FlaskClient, played: AtGate) -> str:
    """The button below the two days; the page that follows."""
    day = str(clock.today())
    sent = client.post(f"/e/{played.place.slug}/reports/issued", data={"issue-first": day, "issue-last": day})
    assert sent.status_code == 302, sent.get_data(as_text=True)
    return page(client, played)


def page(client: FlaskClient, played: AtGate, lang: str = "zh") -> str:
    answer = client.get(f"/e/{played.place.slug}/reports?lang={lang}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows(world: World) -> list[IssuedReport]:
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return list(session.scalars(select(IssuedReport)))


def acts(world: World) -> int:
    """How many entries of the book say that a report was issued."""
    with tenancy.open_session(world.engines, world.own.scope) as session:
        return len(session.scalars(select(LedgerEntry.seq).where(LedgerEntry.bytes.contains("report.issued"))).all())


def files(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "issued").rglob("*") if path.is_file()]


def pdf_of(client: FlaskClient, played: AtGate, row: IssuedReport) -> bytes:
    return client.get(f"/e/{played.place.slug}/reports/issued/{row.id}.pdf").data
