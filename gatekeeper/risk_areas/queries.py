"""Which list is in force at a minute, and what level a place has on it."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import local
from gatekeeper.enterprises.models import Township
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.formats import regions
from gatekeeper.formats.risk_lists import RiskIndex, RiskListFile, parse
from gatekeeper.risk_areas.models import Adoption, RiskList
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import Platform, TenancyError, scope_of

SEVERITY = ("none", "low", "medium", "high")
"""The levels of the rules' fact ``risk_level``, mildest first."""

KEPT = 64


@dataclass(frozen=True, slots=True)
class RiskAt:
    """The highest level of some places at a minute (a value of ``SEVERITY``) and what it was read from.

    ``names`` are the communities (or areas) that bring the places there. Without a list in force: ``none``, hash and
    update time None.
    """

    level: str
    list_hash: str | None
    update_time: datetime | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A stored list as read: what stands in it, and its levels by region."""

    file: RiskListFile
    index: RiskIndex


_read: OrderedDict[str, Read] = OrderedDict()
_lock = Lock()


def history(session: Session, *, at: datetime, office_id: UUID | None = None, limit: int = 20) -> Sequence[Adoption]:
    """The adoptions of the township that could hold at ``at``, the one in force first.

    The latest update time that is not after ``at`` holds, of equal ones the later loaded. Any scope within one township
    will do; under ``Platform`` the office must be named.
    """
    if office_id is None and isinstance(scope_of(session), Platform):
        raise TenancyError("name the office whose list is asked for")
    query = (
        select(Adoption)
        .join(Township, Township.office_id == Adoption.enterprise_id)
        .where(Adoption.adopted_at <= at, Adoption.update_time <= at)
        .order_by(Adoption.update_time.desc(), Adoption.id.desc())
        .limit(limit)
    )
    if office_id is not None:
        query = query.where(Adoption.enterprise_id == office_id)
    return session.scalars(query).all()


def in_force(session: Session, *, at: datetime, office_id: UUID | None = None) -> Adoption | None:
    """The adoption that holds at ``at`` for the session's township; None where nothing was adopted."""
    return next(iter(history(session, at=at, office_id=office_id, limit=1)), None)


def standing(session: Session, adoption: Adoption, *, at: datetime) -> Text:
    """How an adoption stands at ``at``: in force, history behind a newer list, or waiting for its own hour."""
    written = local(adoption.update_time).strftime("%Y-%m-%d %H:%M")
    if adoption.update_time > at:
        return Text(f"{written} 的名单已保存，到时生效", f"list of {written} kept, it holds from that hour on")
    holding = in_force(session, at=at, office_id=adoption.enterprise_id)
    if holding is None or holding.list_hash == adoption.list_hash:
        return Text(f"{written} 的名单已生效", f"list of {written} is in force")
    newer = local(holding.update_time).strftime("%Y-%m-%d %H:%M")
    return Text(
        f"{written} 的名单比现行名单（{newer}）早，已作为历史保存",
        f"list of {written} kept as history: that of {newer} is in force",
    )


def stored(session: Session, list_hash: str) -> RiskList:
    """The row of a list; raises ``NotFound`` (``risk_list.unknown``)."""
    row = session.get(RiskList, list_hash)
    if row is None:
        raise NotFound("risk_list.unknown", Text("没有这份名单", "There is no such list"))
    return row


def read(session: Session, list_hash: str) -> Read:
    """A list by its hash, parsed once a process: what a hash names never changes.

    Raises ``risk_list.unknown``; ``risk_list.damaged`` where the stored file is not the one of that hash.
    """
    with _lock:
        found = _read.get(list_hash)
        if found is not None:
            _read.move_to_end(list_hash)
            return found
    file = parse(zlib.decompress(stored(session, list_hash).document))
    if file.digest != list_hash:
        raise DomainError(
            "risk_list.damaged",
            Text("名单文件与记录不符，请重新导入", "The stored list is not the one recorded; load it again"),
        )
    found = Read(file, RiskIndex(file.places))
    with _lock:
        _read[list_hash] = found
        while len(_read) > KEPT:
            _read.popitem(last=False)
    return found


def index(session: Session, list_hash: str) -> RiskIndex:
    """The levels of a list by region; raises as ``read``."""
    return read(session, list_hash).index


def level(session: Session, *, places: Sequence[str], at: datetime, office_id: UUID | None = None) -> RiskAt:
    """The highest level of ``places`` (region codes) on the list in force at ``at``."""
    adoption = in_force(session, at=at, office_id=office_id)
    return level_on(session, adoption.list_hash if adoption else None, places=places)


def level_on(session: Session, list_hash: str | None, *, places: Sequence[str]) -> RiskAt:
    """The highest level of ``places`` on one list; ``none`` where there is no list."""
    if list_hash is None:
        return RiskAt("none", None, None, ())
    found = read(session, list_hash)
    known = found.index
    standings = [known.level(code) for code in places]
    highest = max((standing.level for standing in standings), key=SEVERITY.index, default="none")
    names = (name for standing in standings if standing.level == highest for name in standing.names)
    return RiskAt(highest, list_hash, found.file.update_time, tuple(dict.fromkeys(names)))


def path(code: str) -> str:
    """A region as a person reads and types it, ``广东省 茂名市 电白区``; searching for it finds the region."""
    names = (region.name for each in (*reversed(regions.ancestors(code)), code) if (region := regions.get(each)))
    return " ".join(names)


def place(typed: str | None, code: str | None, *, field: str) -> str | None:
    """The code that was picked for a place, or, without a pick, of the one place that ``typed`` can mean.

    A pick counts while its path is what stands in the field. None for nothing typed. Raises ``Invalid`` for ``field``:
    ``region.unknown``, ``region.several`` (names some): a place that decides a verdict is never guessed.
    """
    words = (typed or "").split()
    if code and " ".join(words) == path(code) != "":
        return code
    if not words:
        return None
    found = regions.search(" ".join(words), limit=50)
    named = [region for region in found if region.name == words[-1]]
    if len(found) == 1 or len(named) == 1:
        return (named or found)[0].code
    if not found:
        raise Invalid(
            "region.unknown",
            Text("没有找到这个地区，请换一个写法", "No such place; try another spelling"),
            field=field,
        )
    some = [region.full_name for region in (named or found)[:3]]
    raise Invalid(
        "region.several",
        Text(
            f"不止一个地区符合，如{'、'.join(some)}；请从列表里选，或写上省市",
            f"More than one place fits, such as {', '.join(some)}; choose from the list, or add province and city",
        ),
        field=field,
    )
