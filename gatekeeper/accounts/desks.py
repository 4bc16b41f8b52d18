"""Enrolled desks: the phones of a gate. A desk signs what it sends with a key that never leaves it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from gatekeeper import directory, tenancy
from gatekeeper.access import Actor, Role, SignedDesk
from gatekeeper.accounts.models import Desk, User
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import Invalid, NotFound
from gatekeeper.ledger.service import act
from gatekeeper.prepared import Prepared, own, table_of
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

KEEPERS = (Role.GUARD, Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN)
"""Who may stand behind an entry of a desk."""


def enrol(session: Session, *, gate_id: UUID, name: str, public_key: str, by: Actor, at: datetime) -> Desk:
    """Enrol a phone at a gate of the session's enterprise; ``public_key`` is a P-256 key in PEM.

    Raises ``gate.unknown``, ``desk.key`` for any other kind of key.
    """
    here = own_id(session)
    enterprises.gate(session, enterprise_id=here, gate_id=gate_id)
    _key(public_key)
    desk = Desk(
        enterprise_id=here,
        id=new_id(),
        gate_id=gate_id,
        name=name[:40],
        public_key=public_key,
        enrolled_at=at,
        enrolled_by=by.id,
    )
    session.add(desk)
    session.flush()
    directory.add(session, directory.Kind.DESK, str(desk.id), enterprise_id=here, ref=desk.id)
    act(session, by=by, what="desk.enrolled", subject=str(desk.id), body={"gate": str(gate_id)}, at=at)
    return desk


def revoke(session: Session, *, desk_id: UUID, by: Actor, at: datetime) -> None:
    """Take a desk out of service: it may only upload what it still has. Raises ``desk.unknown``; twice is once."""
    desk = session.get(Desk, (own_id(session), desk_id))
    if desk is None:
        raise NotFound("desk.unknown", Text("没有这台设备", "There is no such desk"))
    if desk.revoked_at is None:
        desk.revoked_at = at
        session.flush()
        act(session, by=by, what="desk.revoked", subject=str(desk_id), at=at)


@lru_cache(maxsize=5000)
def _key(pem: str) -> EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise Invalid("desk.key", Text("设备密钥不对，请重新登记设备", "Not a desk's key; enrol the phone again"))
    return key


_homes: dict[str, tuple[UUID, str]] = {}
"""Where a desk belongs and its public key, which never change; whether it may still act is read each time."""


def signer(engines: Engines, *, desk_id: str, signature: str, body: bytes) -> UUID | None:
    """The enterprise of the desk that signed ``body``; None for an unknown desk, or when the signature is not its own.

    ``signature`` is base64 of ECDSA (DER) with SHA-256.
    """
    found = _homes.get(desk_id) or _home(engines, desk_id)
    return found[0] if found is not None and _fits(found[1], signature, body) else None


def _home(engines: Engines, desk_id: str) -> tuple[UUID, str] | None:
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        row = directory.find(session, directory.Kind.DESK, desk_id)
    if row is None:
        return None
    with tenancy.open_session(engines, tenancy.Enterprise(row[0])) as session:
        desk = session.get(Desk, row)
    if desk is None:
        return None
    if len(_homes) > 10_000:
        _homes.clear()
    _homes[desk_id] = row[0], desk.public_key
    return _homes[desk_id]


AT_ONCE = 4
"""People that one statement looks up; a shift's entries rarely name more."""

_desk, _user = table_of(Desk), table_of(User)
_SIGNED = Prepared(
    select(
        *(_desk.c.id, _desk.c.gate_id, _desk.c.revoked_at),
        *(_user.c.id.label("user_id"), _user.c.name, _user.c.username, _user.c.role),
    )
    .select_from(
        _desk.outerjoin(
            _user,
            and_(
                _user.c.enterprise_id == _desk.c.enterprise_id,
                or_(*(_user.c.id == bindparam(f"person_{n}") for n in range(AT_ONCE))),
                _user.c.disabled_at.is_(None),
            ),
        )
    )
    .where(own(_desk), _desk.c.id == bindparam("desk"))
)


def signed(session: Session, *, desk_id: UUID, body: bytes) -> SignedDesk | None:
    """The desk that sent ``body`` and the people it names, as they stand now; None where there is no such desk.

    ``body`` may be JSON ``{"by": user id, "events" or "entries": [{"by": user id}, ...]}``.
    """
    data = _read(body)
    people = {str(named.get("by")) for named in _naming(data)}
    ids: list[UUID | None] = [UUID(known) for known in sorted(people) if _is_id(known)]
    rows = []
    for start in range(0, max(len(ids), 1), AT_ONCE):
        some = [*ids[start : start + AT_ONCE], *[None] * AT_ONCE][:AT_ONCE]
        rows += _SIGNED.rows(session, desk=desk_id, **{f"person_{n}": person for n, person in enumerate(some)})
    if not rows:
        return None
    here = own_id(session)
    actors = {
        str(row.user_id): Actor(row.user_id, here, None, row.name, row.username, Role(row.role))
        for row in rows
        if row.user_id is not None and row.role in KEEPERS
    }
    return SignedDesk(here, desk_id, rows[0].gate_id, rows[0].revoked_at is not None, actors, data)


def _read(body: bytes) -> Any:
    """The JSON of a body, None where it is none; what the quick reader will not take the patient one may."""
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        return json.loads(body)  # half a character, cut off by an input method, is text all the same
    except (ValueError, RecursionError):
        return None


def _naming(data: Any) -> list[Mapping[str, Any]]:
    """Whatever in a body may name a person: the body itself, and each entry of its lists."""
    if not isinstance(data, dict):
        return []
    lists = (found for name in ("events", "entries") if isinstance(found := data.get(name), list))
    return [data, *(item for found in lists for item in found if isinstance(item, dict))]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _fits(public_key: str, signature: str, body: bytes) -> bool:
    try:
        _key(public_key).verify(base64.b64decode(signature, validate=True), body, ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
