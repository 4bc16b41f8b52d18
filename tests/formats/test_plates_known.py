"""What the phone makes of a plate that is typed, pasted or scanned, and what it knows of it."""

from __future__ import annotations

import json
import subprocess
from random import Random
from typing import Any
from urllib.parse import quote

from gatekeeper.config import ROOT
from gatekeeper.formats.plates import PROVINCES, PlateClass, classify, parse
from tests.formats.test_plates import GOOD
from tests.rules.made import document, rule, temperature

ASK = """
import * as known from "./static/desk/known.js";
let text = "";
for await (const piece of process.stdin) text += piece;
const { call, rows } = JSON.parse(text);
const model = (given) => ({
  ground: given.ground, at: () => given.at ?? 0, visits: () => given.visits ?? [],
  inside: (plate) => (given.visits ?? []).find((visit) => visit.plates.tractor?.plate === plate) ?? null,
  truck: (plate) => given.ground.trucks.find((truck) => truck.plate === plate) ?? null,
});
const made = rows.map(([first, ...rest]) => known[call](first?.ground ? model(first) : first, ...rest));
console.log(JSON.stringify(made));
"""
AT = 1_650_247_200_000_000
TODAY, HOUR = "2022-04-18", 3_600_000_000


def asked(call: str, *rows: list[Any]) -> list[Any]:
    command = ["node", "--input-type=module", "--eval", ASK]
    given = json.dumps({"call": call, "rows": rows})
    ran = subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    found: list[Any] = json.loads(ran.stdout)
    return found


def truck(plate: str, **more: Any) -> dict[str, Any]:
    return {"plate": plate, "last": AT - 24 * HOUR, "recent": [], "turned_away": None, "people": 1, **more}


def ground(*trucks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"trucks": list(trucks), "registrations": [], "books": [], **more}


def registration(plate: str, state: str = "approved", announced: int = 1, day: str = TODAY) -> dict[str, Any]:
    return {
        "id": f"{plate}{announced}",
        "plate": plate,
        "day": day,
        "state": state,
        "fact": {"announced_at": announced},
    }


def visit(plate: str, status: str = "inside") -> dict[str, Any]:
    return {"id": plate, "status": status, "plates": {"tractor": {"plate": plate}}}


def test_a_plate_is_found_in_whatever_a_code_or_a_message_says() -> None:
    chance = Random(1)
    wrapped = []
    for written in [plate for plate in GOOD if parse(plate).cls is not PlateClass.MILITARY]:
        key = parse(written).plate
        wrapped += [
            (key, written), (key, f"车牌：{written}，水泥 30 吨"), (key, f"https://a.example/p?v=1&plate={quote(key)}&n=7"),
            (key, json.dumps({"plate": key, "phone": "13900001234"}, ensure_ascii=False)),
        ]  # fmt: skip
        if key[0] in PROVINCES:
            at = chance.randrange(2, len(key))
            wrapped += [(key, f"{key[:2]} {key[2:]}"), (key, f"通行证{key[:at]}{key[at:]}号")]
    found = asked("plateIn", *([text] for _, text in wrapped))
    assert [(text, key, got) for (key, text), got in zip(wrapped, found, strict=True) if got != key] == []


def test_no_plate_is_made_of_what_holds_none() -> None:
    texts = ["", "无牌", "水泥 30 吨", "https://a.example/x?id=80a1c2", "%E6%B2", "浙江省", "13900001234", "浙" * 600]
    assert asked("plateIn", *([text] for text in texts)) == [None] * len(texts)


def test_a_plate_is_whole_as_soon_as_it_is_one_that_the_server_knows() -> None:
    chance = Random(2)
    typed = [parse(plate).plate[:length] for plate in GOOD for length in range(1, 10)]
    typed += ["".join(chance.choice("浙粤使A1BJK0挂学警港应急") for _ in range(7)) for _ in range(3000)]
    found = asked("whole", *([text] for text in typed))
    assert found == [classify(parse(text).plate) is not PlateClass.OTHER for text in typed]
    assert asked("whole", ["无牌"], [""]) == [True, False]


def test_the_provinces_of_the_known_trucks_come_first_and_none_is_lost() -> None:
    trucks = [truck(plate) for plate in ("皖A12345", "苏B12345", "苏C12345", "VA12345", "无牌")]
    [order] = asked("provinces", [ground(*trucks)])
    assert order[:3] == ["苏", "皖", "浙"]
    assert sorted(order) == sorted(PROVINCES)


def test_whoever_stands_here_is_found_before_who_is_expected_and_who_came_once() -> None:
    known = ground(truck("沪B7K3P2"), truck("浙A7K399"), registrations=[registration("苏E7K311")])
    given = {"ground": known, "visits": [visit("浙A7K399", "at_gate")], "at": AT}
    [found, end, *none] = asked("matches", *([given, text, 9] for text in ("7K3", "3P2", "K3", "P2")))
    assert [(row["plate"], row["what"]) for row in found] == [
        ("浙A7K399", "at_gate"), ("苏E7K311", "announced"), ("沪B7K3P2", "known"),
    ]  # fmt: skip
    assert [row["plate"] for row in end] == ["沪B7K3P2"]
    assert none == [[], []]


def test_who_is_expected_was_announced_for_today_and_has_not_been_here() -> None:
    rows = [
        registration("浙A11111"), registration("浙A22222", "declined"), registration("浙A33333", day="2022-04-19"),
        registration("浙A44444"), registration("浙A55555"), registration("浙A66666", "waiting"),
        registration("浙A77777", "declined", 5), registration("浙A77777", "approved", 2),
    ]  # fmt: skip
    known = ground(truck("浙A55555", recent=[AT - HOUR]), registrations=rows)
    [found] = asked("expected", [{"ground": known, "visits": [visit("浙A44444")], "at": AT}])
    assert sorted(row["plate"] for row in found) == ["浙A11111", "浙A66666", "浙A77777"]


def test_a_plate_stands_as_the_nearest_thing_that_is_known_of_it() -> None:
    known = ground(
        truck("浙A11111"), truck("浙A22222", turned_away=AT - HOUR), truck("浙A1D345", turned_away=AT - 99 * HOUR),
        registrations=[registration("浙A33333"), registration("浙A44444", "declined")],
    )  # fmt: skip
    given = {"ground": known, "visits": [visit("浙A11111"), visit("浙A55555", "at_gate")], "at": AT}
    plates = (
        "浙A11111",
        "浙A22222",
        "浙A33333",
        "浙A44444",
        "浙A55555",
        "浙A1D345",
        "浙A10345",
        "无牌",
        "浙A1O345",
        "浙B1O345",
    )
    found = asked("standing", *([given, plate] for plate in plates))
    assert [row["what"] for row in found] == [
        "inside", "known", "announced", "declined", "at_gate", "known", "new", "none", "new", "new",
    ]  # fmt: skip
    assert [row.get("away") for row in found[:6]] == [None, AT - HOUR, None, None, None, None]
    assert [row["alike"] for row in found] == [[]] * 6 + [
        ["浙A1D345"],
        [],
        ["浙A1D345"],
        ["浙B10345", "浙B1D345", "浙B1Q345"],
    ]


def test_only_what_the_rules_ask_is_taken_over_and_an_announcement_goes_before_the_last_visit() -> None:
    def rulebook(*clauses: tuple[str, str]) -> dict[str, Any]:
        when = [{"fact": fact, "op": "eq", "value": value} for fact, value in clauses]
        return {"owner": "enterprise", "version": "1", "document": document(rule("seal", when=when), temperature())}

    came = truck("浙A11111", cargo="coal", origin="330500", people=2)
    told = {**registration("浙A11111"), "cargo": "clinker", "origin": None}
    both = [{"subject": "occupant:1", "role": "driver"}, {"subject": "occupant:2", "role": "passenger"}]
    asks = {"ground": ground(books=[rulebook(("cargo", "coal"))]), "at": AT}
    plain = {"ground": ground(books=[]), "at": AT}
    found = asked(
        "recalled",
        *([asks, {"truck": came}], [asks, {"truck": came, "registration": told}], [asks, {"registration": told}]),
        *([asks, {}], [plain, {"truck": came}]),
    )
    assert found == [
        {"facts": {"cargo": "coal"}, "people": both}, {"facts": {"cargo": "clinker"}, "people": both},
        {"facts": {"cargo": "clinker"}, "people": []}, {"facts": {}, "people": []}, {"facts": {}, "people": []},
    ]  # fmt: skip
