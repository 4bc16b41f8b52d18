"""The demo township: its office, its factories, their gates, zones, people and rulebooks. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from gatekeeper import directory, tenancy
from gatekeeper.access import OPERATOR, Actor, Role
from gatekeeper.accounts import service as accounts
from gatekeeper.accounts.models import User
from gatekeeper.db import Engines
from gatekeeper.demo import rulebooks as demo_rulebooks
from gatekeeper.enterprises import service as enterprises
from gatekeeper.enterprises.models import Enterprise, Gate, Township
from gatekeeper.errors import DomainError
from gatekeeper.rulebooks import service as rulebooks
from gatekeeper.rules.values import Owner, Text
from gatekeeper.watched import service as watched

BEGINNING = datetime(2022, 1, 1, tzinfo=UTC)
"""When the demo's enterprises and rulebooks begin: before any day that is played."""
TOWNSHIP = "青溪镇（演示）"
OFFICE = "qingxi"


@dataclass(frozen=True, slots=True)
class Place:
    """One enterprise of the demo. ``visits``: arrivals of a whole day; ``walk_ins`` of a hundred are people on foot."""

    slug: str
    name: str
    kind: str
    cluster: str
    size: str
    exporter: bool
    visits: int
    walk_ins: int
    cargo: tuple[tuple[str, float], ...]

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"gatekeeper-demo/{self.slug}")


CEMENT = Place(
    "shuini", "青溪水泥厂（演示）", "cement", "建材", "large", False, 612, 0,
    (("limestone", 3), ("coal", 2), ("cement_bulk", 3), ("cement_bagged", 1), ("gypsum", 1), ("fly_ash", 1)),
)  # fmt: skip
HARDWARE = Place(
    "wujin", "青溪五金制品厂（演示）", "hardware", "五金", "medium", True, 84, 6,
    (("metal", 3), ("hardware", 3), ("packaging", 1), ("parcel", 2), ("parts", 1)),
)  # fmt: skip
TEXTILE = Place(
    "fangzhi", "青溪纺织厂（演示）", "textile", "纺织", "large", True, 63, 8,
    (("yarn", 3), ("fabric", 3), ("dyes", 1), ("garments", 1), ("parcel", 2)),
)  # fmt: skip
WATCHED = {"plate": "浙D7K0W9", "what": "tell", "why": "上次送货缺磅单，补齐前先联系采购部"}
"""What the gate of the first plant is told of; the plate is invented."""
MORE_NAMES = ("磁材", "木业", "食品", "包装", "电缆", "玻璃", "塑业", "机械", "鞋业", "陶瓷")


def places(count: int) -> list[Place]:
    """The first ``count`` enterprises: cement, hardware, textile, then small invented ones."""
    known = [CEMENT, HARDWARE, TEXTILE]
    for number in range(4, count + 1):
        word = MORE_NAMES[(number - 4) % len(MORE_NAMES)]
        turn = (number - 4) // len(MORE_NAMES) + 1
        known.append(
            Place(
                f"demo{number}",
                f"青溪{word}{turn}厂（演示）",
                "small",
                ("五金", "纺织", "建材")[number % 3],
                "small",
                number % 2 == 0,
                8 + number % 7,
                10,
                (("parcel", 2), ("packaging", 1), ("parts", 1)),
            )
        )
    return known[:count]


@dataclass(frozen=True, slots=True)
class Built:
    """An enterprise as it stands: its gate and its people by role (three guards, one a shift)."""

    place: Place
    gate_id: UUID
    zones: tuple[str, ...]
    guards: tuple[Actor, ...]
    lead: Actor
    admin: Actor
    made_at: datetime


PEOPLE = (
    ("guard", Role.GUARD, "门卫甲"),
    ("guard2", Role.GUARD, "门卫乙"),
    ("guard3", Role.GUARD, "门卫丙"),
    ("lead", Role.SHIFT_LEAD, "班长丁"),
    ("admin", Role.ENTERPRISE_ADMIN, "管理员戊"),
)


def office_id() -> UUID:
    return uuid5(NAMESPACE_URL, f"gatekeeper-demo/{OFFICE}")


def township(engines: Engines) -> Township | None:
    """The demo township, None before the first call; raises where a real township lives here."""
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        known = session.scalars(select(Township)).all()
    if any(not row.demo for row in known):
        raise DomainError(
            "demo.real_township",
            Text("这个数据库里有真实镇街，不能生成演示", "This database holds a real township; a demo is refused here"),
        )
    return known[0] if known else None


def build(engines: Engines, *, count: int, password_hash: str, at: datetime) -> list[Built]:
    """Make what is not there yet and give every enterprise of the demo as it stands."""
    if township(engines) is None:
        _office(engines, password_hash, at)
    found = township(engines)
    assert found is not None
    for place in places(count):
        if not _known(engines, place.slug):
            _enterprise(engines, place, found.id, password_hash)
    return [_built(engines, place, found.created_at) for place in places(count)]


def _known(engines: Engines, slug: str) -> bool:
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        return directory.find(session, directory.Kind.SLUG, slug) is not None


def _office(engines: Engines, password_hash: str, at: datetime) -> None:
    with tenancy.open_session(engines, tenancy.Enterprise(office_id()), write=True) as session:
        enterprises.add_township(session, name=TOWNSHIP, slug=OFFICE, by=OPERATOR, at=at, demo=True)
        for username, role, name in (
            ("inspector", Role.INSPECTOR, "督查员己"),
            ("township", Role.TOWNSHIP_ADMIN, "镇街管理员庚"),
        ):
            accounts.add_user(
                session, username=username, name=name, role=role, by=OPERATOR, at=at,
                password_hash=password_hash, must_change=False,
            )  # fmt: skip
        rulebooks.publish_document(
            session, demo_rulebooks.township(), owner=Owner.TOWNSHIP, by=OPERATOR, at=at, holds_from=BEGINNING
        )


def _enterprise(engines: Engines, place: Place, township_id: UUID, password_hash: str) -> None:
    at = BEGINNING
    with tenancy.open_session(engines, tenancy.Enterprise(place.id), write=True) as session:
        enterprises.add_enterprise(
            session, township_id=township_id, slug=place.slug, name=place.name, by=OPERATOR, at=at,
            cluster=place.cluster, size=place.size, exporter=place.exporter,
        )  # fmt: skip
        gate = enterprises.add_gate(session, name="1号门", by=OPERATOR, at=at)
        for code, name in demo_rulebooks.ZONES[place.kind]:
            enterprises.add_zone(session, code=code, name=name, by=OPERATOR, at=at)
        people = [
            accounts.add_user(
                session, username=f"{username}@{place.slug}", name=name, role=role, by=OPERATOR, at=at,
                password_hash=password_hash, must_change=False,
            )[0]
            for username, role, name in PEOPLE
        ]  # fmt: skip
        document = demo_rulebooks.of_kind(place.kind, gate_id=str(gate.id))
        rulebooks.publish_document(session, document, owner=Owner.ENTERPRISE, by=OPERATOR, at=at, holds_from=BEGINNING)
        if place.kind == CEMENT.kind:
            admin = people[-1]
            by = Actor(admin.id, place.id, township_id, admin.name, admin.username, Role(admin.role))
            watched.add(session, **WATCHED, by=by, at=at)


def _built(engines: Engines, place: Place, made_at: datetime) -> Built:
    with tenancy.open_session(engines, tenancy.Enterprise(place.id)) as session:
        row = session.get(Enterprise, place.id)
        assert row is not None
        gate = session.scalars(select(Gate).order_by(Gate.created_at)).first()
        people = {
            user.username.split("@")[0]: Actor(
                user.id, place.id, row.township_id, user.name, user.username, Role(user.role)
            )
            for user in session.scalars(select(User))
        }
    assert gate is not None
    return Built(
        place=place,
        gate_id=gate.id,
        zones=tuple(code for code, _ in demo_rulebooks.ZONES[place.kind]),
        guards=tuple(people[name] for name in ("guard", "guard2", "guard3")),
        lead=people["lead"],
        admin=people["admin"],
        made_at=made_at,
    )
