"""Undo: the draft as it stood before each of its changes, with the change in words. Steps end with their draft."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.rulebooks.models import DraftStep, RulebookDraft
from gatekeeper.rules.values import Text

KEPT = 50
"""Steps kept of a draft; the oldest goes first."""
SHORT = 40


def keep(session: Session, draft: RulebookDraft, *, what: Text) -> None:
    """Keep the draft as it stands, before ``what`` is done to it."""
    stored = "\n".join(text.replace("\n", " ")[:99] for text in what)
    step = {"revision": draft.revision, "document": draft.document, "what": stored}
    session.add(DraftStep(enterprise_id=draft.enterprise_id, **step))
    session.flush()
    for old in _steps(session, draft.enterprise_id)[KEPT:]:
        session.delete(old)


def last(session: Session, *, enterprise_id: UUID) -> Text | None:
    """What an undo would take back; None where nothing was changed."""
    found = _steps(session, enterprise_id)[:1]
    return Text(*found[0].what.split("\n", 1)) if found else None


def take(session: Session, *, enterprise_id: UUID) -> str | None:
    """The document before the last change, that step forgotten; None where nothing was changed."""
    found = _steps(session, enterprise_id)[:1]
    for step in found:
        session.delete(step)
    return found[0].document if found else None


def forget(session: Session, *, enterprise_id: UUID) -> None:
    """Forget every step: the draft ends."""
    for step in _steps(session, enterprise_id):
        session.delete(step)
    session.flush()


def short(title: str) -> str:
    """A title that leaves room for the words around it."""
    return title if len(title) <= SHORT else f"{title[: SHORT - 1]}…"


def _steps(session: Session, enterprise_id: UUID) -> list[DraftStep]:
    query = select(DraftStep).where(DraftStep.enterprise_id == enterprise_id).order_by(DraftStep.revision.desc())
    return list(session.scalars(query))
