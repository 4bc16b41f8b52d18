"""A rulebook may say how long personal values are kept; the longest of those in force holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.rules import codec, packs
from gatekeeper.rules.faults import RulebookInvalid
from gatekeeper.rules.retention import DAYS, days_of
from gatekeeper.rules.values import Owner, Rulebook
from tests.rules.made import document


def book(**retention: int) -> Rulebook:
    return codec.parse(document(retention=retention), owner=Owner.TOWNSHIP, version="1")


def test_without_a_rulebook_the_usual_days_hold() -> None:
    assert days_of([]) == days_of([book()]) == dict(DAYS)


def test_a_rulebook_shortens_and_lengthens_what_it_names() -> None:
    days = days_of([book(plate=730, health=7)])
    assert (days["plate"], days["health"], days["contact"]) == (730, 7, 30)


def test_of_two_rulebooks_the_longer_holds_and_silence_asks_for_nothing() -> None:
    assert days_of([book(plate=400, health=7), book(plate=730)])["plate"] == 730
    assert days_of([book(health=7), book()])["health"] == 7


def test_retention_survives_the_document_and_its_canonical_bytes() -> None:
    made = book(plate=730)
    again = codec.parse(codec.to_document(made), owner=Owner.TOWNSHIP, version="1")
    assert again.retention == {"plate": 730}
    assert json.loads(codec.canonical(codec.to_document(made)))["retention"] == {"plate": 730}
    assert "retention" not in codec.to_document(book())


@pytest.mark.parametrize(
    ("retention", "path", "code"),
    [
        ({"plate": 0}, "retention.plate", "retention.days"),
        ({"plate": 1096}, "retention.plate", "retention.days"),
        ({"plate": True}, "retention.plate", "retention.days"),
        ({"plate": "730"}, "retention.plate", "retention.days"),
        ({"plates": 3}, "retention.plates", "field.unknown"),
        ([], "retention", "retention.shape"),
    ],
)
def test_days_out_of_bounds_and_unknown_classes_are_named(retention: Any, path: str, code: str) -> None:
    with pytest.raises(RulebookInvalid) as caught:
        codec.parse(document(retention=retention), owner=Owner.TOWNSHIP, version="1")
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [(path, code)]


def test_a_changed_time_is_said_in_words() -> None:
    said = codec.compare(book(health=7), book(health=30, plate=730))
    assert [text.zh for text in said] == ["保存期限：健康信息 7 天 → 30 天", "保存期限：车牌 183 天（默认） → 730 天"]
    assert [text.en for text in codec.compare(book(plate=90), book())] == ["Kept: plates 90 days → 183 days (as usual)"]


def test_the_epidemic_pack_keeps_health_for_two_weeks() -> None:
    assert packs.load("epidemic_2022")["retention"] == {"health": 14, "photo": 14, "contact": 30}
