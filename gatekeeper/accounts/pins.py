"""PINs: how a person is known at a desk that many use. Sealed on the phone, opened and compared here, counted.

A PIN is short, so that it protects only as long as its tries are counted: docs/trust.md says what it promises.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Actor
from gatekeeper.accounts import queries, tries
from gatekeeper.accounts.sessions import prove_password
from gatekeeper.crypto import check_password, derive, hash_password
from gatekeeper.db import Engines
from gatekeeper.errors import Invalid
from gatekeeper.keystore import Keystore
from gatekeeper.ledger.service import act, keystore
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

SHAPE = re.compile(r"[0-9]{4,6}", re.ASCII)
LIMITS = ((5, timedelta(minutes=15)), (20, timedelta(days=1)))
"""Wrong PINs of one person; beyond them even the right one is not taken for a while."""
_POINTS = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points P-256 has."""


def checked(pin: str) -> str:
    """``pin`` where it is one that may be set; raises ``pin.shape``, ``pin.weak``."""
    if not SHAPE.fullmatch(pin):
        raise Invalid("pin.shape", Text("PIN 是 4 至 6 位数字", "A PIN is 4 to 6 digits"), field="pin")
    if is_weak(pin):
        raise Invalid(
            "pin.weak",
            Text(
                "这个 PIN 太容易猜到；不要用顺号、重复的数字、年份或生日",
                "This PIN is easy to guess; no runs, repeated digits, years or birthdays",
            ),
            field="pin",
        )
    return pin


def is_weak(pin: str) -> bool:
    """Runs up or down (1234, 0987), one digit, a repeated part (1212, 123123), a year, a day (0412, 900412)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeated = any(pin == pin[:part] * (len(pin) // part) for part in (2, 3) if len(pin) > part)
    return repeated or (len(steps) == 1 and steps <= {0, 1, 9}) or _is_date(pin)


def _is_date(pin: str) -> bool:
    if len(pin) == 4:
        return 1930 <= int(pin) <= 2039 or _is_day(2000, pin)
    return len(pin) == 6 and (_is_day(1900 + int(pin[:2]), pin[2:]) or _is_day(2000 + int(pin[:2]), pin[2:]))


def _is_day(year: int, month_day: str) -> bool:
    try:
        date(year, int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return False
    return True


def new_pin() -> str:
    """Six random digits that are not easy to guess."""
    while is_weak(pin := f"{secrets.randbelow(1_000_000):06}"):
        pass
    return pin


@dataclass(frozen=True)
class NewPin:
    """A PIN to be set, hashed already: hashing is slow and belongs before a transaction."""

    text: str = field(default_factory=new_pin, repr=False)
    hash: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.hash:
            object.__setattr__(self, "hash", hash_password(checked(self.text)))


def give(session: Session, *, user_id: UUID, pin: NewPin, by: Actor, at: datetime) -> None:
    """Set a person's PIN, in force at once; raises ``user.unknown``. The book says that, not what it is."""
    user = queries.user(session, enterprise_id=own_id(session), user_id=user_id)
    user.pin_hash = pin.hash
    session.flush()
    act(session, by=by, what="user.pin_set", subject=str(user_id), body={"username": user.username}, at=at)


def set_own(engines: Engines, *, by: Actor, password: str, pin: str, at: datetime) -> None:
    """Set one's own PIN; raises ``pin.shape``, ``pin.weak``, ``password.wrong``, ``sign_in.too_many``."""
    checked(pin)
    wrong = Invalid("password.wrong", Text("登录密码不对", "The password is wrong"), field="password")
    prove_password(engines, by=by, password=password, at=at, wrong=wrong)
    new = NewPin(pin)
    with tenancy.open_session(engines, tenancy.Enterprise(by.enterprise_id), write=True) as session:
        give(session, user_id=by.id, pin=new, by=by, at=at)


def is_right(engines: Engines, scope: tenancy.Enterprise, *, user_id: UUID, pin: str | None, at: datetime) -> bool:
    """Whether ``pin`` is this person's. Tries are counted; False too where they are used up, or none was ever set."""
    with tenancy.open_session(engines, scope) as session:
        stored = queries.user(session, enterprise_id=scope.id, user_id=user_id).pin_hash
    if stored is None or pin is None or not SHAPE.fullmatch(pin):
        return False
    over = tries.TooMany("pin.too_many", Text("PIN 试错太多次，请稍后再试", "Too many wrong PINs; try later"))
    try:
        try_id = tries.begin(engines, scope, f"pin|{user_id}", at=at, limits=LIMITS, over=over)
    except tries.TooMany:
        return False
    if not check_password(pin, stored):
        return False
    with tenancy.open_session(engines, scope, write=True) as session:
        tries.succeeded(session, try_id)
    return True


def proved(
    engines: Engines, scope: tenancy.Enterprise, *, user_id: UUID, sealed: Any, entry_id: str, at: datetime
) -> bool:
    """Whether ``sealed`` holds this person's PIN, sealed by them for the entry ``entry_id``."""
    pin = unsealed(sealed, entry_id, str(user_id))
    return is_right(engines, scope, user_id=user_id, pin=pin, at=at)


def seal() -> dict[str, str]:
    """{id, key}: the public key to which phones seal PINs, base64 of its SubjectPublicKeyInfo."""
    spki = _private(keystore()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"id": hashlib.sha256(spki).hexdigest()[:16], "key": base64.b64encode(spki).decode()}


@lru_cache(8)
def _private(keys: Keystore) -> ec.EllipticCurvePrivateKey:
    """The private half, of a secret in the keystore: the same in every process, kept and rotated as its others."""
    number = int.from_bytes(keys.secret("desk pins"), "big") % (_POINTS - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def unsealed(sealed: Any, entry_id: str, user_id: str) -> str | None:
    """The PIN in ``{seal, key, iv, box}``; None for what was not sealed to this server for this entry and person."""
    try:
        iv, box, key = (base64.b64decode(sealed[name], validate=True) for name in ("iv", "box", "key"))
        if sealed["seal"] != seal()["id"] or len(iv) != 12:
            return None
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        shared = _private(keystore()).exchange(ec.ECDH(), point)
        return AESGCM(derive(shared, "gate pin")).decrypt(iv, box, f"{entry_id}|{user_id}".encode()).decode()
    except (InvalidTag, KeyError, TypeError, ValueError):
        return None
