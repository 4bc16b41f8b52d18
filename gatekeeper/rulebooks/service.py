"""Publishing rulebooks, and the verbs of the draft. A published version never changes; the next one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.clock import micros
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Enterprise, Township
from gatekeeper.errors import DomainError, Invalid
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.service import act
from gatekeeper.rulebooks import context, queries
from gatekeeper.rulebooks.checking import (
    FactUnasked,
    RulebookContradicts,
    RulebookRefused,
    askable,
    checked,
    consistent,
)
from gatekeeper.rulebooks.drafts import (
    DraftChanged,
    add_rule,
    current,
    discard,
    draft,
    end,
    move_rule,
    order_rules,
    owner_of,
    remove_rule,
    resume,
    save_rule,
    undo,
)
from gatekeeper.rulebooks.models import RulebookDraft, RulebookVersion
from gatekeeper.rulebooks.pack_rules import add_pack_rules
from gatekeeper.rules import codec
from gatekeeper.rules.values import Owner, Text
from gatekeeper.tenancy import own_id

__all__ = [
    "DraftChanged",
    "FactUnasked",
    "PublishedMeanwhile",
    "RulebookContradicts",
    "RulebookRefused",
    "add_pack_rules",
    "add_rule",
    "discard",
    "draft",
    "move_rule",
    "order_rules",
    "publish",
    "publish_document",
    "remove_rule",
    "resume",
    "save_rule",
    "undo",
]

NOTE = 200


class PublishedMeanwhile(DomainError):
    """Somebody published since the difference was shown."""

    def __init__(self) -> None:
        zh = "刚刚有人发布了一版。您填写的内容还在：请看下面两处不同，再确认一次。"
        en = "Somebody published a version just now. What you entered is still here: look at both differences below."
        super().__init__("rulebook.raced", Text(zh, en))


THIS_MINUTE = timedelta(minutes=1)
"""A time is picked in whole minutes: one of the minute that is running means now."""


def publish_document(
    session: Session,
    document: Mapping[str, Any],
    *,
    owner: Owner,
    by: Actor,
    at: datetime,
    holds_from: datetime | None = None,
    note: str = "",
    origin: str | None = None,
    seen: int | None = None,
) -> RulebookVersion:
    """Publish ``document`` as the next version, in force from ``holds_from`` (aware; None: from ``at``).

    ``seen``: the number of the version it was compared with, 0 for none (None: with whichever is the last);
    ``origin`` is kept with the version, JSON.

    Raises ``RulebookRefused`` (``rulebook.invalid``), ``RulebookContradicts`` (``rulebook.contradiction``),
    ``FactUnasked`` (``rulebook.fact_unasked``), ``Invalid`` at ``holds_from`` (``rulebook.past``,
    ``rulebook.before_last``) or ``note``, ``rulebook.owner`` where an office would publish a factory's rules or the
    reverse, ``PublishedMeanwhile`` (``rulebook.raced``).
    """
    if owner != owner_of(session):
        raise Invalid("rulebook.owner", Text("只能发布本单位的规则", "Only one's own rules can be published"))
    version_id = new_id()
    rulebook = consistent(checked(document, owner=owner, version=str(version_id)))
    mine = own_id(session)
    askable(rulebook, context.here(session, mine), place=context.places(session, mine))
    last = queries.last(session, enterprise_id=own_id(session))
    if seen is not None and seen != (last.number if last else 0):
        raise PublishedMeanwhile
    data = codec.canonical(codec.to_document(rulebook))
    row = RulebookVersion(
        enterprise_id=own_id(session),
        id=version_id,
        number=last.number + 1 if last else 1,
        owner=owner.value,
        document=data.decode(),
        content_hash=content_hash(data),
        holds_from=_start(session, holds_from, at=at, last=last),
        published_at=at,
        published_by=by.id,
        published_by_name=by.name[:40],
        note=_note(note),
        origin=origin,
    )
    _add(session, row)
    body = {"number": row.number, "content_hash": row.content_hash, "holds_from": micros(row.holds_from)}
    act(session, by=by, what="rulebook.published", subject=str(row.id), body=body, at=at)
    return row


def publish(
    session: Session,
    draft: RulebookDraft,
    *,
    by: Actor,
    at: datetime,
    holds_from: datetime | None = None,
    note: str = "",
    revision: int | None = None,
    seen: int | None = None,
) -> RulebookVersion:
    """Publish the draft and end it; raises as ``publish_document``, and ``DraftChanged``."""
    document = current(session, draft, revision=revision)
    when: dict[str, Any] = {"at": at, "holds_from": holds_from, "note": note, "seen": seen}
    made = publish_document(session, document, owner=owner_of(session), by=by, origin=draft.origin, **when)
    end(session, draft)
    return made


def _start(session: Session, holds_from: datetime | None, *, at: datetime, last: RulebookVersion | None) -> datetime:
    """From when the version holds. The past stays as it was judged: only a first version or a demo may begin there."""
    start = at if holds_from is None or at - THIS_MINUTE < holds_from < at else holds_from
    if last is not None and start < at and not _demo(session):
        raise Invalid(
            "rulebook.past",
            Text("执行时间已经过去，请选现在或以后", "That time has passed; choose now or later"),
            field="holds_from",
        )
    if last is not None and start < last.holds_from:
        raise Invalid(
            "rulebook.before_last",
            Text(
                f"第 {last.number} 版的执行时间更晚，新版不能早于它",
                f"Version {last.number} holds from a later time; the new one cannot begin before it",
            ),
            field="holds_from",
        )
    return start


def _demo(session: Session) -> bool:
    row = session.get(Enterprise, own_id(session))
    township = session.get(Township, row.township_id) if row is not None and row.township_id else None
    return township is not None and township.demo


def _note(note: str) -> str:
    note = note.strip()
    if len(note) > NOTE:
        raise Invalid("note.long", Text(f"最多 {NOTE} 个字", f"At most {NOTE} characters"), field="note")
    return note


def _add(session: Session, row: RulebookVersion) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise PublishedMeanwhile from None
