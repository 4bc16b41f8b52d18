"""Photos of a form: kept before the row that names them, and their fields become their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from gatekeeper import files
from gatekeeper.clock import day_of
from gatekeeper.ledger.service import keystore
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.retention import days_of
from gatekeeper.visits.state import State


def retention(session: Session, *, at: datetime, state: State | None = None) -> dict[str, int]:
    """Days by class, as an entry of a visit gets them: once it was admitted as the rulebooks that admitted it say.

    Until then, and for a visit that is not known yet (None), as those say that are in force at ``at``.
    """
    if state is not None and state.admitted_at is not None and state.book_ids:
        return days_of(rulebooks.by_ids(session, ids=[UUID(book) for book in state.book_ids]))
    return days_of(rulebooks.in_force(session, at=at))


def expires_on(at: datetime, retention: Mapping[str, int]) -> date:
    """The last day of a photo that is stored at ``at``; ``retention``: days by class."""
    return day_of(at) + timedelta(days=retention["photo"])


def keep(form: FlaskForm, *, enterprise_id: UUID, at: datetime, retention: Mapping[str, int]) -> None:
    """Store every uploaded photo of ``form`` for the days of ``retention``.

    Raises ``Invalid`` for what is not a photo; the rest of the form stays.
    """
    last_day = expires_on(at, retention)
    folder = current_app.extensions["gate"].settings.data_dir / "photos"
    refused = None
    for field in form:
        upload = field.data
        if not isinstance(upload, FileStorage):
            continue
        field.data = None
        if upload.filename:
            try:
                field.data = files.store(
                    folder, keystore(), upload.read(), enterprise=enterprise_id, expires_on=last_day
                )
            except files.Invalid as error:
                refused = error
    if refused is not None:
        raise refused
