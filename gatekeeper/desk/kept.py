"""What this process keeps ready for the phones of one database."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

_kept: WeakKeyDictionary[Engine, dict[str, dict[Any, Any]]] = WeakKeyDictionary()


def kept(session: Session, what: str) -> dict[Any, Any]:
    """A dictionary that lives as long as the database is open; each of its values says by itself whether it is true."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return _kept.setdefault(engine, {}).setdefault(what, {})
