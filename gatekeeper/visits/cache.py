"""Folded visits of this process, so that the next event of a truck need not read its entries again.

Safe because a state is immutable, kept only after its commit, and used only while the locked row still names the
entry it ends with. It never leaves the process, and pages do not read it: they fold the book, where erasure shows.
"""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

from gatekeeper.tenancy import ScopedSession
from gatekeeper.visits.folding import Fold

KEPT = 2000
_folds: OrderedDict[tuple[UUID, str], Fold] = OrderedDict()


def find(session: Session, enterprise_id: UUID, visit_id: UUID, *, last_seq: int) -> Fold | None:
    """The fold that ends with entry ``last_seq``; None when this process does not hold it."""
    at = (enterprise_id, str(visit_id))
    fold = session.info.get("visit_folds", {}).get(at) or _folds.get(at)
    return fold if fold is not None and fold.state is not None and fold.state.last_seq == last_seq else None


def keep(session: Session, enterprise_id: UUID, fold: Fold) -> None:
    """Keep a fold once the session's transaction is committed."""
    if fold.state is not None:
        session.info.setdefault("visit_folds", {})[(enterprise_id, fold.state.visit_id)] = fold


@event.listens_for(ScopedSession, "after_commit")
def _committed(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; the transaction may still be rolled back
        return
    for at, fold in session.info.pop("visit_folds", {}).items():
        _folds[at] = fold
        _folds.move_to_end(at)
    while len(_folds) > KEPT:
        _folds.popitem(last=False)


@event.listens_for(ScopedSession, "after_rollback")
def _rolled_back(session: Session) -> None:
    session.info.pop("visit_folds", None)
