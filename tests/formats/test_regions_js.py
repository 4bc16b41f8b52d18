"""The phone finds regions as the server does, towns left out."""

from __future__ import annotations

import gzip
import json
import subprocess
from random import Random
from typing import Any

from gatekeeper.config import ROOT
from gatekeeper.desk.region_file import region_file
from gatekeeper.formats import regions
from gatekeeper.formats.region_table import Level, level_of, table
from gatekeeper.risk_areas.queries import path
from tests.formats.test_regions import VECTORS

LOAD = """
import { search } from "./static/desk/regions.js";
let text = "", asked = [];
for await (const piece of process.stdin) text += piece;
globalThis.fetch = async (path) => {
  asked.push(path);
  return asked.length === 1 ? { ok: false, status: 503 } : { ok: true, json: async () => JSON.parse(text) };
};
const failed = await search("zj").catch((fault) => fault.message);
console.log(JSON.stringify([failed, await search("yuhang", 1), await search("330110001"), asked]));
"""
SEARCH = """
import { regions } from "./static/desk/regions.js";
let text = "";
for await (const piece of process.stdin) text += piece;
const { rows, queries, codes } = JSON.parse(text), known = regions(rows);
const found = queries.map(([query, limit, within]) => known.search(query, limit, within).map(({ code }) => code));
console.log(JSON.stringify([found, codes.map((code) => known.path(code))]));
"""
MOST = 200
ODD = ["", " ", "'", "’", "\t浙江", "浙江\u3000yh", "ＺＪ", "lv", "lüliang", "nve", "33", "3301 ", "浙江 hz yh"]
ODD += ["江 江", "市", "省", "区", "İ", "Σ", "zj\x1fhz", "县\x85", "110", "330103", "zj1", "浙zj", "𬭎", "陽"]
ODD += ["a b c d e", "x" * 200, "浙" * 200]


def queries() -> list[tuple[str, int, str | None]]:
    chance = Random(1)
    made: list[tuple[str, int, str | None]] = [(row["query"], row["top"], row["within"]) for row in VECTORS["search"]]
    made += [(query, 20, None) for query in (*VECTORS["nothing"], *ODD)]
    lines = [line.split("\t") for line in table().text.split("\n") if line.count("\t") == 2]
    above = [line for line in lines if level_of(line[0]) is not Level.TOWN]
    while len(made) < 1500:
        code, name, pinyin = chance.choice(above if chance.random() < 0.9 else lines)
        syllables = pinyin.split("'")
        start = chance.randrange(len(name))
        forms = [
            name[start : start + chance.randint(1, 4)],
            "".join(syllable[: chance.randint(1, len(syllable) or 1)] for syllable in syllables),
            "".join(syllable[:1] for syllable in syllables)[: chance.randint(1, 4)],
            code[: chance.randint(1, 6)],
            "".join(chance.choice("abcdefghijlmnqstxyz") for _ in range(chance.randint(1, 3))),
        ]
        query = chance.choice(forms)
        if chance.random() < 0.2:
            query = f"{chance.choice(above)[1][:2]} {query}"
        within = code[: chance.choice((2, 4))].ljust(6, "0") if chance.random() < 0.2 else None
        made.append((query, chance.choice((1, 5, 20)), within))
    return made


def in_javascript(asked: list[Any], codes: list[str]) -> tuple[list[list[str]], list[str]]:
    sent = json.dumps({"rows": json.loads(region_file().plain), "queries": asked, "codes": codes})
    command = ["node", "--input-type=module", "--eval", SEARCH]
    ran = subprocess.run(command, input=sent, capture_output=True, text=True, check=True, cwd=ROOT)
    found, names = json.loads(ran.stdout)
    return found, names


def in_python(query: str, limit: int, within: str | None) -> list[str]:
    """Without towns, and without those that were given up, which the phone finds by their whole code alone."""
    codes = [region.code for region in regions.search(query, MOST, within) if region.level is not Level.TOWN]
    return [code for code in codes if code not in table().retired or code == query.strip()][:limit]


def test_both_languages_find_the_same_regions() -> None:
    asked = queries()
    codes = [code for code in table().names if level_of(code) is not Level.TOWN]
    found, names = in_javascript(asked, codes)
    differing = [(query, made, in_python(*query)) for query, made in zip(asked, found, strict=True)]
    assert [each for each in differing if each[1] != each[2]] == []
    assert sum(bool(made) for made in found) > 900
    assert names == [path(code) for code in codes]


def test_a_town_is_named_by_its_county_on_the_phone() -> None:
    _, names = in_javascript([], ["330110001", "000000"])
    assert names == ["浙江省 杭州市 余杭区", ""]


def test_the_table_is_fetched_once_and_again_after_a_failure() -> None:
    command = ["node", "--input-type=module", "--eval", LOAD]
    sent = region_file().plain.decode()
    ran = subprocess.run(command, input=sent, capture_output=True, text=True, check=True, cwd=ROOT)
    failed, found, town, asked = json.loads(ran.stdout)
    yuhang = {"code": "330110", "name": "余杭区", "path": "浙江省 杭州市 余杭区"}
    assert (failed, found, town) == ("regions.json: 503", [yuhang], [{**yuhang, "code": "330110001"}])
    assert asked == ["/desk/regions.json"] * 2


def test_the_file_is_small_and_holds_no_town() -> None:
    rows = json.loads(region_file().plain)
    assert len(gzip.compress(region_file().plain)) < 60_000
    assert len(rows) > 3000 and {len(code) for code, *_ in rows} == {6}
