"""Rulebook files: read whole or refused whole, every fault by its line and field, in time whatever is sent."""

from __future__ import annotations

import json

import pytest

from gatekeeper.rules import files, packs
from gatekeeper.rules.files import FileRefused, read_file
from gatekeeper.rules.positions import positions
from gatekeeper.rules.values import Owner
from tests.rulebooks.given import document, rule

ORIGIN = {
    "township": "甲镇",
    "enterprise": "甲一厂",
    "number": 3,
    "content_hash": "ab" * 32,
    "published_at": "2026-05-01T00:00:00+00:00",
}


def refused(text: str | bytes) -> list[tuple[int, str, str]]:
    """(line, path, code) of every fault."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FileRefused) as caught:
        read_file(data, owner=Owner.ENTERPRISE)
    return [(line, fault.path, fault.code) for line, fault in caught.value.faults]


def written(made: dict, needle: str) -> tuple[str, int]:
    """The file of a document, and the line where ``needle`` first stands."""
    text = json.dumps(made, ensure_ascii=False, indent=1)
    return text, text[: text.index(needle)].count("\n") + 1


@pytest.mark.parametrize(
    ("change", "needle", "path", "code"),
    [
        ({"kind": "teleport"}, '"teleport"', "rules[1].kind", "field.choice"),
        ({"params": {"unit": "kelvin", "max": 373}}, '"kelvin"', "rules[1].params.unit", "param.unit"),
        ({"params": {"unit": "celsius", "max": 3730}}, "3730", "rules[1].params.max", "param.range"),
        ({"title": {"zh": "只有中文"}}, "只有中文", "rules[1].title.en", "text.missing"),
        ({"title": {"zh": "好", "en": "=cmd()"}}, "=cmd()", "rules[1].title.en", "text.formula"),
        ({"colour": "red"}, '"colour"', "rules[1].colour", "field.unknown"),
    ],
)
def test_a_fault_is_told_by_line_and_field(change: dict, needle: str, path: str, code: str):
    text, line = written(document(rule(), rule("second", question="second", **change)), needle)
    [(told, where, found)] = refused(text)
    assert (where, found) == (path, code)
    assert told == line or (code == "text.missing" and told == line - 1)


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    bad = [rule(f"r{n}", kind="teleport", title={"zh": "=1", "en": "x"}) for n in range(10)]
    found = refused(json.dumps(document(*bad), indent=1))
    assert len(found) == 20
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)
    assert len({line for line, _, _ in found}) == 20


def test_what_is_no_json_says_on_which_line():
    text = json.dumps(document(rule()), indent=1)
    broken = text.replace('"arrival",', '"arrival"')
    [(line, _, code)] = refused(broken)
    assert code == "document.json"
    assert line == text[: text.index('"arrival"')].count("\n") + 2
    assert refused("{}\n\n\xff".encode("latin-1")) == [(3, "", "document.json")]
    assert [code for _, _, code in refused("")] == ["document.json"]


def test_a_field_written_twice_is_told_where_it_stands_again():
    text = '{"schema": "gate-rulebook/1",\n"title": {"zh": "一",\n"en": "a",\n"zh": "二"}, "rules": []}'
    assert refused(text) == [(4, "title.zh", "document.twice")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000 + "]" * 100_000, "document.depth"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "document.depth"),
        ('{"rules":[' + "{}," * 100_000 + "{}]}", "document.size"),
        ('"' + '\\"' * 400_000, "document.json"),
        ("{" + '"' * 900_001, "document.json"),
        ("[" + "9" * 900_000 + "]", "document.json"),
        ("a" * 10_000_000, "document.size"),
    ],
    ids=["lists", "objects", "wide", "escapes", "quotes", "digits", "long"],
)
def test_what_would_exhaust_the_program_is_refused(text: str, code: str):
    found = refused(text)
    assert [kind for _, _, kind in found] == [code]


def test_lines_are_found_through_escapes_and_nested_lists():
    text = '{\n"a\\"b": [1,\n{"c": [2,\n3]}],\n"d":\n"x\\ny"}'
    found = positions(text)
    assert found.lines == {"": 1, 'a"b': 2, 'a"b[0]': 2, 'a"b[1]': 3, 'a"b[1].c': 3, 'a"b[1].c[0]': 3,
                           'a"b[1].c[1]': 4, "d": 6}  # fmt: skip
    assert found.line('a"b[1].c.gone') == 3 and found.line("gone") == 1


@pytest.mark.parametrize("pack", packs.codes())
def test_every_pack_is_written_and_read_back(pack: str):
    made = packs.load(pack)
    found = read_file(files.written(made, origin=ORIGIN), owner=Owner.ENTERPRISE)
    assert found.document == json.loads(json.dumps(made)) and found.origin == ORIGIN


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("township", "", "origin.name"),
        ("enterprise", "=1+1", "text.formula"),
        ("number", 0, "origin.number"),
        ("number", True, "origin.number"),
        ("content_hash", "x", "origin.hash"),
        ("published_at", "2026-05-01T00:00:00", "origin.time"),
        ("admin", "somebody", "field.unknown"),
    ],
)
def test_an_origin_that_is_wrong_is_refused(key: str, value: object, code: str):
    text = files.written(document(rule()), origin=ORIGIN | {key: value})
    [(line, path, found)] = refused(text)
    assert (path, found) == (f"origin.{key}", code)
    assert f'"{key}"' in text.decode().splitlines()[line - 1]
