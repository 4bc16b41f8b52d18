"""A phone finds the level of a place by looking its code up, and says what the server says."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from gatekeeper import clock, tenancy
from gatekeeper.config import ROOT
from gatekeeper.desk import levels
from gatekeeper.formats.region_table import table
from gatekeeper.risk_areas import queries, service
from tests.conftest import shared_folder
from tests.factories import World


def on_the_phone(known: dict[str, list[Any]], places: list[str]) -> tuple[str, list[str]]:
    """The rule of docs/desk.md: a code itself, else its first six digits, else ``none``; the highest counts."""
    found = [known.get(code) or known.get(code[:6]) or ["none", []] for code in places]
    highest = max((level for level, _ in found), key=queries.SEVERITY.index, default="none")
    names = [name for level, names in found if level == highest for name in names]
    return highest, list(dict.fromkeys(names))[:5]


def on_the_server(session: Any, list_hash: str, places: list[str]) -> tuple[str, list[str]]:
    found = queries.level_on(session, list_hash, places=places)
    return found.level, list(found.names)[:5]


def entry(city: str, county: str, *communities: str) -> dict[str, Any]:
    province = "辽宁省" if city == "大连市" else "浙江省" if city == "杭州市" else "广东省"
    area = f"{province} {city} {county}"
    return {"province": province, "city": city, "county": county, "area_name": area, "communitys": list(communities)}


INVENTED = {
    "end_update_time": "2022-01-01 0时",
    "hcount": 8,
    "mcount": 1,
    "highlist": [
        entry("杭州市", "余杭区", *(f"示例社区{n}" for n in range(7))),
        entry("大连市", "某某开发区", "示例社区"),
    ],
    "middlelist": [entry("东莞市", "全域", "示例社区")],
}
"""A county of many communities, a zone that has no code, a whole city."""


def lists() -> list[bytes]:
    """The invented list, the demo's, and the longest official one where those are present."""
    official = sorted((shared_folder() / "data" / "risk-areas").glob("*.json"), key=lambda path: path.stat().st_size)
    demo = ROOT / "gatekeeper" / "demo" / "risk_list.json"
    invented = json.dumps({"data": INVENTED}, ensure_ascii=False).encode()
    return [invented, *(path.read_bytes() for path in (demo, *official[-1:]))]


def test_every_region_has_the_level_of_the_server(world: World) -> None:
    office, chance = world.towns[0].office, Random(1)
    for raw in lists():
        with tenancy.open_session(world.engines, office.scope, write=True) as session:
            list_hash = service.store(session, raw, at=clock.now()).hash
            known = levels.levels(session, list_hash)
            asked = [[code] for code in table().names]
            asked += [chance.sample(sorted(known), min(3, len(known))) for _ in range(500)]
            differing = [
                places for places in asked if on_the_phone(known, places) != on_the_server(session, list_hash, places)
            ]
            assert differing == [] and len(known) > 2
