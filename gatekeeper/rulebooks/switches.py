"""The township's switch: a pack put on enterprises at once, taken away again, acknowledged; and the alert level.

A switched pack judges beside the township's rulebook and the enterprise's own. Its rules carry codes of their own
(``<pack>__<code>``), so that a waiver or a figure never takes one for a rule of the township's rulebook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gatekeeper import jobs
from gatekeeper.access import Actor
from gatekeeper.clock import day_of, local, micros
from gatekeeper.db import new_id
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.errors import DomainError, Invalid
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.service import act
from gatekeeper.rulebooks import switch_queries as queries
from gatekeeper.rulebooks.checking import checked, code_in_pack
from gatekeeper.rulebooks.models import Acknowledgement, AlertLevel, PackSwitch, Reach, SwitchEnd, SwitchTarget
from gatekeeper.rulebooks.reach import reaches
from gatekeeper.rulebooks.switch_queries import Order
from gatekeeper.rules import codec, packs
from gatekeeper.rules.values import Owner, Rulebook, Text
from gatekeeper.tenancy import own_id

THIS_MINUTE = timedelta(minutes=1)
"""A time is picked in whole minutes: one of the minute that is running means now."""
REASON = 200
HIGHEST = 10
JUDGE_AGAIN = "rejudge"
"""The job that judges again who waits in the township; the worker also looks by itself, twice a minute."""


class AlreadyOn(DomainError):
    """The same pack is on, or will be, for some of the same enterprises at some of the same time: ``order``."""

    def __init__(self, order: Order) -> None:
        self.order = order
        since = local(order.switch.holds_from).strftime("%Y-%m-%d %H:%M")
        super().__init__(
            "switch.already_on",
            Text(
                f"{since} 起已对其中的企业启用“{order.title.zh}”，请先结束那一次",
                f"“{order.title.en}” is on for some of these from {since}; end that first",
            ),
            field="reach",
        )


def of_pack(pack: str, *, at: datetime, version: str = "draft") -> Rulebook:
    """The rules of a pack as a switch puts them in force, with codes of their own.

    Raises ``Invalid`` at ``pack``: ``switch.pack_unknown``, ``switch.pack_ended`` where its duty is over for good.
    """
    if pack not in packs.codes():
        raise Invalid("switch.pack_unknown", Text("请选择规则包", "Choose a pack"), field="pack")
    ended = packs.ended(pack)
    if ended is not None and day_of(at) >= ended:
        raise Invalid(
            "switch.pack_ended",
            Text(f"这个规则包的依据已于 {ended} 终止，不能再启用", f"The duty of this pack ended on {ended}"),
            field="pack",
        )
    document = packs.load(pack)
    for rule in document["rules"]:
        rule["code"] = code_in_pack(pack, rule["code"])
    return checked(document, owner=Owner.TOWNSHIP, version=version, pack=True)


def reached(
    among: Iterable[Enterprise], *, reach: str, cluster: str | None = None, named: Collection[UUID] = ()
) -> list[Enterprise]:
    """Which enterprises a switch would be for, closed ones left out."""
    row = PackSwitch(reach=reach, cluster=cluster)
    return [
        place
        for place in among
        if place.closed_at is None
        and reaches(row, named=named, enterprise_id=place.enterprise_id, cluster=place.cluster, kind=place.kind)
    ]


def switch_on(
    session: Session,
    *,
    pack: str,
    reach: str,
    reason: str,
    among: Sequence[Enterprise],
    by: Actor,
    at: datetime,
    cluster: str | None = None,
    named: Collection[UUID] = (),
    holds_from: datetime | None = None,
    holds_until: datetime | None = None,
) -> PackSwitch:
    """Put a pack on enterprises, under the scope of their township's office; ``among``: those of the township.

    ``holds_from`` None: from ``at``; ``holds_until`` None: until it is switched off. Raises ``Invalid`` at its field:
    those of ``of_pack``, ``switch.reason``, ``switch.reach``, ``switch.nobody``, ``switch.stranger``, ``switch.past``,
    ``switch.until``; ``AlreadyOn``.
    """
    switch_id = new_id()
    book = of_pack(pack, at=at, version=str(switch_id))
    reason = _reason(reason)
    start = _start(holds_from, at=at)
    if holds_until is not None and (holds_until <= start or holds_until <= at):
        raise Invalid(
            "switch.until",
            Text("结束时间要晚于开始时间和现在", "It ends after it begins, and after now"),
            field="holds_until",
        )
    data = codec.canonical(codec.to_document(book))
    row = PackSwitch(
        enterprise_id=own_id(session),
        id=switch_id,
        pack=pack,
        reach=_reach(reach),
        cluster=cluster if reach == Reach.CLUSTER else None,
        holds_from=start,
        holds_until=holds_until,
        reason=reason,
        document=data.decode(),
        content_hash=content_hash(data),
        made_at=at,
        made_by=by.id,
        made_by_name=by.name[:40],
    )
    targets = _targets(named, among) if reach == Reach.NAMED else []
    _not_twice(session, row, _somebody(among, row, targets), at=at)
    session.add(row)
    session.flush()
    session.add_all(SwitchTarget(enterprise_id=row.enterprise_id, switch_id=row.id, target_id=each) for each in targets)
    session.flush()
    act(session, by=by, what="pack.switched_on", subject=str(row.id), body=queries.said(row, targets), at=at)
    jobs.enqueue(session, JUDGE_AGAIN, key=str(row.id), by=by, at=at)
    return row


def switch_off(session: Session, *, switch_id: UUID, reason: str, by: Actor, at: datetime) -> SwitchEnd:
    """End a switch at ``at``, before its time; raises ``switch.ended`` where it is over, ``Invalid`` at ``reason``."""
    order = queries.order(session, switch_id=switch_id, at=at)
    row = SwitchEnd(
        enterprise_id=own_id(session),
        switch_id=switch_id,
        ended_at=at,
        ended_by=by.id,
        ended_by_name=by.name[:40],
        reason=_reason(reason),
    )
    if order.standing == queries.ENDED or order.end is not None:
        raise _Over
    _add(session, row, otherwise=_Over)
    act(
        session,
        by=by,
        what="pack.switched_off",
        subject=str(switch_id),
        body={"ended_at": micros(at), "reason": row.reason},
        at=at,
    )
    jobs.enqueue(session, JUDGE_AGAIN, key=f"{switch_id} off", by=by, at=at)
    return row


def acknowledge(session: Session, *, switch_id: UUID, by: Actor, at: datetime) -> Acknowledgement:
    """The session's enterprise has seen what a switch changes for it; a second time is answered with the first."""
    order = queries.order(session, switch_id=switch_id, at=at)
    place = queries.place(session)
    if not order.reaches(place):
        raise Invalid("switch.not_here", Text("这条指令不涉及本企业", "This order is not for this enterprise"))
    seen = queries.acknowledged(session, enterprise_id=place.enterprise_id).get(switch_id)
    if seen is not None:
        return seen
    office = order.switch.enterprise_id
    row = Acknowledgement(
        enterprise_id=place.enterprise_id,
        owner_enterprise_id=office,
        switch_id=switch_id,
        at=at,
        by=by.id,
        by_name=by.name[:40],
    )
    said = Text("刚刚有人确认过了", "Somebody acknowledged it just now")
    _add(session, row, otherwise=DomainError("switch.acknowledged", said))
    body = {"office": str(office), "content_hash": order.switch.content_hash}
    act(session, by=by, what="pack.acknowledged", subject=str(switch_id), body=body, at=at)
    return row


def set_alert_level(
    session: Session, *, level: int, reason: str, by: Actor, at: datetime, holds_from: datetime | None = None
) -> AlertLevel:
    """The township's alert level (0 to 10) from ``holds_from`` on (None: from ``at``), under its office's scope.

    One that begins later counts from its own time on, whatever was set in between. Raises ``Invalid`` at ``level``,
    ``reason`` or ``holds_from``.
    """
    if type(level) is not int or not 0 <= level <= HIGHEST:
        said = Text(f"预警等级是 0 到 {HIGHEST} 的整数", f"The level is a whole number from 0 to {HIGHEST}")
        raise Invalid("alert.level", said, field="level")
    row = AlertLevel(
        enterprise_id=own_id(session),
        id=new_id(),
        level=level,
        holds_from=_start(holds_from, at=at),
        reason=_reason(reason),
        made_at=at,
        made_by=by.id,
        made_by_name=by.name[:40],
    )
    session.add(row)
    session.flush()
    body = {"level": level, "holds_from": micros(row.holds_from), "reason": row.reason}
    act(session, by=by, what="alert.set", subject=str(row.id), body=body, at=at)
    jobs.enqueue(session, JUDGE_AGAIN, key=str(row.id), by=by, at=at)
    return row


_Over = DomainError("switch.ended", Text("这条指令已经结束了", "This order has ended already"))


def _add(session: Session, row: Any, *, otherwise: DomainError) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise otherwise from None


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid(
            "switch.reason", Text("请写明原因，企业看得到", "Say why; the enterprises read it"), field="reason"
        )
    if len(reason) > REASON:
        said = Text(f"最多 {REASON} 个字", f"At most {REASON} characters")
        raise Invalid("switch.reason_long", said, field="reason")
    return reason


def _start(holds_from: datetime | None, *, at: datetime) -> datetime:
    start = at if holds_from is None or at - THIS_MINUTE < holds_from < at else holds_from
    if start < at:
        raise Invalid(
            "switch.past", Text("开始时间已经过去，请选现在或以后", "That time has passed; choose now or later"),
            field="holds_from",
        )  # fmt: skip
    return start


def _reach(reach: str) -> str:
    if reach not in list(Reach):
        raise Invalid("switch.reach", Text("请选择对哪些企业启用", "Choose for whom"), field="reach")
    return Reach(reach).value


def _targets(named: Collection[UUID], among: Sequence[Enterprise]) -> list[UUID]:
    strangers = set(named) - {place.enterprise_id for place in among}
    if strangers:
        said = Text("所选企业不在本镇街", "One of these enterprises is not of this township")
        raise Invalid("switch.stranger", said, field="named")
    return sorted(set(named))


def _somebody(among: Sequence[Enterprise], row: PackSwitch, targets: Sequence[UUID]) -> list[Enterprise]:
    found = reached(among, reach=row.reach, cluster=row.cluster, named=targets)
    if not found:
        field = {Reach.CLUSTER: "cluster", Reach.NAMED: "named"}.get(Reach(row.reach), "reach")
        said = Text("这样选没有涉及任何企业", "This reaches no enterprise")
        raise Invalid("switch.nobody", said, field=field)
    return found


def _not_twice(session: Session, row: PackSwitch, places: Sequence[Enterprise], *, at: datetime) -> None:
    for other in queries.orders(session, at=at):
        begins_before = row.holds_until is None or other.switch.holds_from < row.holds_until
        ends_after = other.until is None or other.until > row.holds_from
        if other.switch.pack == row.pack and begins_before and ends_after and any(map(other.reaches, places)):
            raise AlreadyOn(other)
