"""Photos of a form: kept before the row that names them, and their fields become their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage

from gatekeeper import files
from gatekeeper.clock import day_of
from gatekeeper.ledger.service import RETENTION_DAYS, keystore


def expires_on(at: datetime, retention: Mapping[str, int] = RETENTION_DAYS) -> date:
    """The last day of a photo that is stored at ``at``; ``retention``: days by class."""
    return day_of(at) + timedelta(days=retention["photo"])


def keep(form: FlaskForm, *, enterprise_id: UUID, at: datetime, retention: Mapping[str, int] = RETENTION_DAYS) -> None:
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
