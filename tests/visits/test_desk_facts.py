"""What a guard is asked of a visit besides its questions is told as the book takes it."""

from __future__ import annotations

from typing import Any

from gatekeeper.visits.shapes import shaped
from tests.visits.test_desk_asking import on_the_phone


def test_a_fact_is_told_as_the_book_takes_it() -> None:
    people = [
        {"subject": "occupant:1", "role": "driver", "name": "张三", "phone": "13812345678"},
        {"subject": "occupant:2", "role": "passenger"},
    ]
    walkers = [{"subject": f"occupant:{n}", "role": "visitor"} for n in (1, 2)]
    asked_for: list[tuple[list[Any], Any]] = [
        (["cargo", {"chosen": "coal"}], "coal"),
        (["cold_chain", {"chosen": False}], False),
        (["origin", {}], None),
        (["stops", {"chosen": []}], []),
        (["people", {"count": "2", "name": " 张三 ", "phone": "+86 138-1234-5678"}], people),
        (["people", {"count": "2", "walking": True}], walkers),
        (["people", {"count": "61"}], None),
        (["people", {"count": "1", "phone": "12345678901"}], None),
        (["people", {"count": "1", "name": "=1+1"}], None),
    ]
    found = on_the_phone(["factValue", *given] for given, _ in asked_for)
    assert found == [want for _, want in asked_for]
    assert shaped("answer", {"people": people, "facts": {"cargo": "coal", "cold_chain": False, "stops": []}})
