"""Opening, changing and closing townships, enterprises, their gates and zones; each an entry in the book."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gatekeeper import directory
from gatekeeper.access import Actor
from gatekeeper.db import new_id
from gatekeeper.enterprises import queries
from gatekeeper.enterprises.models import Enterprise, EnterpriseKind, Gate, Size, Township, Zone
from gatekeeper.enterprises.values import VISITORS
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.formats import people
from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.ledger.service import act
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import PLATFORM_ID, own_id

_SLUG = re.compile("[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
_CODE = re.compile("[A-Za-z0-9-]{1,20}")
_RESERVED = frozenset({"platform"})
Row = TypeVar("Row", Enterprise, Gate, Zone)


def add_township(session: Session, *, name: str, slug: str, by: Actor, at: datetime, demo: bool = False) -> Township:
    """Open a township; its office becomes the enterprise of the session's scope.

    Raises ``demo.mixed`` where real and demo townships would share an installation, ``township.taken``,
    ``slug.taken``, ``slug.shape``, ``name.empty``.
    """
    office_id = own_id(session)
    if session.scalar(select(func.count()).select_from(Township).where(Township.demo.is_not(demo))):
        raise DomainError(
            "demo.mixed",
            Text(
                "演示镇街与真实镇街不能放在同一套系统里，请另设数据目录",
                "A demo and a real township cannot share an installation; give one of them another data folder",
            ),
        )
    name = _name(name, 60)
    if session.scalar(select(Township.id).where(Township.name == name)) is not None:
        raise Invalid("township.taken", Text("已有同名镇街", "There is a township of this name already"), field="name")
    township = Township(id=new_id(), name=name, office_id=office_id, demo=demo, created_at=at)
    session.add(township)
    session.flush()
    _open(session, township.id, slug=slug, name=name, kind=EnterpriseKind.TOWNSHIP_OFFICE, at=at)
    act(session, by=by, what="township.added", subject=slug, body={"name": name, "demo": demo}, at=at)
    return township


def add_enterprise(
    session: Session,
    *,
    township_id: UUID,
    slug: str,
    name: str,
    by: Actor,
    at: datetime,
    kind: EnterpriseKind = EnterpriseKind.FACTORY,
    credit_code: str | None = None,
    cluster: str | None = None,
    size: str = Size.SMALL,
    exporter: bool = False,
    previous_id: UUID | None = None,
) -> Enterprise:
    """Open an enterprise under the id of the session's scope.

    ``previous_id`` is the same enterprise under its former township. Raises ``slug.taken``, ``slug.shape``,
    ``name.empty``, ``credit_code.*``, ``enterprise.kind``.
    """
    if kind in (EnterpriseKind.PLATFORM, EnterpriseKind.TOWNSHIP_OFFICE):
        raise Invalid("enterprise.kind", Text("这一类不能这样新增", "This kind is not added this way"), field="kind")
    details = _details(name=name, credit_code=credit_code, cluster=cluster, size=size, exporter=exporter)
    enterprise = _open(session, township_id, slug=slug, kind=kind, at=at, previous_id=previous_id, **details)
    act(session, by=by, what="enterprise.added", subject=slug, body={"kind": str(kind), **details}, at=at)
    return enterprise


def change_enterprise(
    session: Session,
    *,
    name: str,
    credit_code: str | None,
    cluster: str | None,
    size: str,
    exporter: bool,
    by: Actor,
    at: datetime,
) -> Enterprise:
    """Set what is known of the session's enterprise; the entry names what changed, and nothing is written without."""
    enterprise = _own(session)
    details = _details(name=name, credit_code=credit_code, cluster=cluster, size=size, exporter=exporter)
    changed = {key: value for key, value in details.items() if getattr(enterprise, key) != value}
    if changed:
        for key, value in changed.items():
            setattr(enterprise, key, value)
        session.flush()
        act(session, by=by, what="enterprise.changed", subject=enterprise.slug, body=changed, at=at)
    return enterprise


def close_enterprise(session: Session, *, by: Actor, at: datetime) -> Enterprise:
    """Close the session's enterprise: nobody of it signs in any more, its history stays readable.

    Raises ``enterprise.closed`` where it is closed already, ``enterprise.kind`` for an office or the platform.
    """
    enterprise = _own(session)
    if enterprise.kind in (EnterpriseKind.PLATFORM, EnterpriseKind.TOWNSHIP_OFFICE):
        raise Invalid("enterprise.kind", Text("镇街机关不能停用", "A township's office cannot be closed"))
    _close(enterprise, at, "enterprise", Text("这家企业已经停用", "This enterprise is closed already"))
    session.flush()
    act(session, by=by, what="enterprise.closed", subject=enterprise.slug, at=at)
    return enterprise


def add_gate(session: Session, *, name: str, by: Actor, at: datetime, accepts: Iterable[str] = ()) -> Gate:
    """Add an entrance, limited to the kinds of visitor in ``accepts`` (empty: all); ``gate.taken``, ``name.empty``."""
    name = _gate_name(session, name)
    gate = Gate(enterprise_id=own_id(session), id=new_id(), name=name, accepts=_accepts(accepts), created_at=at)
    session.add(gate)
    session.flush()
    act(session, by=by, what="gate.added", subject=str(gate.id), body={"name": name, "accepts": gate.accepts}, at=at)
    return gate


def change_gate(
    session: Session, *, gate_id: UUID, name: str, by: Actor, at: datetime, accepts: Iterable[str] = ()
) -> Gate:
    """Rename a gate, or change what it accepts; raises ``gate.unknown``, ``gate.taken``, ``name.empty``."""
    gate = queries.gate(session, enterprise_id=own_id(session), gate_id=gate_id)
    new = {"name": _gate_name(session, name, but=gate_id), "accepts": _accepts(accepts)}
    if (gate.name, gate.accepts) != (new["name"], new["accepts"]):
        gate.name, gate.accepts = new["name"], new["accepts"]
        session.flush()
        act(session, by=by, what="gate.changed", subject=str(gate_id), body=new, at=at)
    return gate


def close_gate(session: Session, *, gate_id: UUID, by: Actor, at: datetime) -> Gate:
    """Close a gate for new arrivals; raises ``gate.unknown``, ``gate.closed``, ``gate.last``."""
    gate = queries.gate(session, enterprise_id=own_id(session), gate_id=gate_id)
    if {row.id for row in queries.gates(session, enterprise_id=gate.enterprise_id)} == {gate_id}:
        raise DomainError(
            "gate.last",
            Text("至少要留一个门岗；请先新增另一个再停用", "One gate must stay; add another before closing this one"),
        )
    _close(gate, at, "gate", Text("这个门岗已经停用", "This gate is closed already"))
    session.flush()
    act(session, by=by, what="gate.closed", subject=str(gate_id), body={"name": gate.name}, at=at)
    return gate


def add_zone(session: Session, *, code: str, name: str, by: Actor, at: datetime) -> Zone:
    """Add a part of the site; ``code`` is what rules name. A closed zone of this code opens again under ``name``.

    Raises ``zone.taken``, ``zone.code``, ``name.empty``.
    """
    code, name = code.strip().upper(), _name(name, 40)
    if not _CODE.fullmatch(code):
        raise Invalid(
            "zone.code",
            Text("编号为 1 至 20 个字母、数字或连字符", "A code is 1 to 20 letters, digits or hyphens"),
            field="code",
        )
    zone = session.scalar(select(Zone).where(Zone.code == code))
    if zone is not None and zone.closed_at is None:
        raise Invalid("zone.taken", Text("已有这个编号的分区", "There is a zone of this code already"), field="code")
    if zone is None:
        zone = Zone(enterprise_id=own_id(session), id=new_id(), code=code, name=name)
        session.add(zone)
    zone.name, zone.closed_at = name, None
    session.flush()
    act(session, by=by, what="zone.added", subject=str(zone.id), body={"code": code, "name": name}, at=at)
    return zone


def change_zone(session: Session, *, zone_id: UUID, name: str, by: Actor, at: datetime) -> Zone:
    """Rename a zone; its code stays, since rules name it. Raises ``zone.unknown``, ``name.empty``."""
    zone, name = queries.zone(session, enterprise_id=own_id(session), zone_id=zone_id), _name(name, 40)
    if zone.name != name:
        zone.name = name
        session.flush()
        act(session, by=by, what="zone.changed", subject=str(zone_id), body={"code": zone.code, "name": name}, at=at)
    return zone


def close_zone(session: Session, *, zone_id: UUID, by: Actor, at: datetime) -> Zone:
    """Take a zone off the list that visits are sent to; raises ``zone.unknown``, ``zone.closed``."""
    zone = queries.zone(session, enterprise_id=own_id(session), zone_id=zone_id)
    _close(zone, at, "zone", Text("这个分区已经停用", "This zone is closed already"))
    session.flush()
    act(session, by=by, what="zone.closed", subject=str(zone_id), body={"code": zone.code}, at=at)
    return zone


def _open(session: Session, township_id: UUID, *, slug: str, at: datetime, **values: Any) -> Enterprise:
    if not _SLUG.fullmatch(slug) or slug in _RESERVED:
        raise Invalid(
            "slug.shape",
            Text(
                "网址简称为 2 至 40 个小写字母、数字或连字符",
                "A short name is 2 to 40 small letters, digits or hyphens",
            ),
            field="slug",
        )
    own = own_id(session)
    enterprise = Enterprise(enterprise_id=own, township_id=township_id, slug=slug, created_at=at, **values)
    session.add(enterprise)
    session.flush()
    try:
        directory.add(session, directory.Kind.SLUG, slug, enterprise_id=own, ref=own)
    except directory.Taken:
        raise Invalid(
            "slug.taken", Text("这个网址简称已被使用", "This short name is taken already"), field="slug"
        ) from None
    return enterprise


def _own(session: Session) -> Enterprise:
    own = own_id(session)
    enterprise = session.get(Enterprise, own)
    if enterprise is None or own == PLATFORM_ID:
        raise NotFound("enterprise.unknown", Text("没有这家企业", "There is no such enterprise"))
    return enterprise


def _details(*, name: str, credit_code: str | None, cluster: str | None, size: str, exporter: bool) -> dict[str, Any]:
    if size not in set(Size):
        raise Invalid("enterprise.size", Text("请选择企业规模", "Choose the size"), field="size")
    return {
        "name": _name(name, 80),
        "credit_code": _credit_code(credit_code),
        "cluster": (people.clean_text(cluster or "", 40).replace("\n", " ")) or None,
        "size": str(size),
        "exporter": bool(exporter),
    }


def _credit_code(text: str | None) -> str | None:
    """A code whose check character is wrong is taken: such codes were issued. The form asks before."""
    if not text or not text.strip():
        return None
    try:
        return people.credit_code(text)[0]
    except FormatInvalid as wrong:
        raise Invalid(wrong.code, wrong.text, field="credit_code") from None


def _name(text: str, longest: int) -> str:
    name = " ".join(people.clean_text(text, 1000).split())
    if not name:
        raise Invalid("name.empty", Text("请填写名称", "Enter a name"), field="name")
    if len(name) > longest:
        raise Invalid(
            "name.length",
            Text(f"名称最多 {longest} 个字", f"A name has at most {longest} characters"),
            field="name",
        )
    return name


def _gate_name(session: Session, text: str, *, but: UUID | None = None) -> str:
    name = _name(text, 40)
    for gate in queries.gates(session, enterprise_id=own_id(session)):
        if gate.name == name and gate.id != but:
            raise Invalid("gate.taken", Text("已有同名门岗", "There is a gate of this name already"), field="name")
    return name


def _accepts(kinds: Iterable[str]) -> str:
    chosen = set(kinds)
    if not chosen <= set(VISITORS):
        raise Invalid("gate.accepts", Text("请从列表中选择", "Choose from the list"), field="accepts")
    return ",".join(kind for kind in VISITORS if kind in chosen)


def _close(row: Row, at: datetime, word: str, text: Text) -> None:
    if row.closed_at is not None:
        raise DomainError(f"{word}.closed", text)
    row.closed_at = at
