"""Lists to test with: a small invented one, and the official ones where they are present."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import shared_folder

Row = tuple[str, str, str, str]
MakeList = Callable[..., bytes]


@pytest.fixture
def make_list() -> MakeList:
    """``make_list("2026-04-18 8时", high=[("浙江省", "宁波市", "北仑区", "某社区")])``: an invented list's file."""

    def entry(row: Row) -> dict[str, object]:
        province, city, county, *communities = row
        return {
            "province": province,
            "city": city,
            "county": county,
            "area_name": f"{province} {city} {county}",
            "communitys": communities,
        }

    def make(time: str, *, high: list[Row] = [], middle: list[Row] = [], announced: int | None = None) -> bytes:  # noqa: B006
        count = sum(len(row) - 3 for row in high)
        data = {
            "end_update_time": time,
            "hcount": count if announced is None else announced,
            "mcount": sum(len(row) - 3 for row in middle),
            "highlist": [entry(row) for row in high],
            "middlelist": [entry(row) for row in middle],
        }
        return json.dumps({"data": data}, ensure_ascii=False).encode()

    return make


@pytest.fixture(scope="session")
def official() -> Callable[[str], list[Path]]:
    """Files of the official lists whose name begins so, in order; the test is skipped where they are not present."""

    def find(start: str) -> list[Path]:
        found = sorted((shared_folder() / "data" / "risk-areas").glob(f"{start}*.json"))
        if not found:
            pytest.skip("the official risk-area lists are not beside this checkout (GATE_TEST_SHARED)")
        return found

    return find
