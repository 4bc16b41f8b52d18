import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.formats.risk_lists import RiskIndex, RiskLevel, parse, update_time
from tests.formats.vectors import LISTS, ROOT

DEMO = ROOT / "gatekeeper" / "demo" / "risk_list.json"
needs_lists = pytest.mark.skipif(not LISTS.is_dir(), reason="no official lists in GATE_TEST_SHARED/data/risk-areas")


def entry(province: str, city: str, county: str, *communities: str) -> dict:
    area = f"{province} {city} {county}"
    return {
        "type": "2",
        "province": province,
        "city": city,
        "county": county,
        "area_name": area,
        "communitys": communities,
    }


def document(high: list = (), middle: list = (), low: list | None = None, **changes: object) -> bytes:
    data = {"end_update_time": "2022-04-18 8时", "hcount": _communities(high), "mcount": _communities(middle)}
    data |= {"highlist": list(high), "middlelist": list(middle)}
    if low is not None:
        data |= {"lowlist": low, "lcount": _communities(low)}
    return json.dumps({"data": data | changes, "code": 0, "msg": ""}, ensure_ascii=False).encode()


def _communities(entries: list) -> int:
    return sum(len(each["communitys"]) for each in entries)


DIANBAI = entry("广东省", "茂名市", "电白区", "示例社区一", "示例社区二")
ZONE = entry("吉林省", "吉林市", "经开区", "示例社区三")
STREET = entry("北京市", "朝阳区", "酒仙桥街道", "示例社区四")


def test_a_list_is_read_with_its_time_counts_places_and_digest():
    raw = document([DIANBAI], [STREET, ZONE])
    read = parse(raw)
    assert read.update_time == datetime(2022, 4, 18, 0, tzinfo=UTC)
    assert (read.high, read.middle, read.low) == (2, 2, 0)
    assert [place.match.code for place in read.places] == ["440904", "110105011", "220200"]
    assert read.places[0].communities == ("示例社区一", "示例社区二")
    assert [place.county for place in read.unmatched] == ["经开区"]
    assert read.digest != parse(document([DIANBAI], [STREET])).digest


def test_the_low_level_is_read_where_a_list_has_it():
    read = parse(document(low=[DIANBAI]))
    assert read.low == 2 and read.places[0].level is RiskLevel.LOW


@pytest.mark.parametrize(
    ("written", "hour"),
    [("2022-04-18 8时", 0), ("2022-04-18 08时", 0), ("2022-04-18  8时", None), ("2022-4-18 11时", 3)],
)
def test_hours_are_padded_or_not(written, hour):
    if hour is None:
        with pytest.raises(FormatInvalid):
            update_time(written)
    else:
        assert update_time(written) == datetime(2022, 4, 18, hour, tzinfo=UTC)


def test_midnight_may_be_called_24():
    assert update_time("2022-04-17 24时") == update_time("2022-04-18 0时")


@pytest.mark.parametrize(
    "written", [None, 8, "", "2022-04-18", "2022-13-18 8时", "2022-04-18 25时", "２０２２-04-18 8时"]
)
def test_a_time_that_is_none_is_refused(written):
    with pytest.raises(FormatInvalid, match=r"risk_list\.update_time"):
        update_time(written)


REFUSED = {
    "counts of the high level": (document([DIANBAI], hcount=3), "counts"),
    "counts of a level left out": (document([DIANBAI], middlelist=[], mcount=1), "counts"),
    "a low list without its count": (document(lowlist=[]), "shape"),
    "a count as text": (document([DIANBAI], hcount="2"), "shape"),
    "a count as truth": (document([entry("广东省", "茂名市", "电白区", "示")], hcount=True), "shape"),
    "no list": (document(highlist=None), "shape"),
    "an entry that is text": (document(highlist=["x"]), "shape"),
    "an entry without communities": (document(highlist=[{**DIANBAI, "communitys": None}]), "shape"),
    "a community that is a number": (document(highlist=[{**DIANBAI, "communitys": [1]}]), "shape"),
    "an endless name": (document(highlist=[{**DIANBAI, "county": "区" * 501}]), "shape"),
    "no data": (b'{"code": 1, "msg": "x"}', "shape"),
    "a list at the top": (b"[]", "shape"),
    "cut short": (document([DIANBAI])[:-20], "json"),
    "empty": (b"", "json"),
    "no UTF-8": (b"\xff\xfe{}", "json"),
    "not a number": (b'{"data": NaN}', "json"),
    "a number of 5,000 digits": (b'{"data": ' + b"9" * 5000 + b"}", "json"),
    "100,000 levels deep": (b"[" * 100_000 + b"]" * 100_000, "depth"),
    "more than 20 MB": (b" " * (20 * 1024 * 1024 + 1), "size"),
    "more than 200,000 communities": (document([{**DIANBAI, "communitys": ["a"] * 200_001}]), "size"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_list_is_refused_with_its_reason(case):
    raw, reason = REFUSED[case]
    with pytest.raises(FormatInvalid) as refusal:
        parse(raw)
    assert refusal.value.code == f"risk_list.{reason}"
    assert refusal.value.text.zh and refusal.value.text.en


def test_control_characters_in_names_are_replaced():
    read = parse(document([entry("广东省", "茂名市", "电白区", "示例\x00社区\u202e五")]))
    assert read.places[0].communities == ("示例\ufffd社区五",)


def index(**lists: list) -> RiskIndex:
    return RiskIndex(parse(document(**lists)).places)


def test_a_county_has_the_highest_level_of_its_communities_and_shows_their_names():
    risk = index(high=[DIANBAI], middle=[entry("广东省", "茂名市", "电白区", "示例社区六")])
    assert risk.level("440904") == ("high", ("示例社区一", "示例社区二"))
    assert [place.level for place in risk.places("440904")] == ["high", "middle"]


def test_the_middle_level_is_medium_in_the_words_of_the_rules():
    assert index(middle=[DIANBAI]).level("440904").level == "medium"


def test_a_town_has_its_countys_level_and_a_city_and_province_the_highest_beneath():
    risk = index(high=[STREET], middle=[DIANBAI])
    assert risk.level("110105034") == ("high", ("示例社区四",))
    assert risk.level("110105").level == "high"
    assert risk.level("110000") == ("high", ("北京市 朝阳区 酒仙桥街道",))
    assert risk.level("440900") == ("medium", ("广东省 茂名市 电白区",))
    assert risk.level("440000").level == "medium"
    assert risk.codes("medium") == {"440904", "440900", "440000"}


def test_a_region_that_is_not_listed_has_no_level():
    risk = index(high=[DIANBAI])
    assert risk.level("330110") == ("none", ())
    assert risk.level("440902") == ("none", ())
    assert risk.level("") == ("none", ())


def test_an_entry_for_a_whole_city_counts_in_each_of_its_counties():
    risk = index(
        high=[entry("浙江省", "宁波市", "全域", "全域")], middle=[entry("浙江省", "宁波市", "北仑区", "示例社区七")]
    )
    assert risk.level("330206").level == "high"
    assert risk.level("330100").level == "none"


def test_an_unmatched_entry_raises_its_city_and_is_shown_beside_its_counties():
    risk = index(high=[ZONE])
    assert risk.level("220200").level == "high"
    assert risk.level("220202").level == "none"
    assert [place.area_name for place in risk.unplaced("220202")] == ["吉林省 吉林市 经开区"]
    assert risk.unplaced("330110") == ()


def test_a_town_of_a_zone_without_a_code_has_the_level_of_its_citys_unmatched_entries():
    assert index(high=[ZONE]).level("220271001").level == "high"


def test_the_demo_list_is_a_list_of_this_shape_and_invented():
    read = parse(DEMO.read_bytes())
    assert (read.high, read.middle, read.low) == (4, 8, 4)
    assert len(read.unmatched) == 1
    assert all(name.startswith("示例社区") for place in read.places for name in place.communities)


def official() -> Iterator[Path]:
    return iter(sorted(LISTS.glob("*.json")))


@needs_lists
def test_all_official_lists_are_read(record_property):
    lists = [parse(path.read_bytes()) for path in official()]
    assert len(lists) == 78
    unmatched = {place.area_name for each in lists for place in each.unmatched}
    places = {place.area_name for each in lists for place in each.places}
    record_property("places", len(places))
    record_property("unmatched", sorted(unmatched))
    assert all(place.match.code for each in lists for place in each.places), "every province is known"
    assert (len(places), len(unmatched)) == (500, 44)


@needs_lists
def test_names_of_files_tell_their_update_time():
    for path in official():
        named = datetime.strptime(path.name[:10] + "+0800", "%Y%m%d%H%z")
        assert parse(path.read_bytes()).update_time == named, path.name


@needs_lists
def test_two_lists_of_22_april_19_h_carry_one_time_and_differ():
    first, second = (parse(path.read_bytes()) for path in official() if path.name.startswith("2022042219"))
    assert first.update_time == second.update_time
    assert first.digest != second.digest and first.middle != second.middle


@needs_lists
def test_dianbai_leaves_the_list_between_8_h_and_12_h_of_18_april():
    before, after = (
        RiskIndex(parse(next(LISTS.glob(f"{hour}-*.json")).read_bytes()).places)
        for hour in ("2022041808", "2022041812")
    )
    assert before.level("440904").level == "medium"
    assert after.level("440904").level == "none"
