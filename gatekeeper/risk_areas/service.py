"""Taking in an official list, and a township putting it in force."""

from __future__ import annotations

import zlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gatekeeper import jobs
from gatekeeper.access import Actor
from gatekeeper.clock import micros
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Enterprise, EnterpriseKind
from gatekeeper.errors import Forbidden, Invalid, NotFound
from gatekeeper.formats import risk_lists
from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.ledger.service import act
from gatekeeper.risk_areas.models import Adoption, RiskList
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import own_id

ADOPTED = "risk_list_adopted"
"""The kind of the job by which features on the right take up a list that was put in force."""


def store(session: Session, raw: bytes, *, at: datetime) -> RiskList:
    """Keep an official list, once for all townships, under the SHA-256 of its file; a known one is returned as it is.

    Any scope that writes will do. Raises ``Invalid`` (``risk_list.*``, field ``file``) for a file that is damaged, cut
    short, of another shape, or whose counts disagree: it is refused as a whole.
    """
    try:
        file = risk_lists.parse(raw)
    except FormatInvalid as wrong:
        raise Invalid(wrong.code, wrong.text, field="file") from None
    known = session.get(RiskList, file.digest)
    if known is not None:
        return known
    row = RiskList(
        hash=file.digest,
        update_time=file.update_time,
        high=file.high,
        middle=file.middle,
        low=file.low,
        unmatched=len(file.unmatched),
        document=zlib.compress(raw, 9),
        loaded_at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else loaded the same file a moment ago
        return session.get_one(RiskList, file.digest)
    return row


def adopt(session: Session, *, list_hash: str, by: Actor, at: datetime) -> Adoption:
    """Put a stored list in force for the township whose office is the session's enterprise, from ``at`` on.

    Adopting a list again returns the standing adoption. An older list than the one in force becomes history: the one
    with the latest update time holds. Raises ``risk_list.office_only``, ``risk_list.unknown``.
    """
    own = own_id(session)
    # Locked, so that two uploads of one list are one adoption; without the key, so that no visit waits for it.
    office = session.scalar(select(Enterprise).where(Enterprise.enterprise_id == own).with_for_update(key_share=True))
    if office is None or office.kind != EnterpriseKind.TOWNSHIP_OFFICE:
        raise Forbidden(
            "risk_list.office_only",
            Text("风险地区名单由镇街启用", "Only a township puts a list of risk areas in force"),
        )
    row = session.get(RiskList, list_hash)
    if row is None:
        raise NotFound("risk_list.unknown", Text("没有这份名单", "There is no such list"))
    same = select(Adoption).where(
        Adoption.enterprise_id == own, Adoption.list_hash == list_hash, Adoption.adopted_at <= at
    )
    standing = session.scalars(same.order_by(Adoption.id).limit(1)).one_or_none()
    if standing is not None:
        return standing
    adoption = Adoption(enterprise_id=own, id=new_id(), list_hash=list_hash, update_time=row.update_time, adopted_at=at)
    session.add(adoption)
    session.flush()
    act(
        session,
        by=by,
        what="risk_list.adopted",
        subject=str(adoption.id),
        body={
            "list": list_hash,
            "update_time": micros(row.update_time),
            "high": row.high,
            "middle": row.middle,
            "low": row.low,
            "unmatched": row.unmatched,
        },
        at=at,
    )
    jobs.enqueue(session, ADOPTED, key=str(adoption.id), by=by, at=at)
    return adoption
