"""The body of an event, looked at as something a stranger sent: only what is known passes, and only in its shape.

A list of what may stand in a body, not of what may not: a value under a name that nobody knows would be read as
public, and a fact that only the program can know would decide in the place of the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from gatekeeper.errors import Invalid
from gatekeeper.formats import plates, regions
from gatekeeper.formats.characters import storable
from gatekeeper.ledger.chain import LARGEST
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Owner, Stage, Text
from gatekeeper.rules.vocabulary import CARGO, CONSEQUENCES, PURPOSES, VISITOR_KINDS

SUBJECT = re.compile(r"visit|tractor|trailer:[1-9]|occupant:[1-9][0-9]?", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)
MOST, LONGEST, MOST_ROWS = 60, 500, 999
ROLES = ("driver", "passenger", "visitor")
ALREADY = ("exit_missed", "came_back", "wrong_plate")


class Misshapen(Invalid):
    """A body that no form of this program sends; ``where`` names the place."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(
            "event.shape", Text(f"记录的格式不对：{where}", f"The entry has the wrong shape: {where}"), field=where
        )


Reader = Callable[[Any, str], Any]


def shaped(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with its texts made storable and its plates read here; raises ``Misshapen`` for anything else in it."""
    known = BODIES.get(kind, {})
    found: dict[str, Any] = {}
    for name, value in body.items():
        reader = known.get(name) or COMMON.get(name)
        if reader is None:
            raise Misshapen(str(name)[:40])
        found[name] = reader(value, name)
    return found


def _text(value: Any, where: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Misshapen(where)
    return storable(value)


def _code(value: Any, where: str) -> str:
    if not isinstance(value, str) or not CODE.fullmatch(value):
        raise Misshapen(where)
    return value


def _one_of(*codes: str) -> Reader:
    def read(value: Any, where: str) -> str:
        if value not in codes:
            raise Misshapen(where)
        return str(value)

    return read


def _bool(value: Any, where: str) -> bool:
    if type(value) is not bool:
        raise Misshapen(where)
    return value


def _row_number(value: Any, where: str) -> int:
    if type(value) is not int or not 1 <= value <= MOST_ROWS:
        raise Misshapen(where)
    return value


def _id(value: Any, where: str) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise Misshapen(where) from None


def _region(value: Any, where: str) -> str:
    if not isinstance(value, str) or regions.get(value) is None:
        raise Misshapen(where)
    return value


def _subject(value: Any, where: str) -> str:
    if not isinstance(value, str) or not SUBJECT.fullmatch(value):
        raise Misshapen(where)
    return value


def _list(reader: Reader) -> Reader:
    def read(value: Any, where: str) -> list[Any]:
        if not isinstance(value, list | tuple) or len(value) > MOST:
            raise Misshapen(where)
        return [reader(item, f"{where}[{index}]") for index, item in enumerate(value)]

    return read


def _row(**readers: Reader) -> Reader:
    def read(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not value.keys() <= readers.keys():
            raise Misshapen(where)
        return {name: readers[name](item, f"{where}.{name}") for name, item in value.items()}

    return read


def _with(reader: Reader, *needed: str) -> Reader:
    """A row in which ``needed`` stand."""

    def read(value: Any, where: str) -> Any:
        found = reader(value, where)
        if not found.keys() >= set(needed):
            raise Misshapen(where)
        return found

    return read


def _plate(value: Any, where: str) -> dict[str, Any]:
    """A plate as it was written; what it is read as is the program's own reading, whatever was sent beside it."""
    row = _with(_row(subject=_subject, written=_text, plate=_text, **{"class": _text}), "subject")(value, where)
    written = row.get("written") or row.get("plate")
    if not written:
        raise Misshapen(where)
    found = plates.parse(written)
    return {"subject": row["subject"], "written": found.written, "plate": found.plate, "class": found.cls.value}


def _value(value: Any, where: str) -> Any:
    """One value of an answer: flat, and nothing that has no canonical form."""
    if value is None or type(value) is bool:
        return value
    if type(value) is int and abs(value) <= LARGEST:
        return value
    if isinstance(value, str):
        return _text(value, where)
    return _list(_scalar)(value, where)


def _scalar(value: Any, where: str) -> Any:
    return _value(value, where) if isinstance(value, str) or type(value) is int else _code(value, where)


def _values(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > MOST:
        raise Misshapen(where)
    return {_code(name, where): _value(item, f"{where}.{name}") for name, item in value.items()}


_codes_of = {name: tuple(choice.code for choice in choices) for name, choices in (
    ("kind", VISITOR_KINDS), ("cargo", CARGO), ("purpose", PURPOSES), ("consequence", CONSEQUENCES),
)}  # fmt: skip

FACTS = _row(
    origin=_region,
    stops=_list(_region),
    cargo=_one_of(*_codes_of["cargo"]),
    cold_chain=_bool,
    zone=_code,
    purpose=_one_of(*_codes_of["purpose"]),
)
"""The facts that a guard may tell; every other fact is the program's to know."""

PERSON = _with(_row(subject=_subject, role=_one_of(*ROLES), name=_text, phone=_text), "subject", "role")
ANSWER = _with(
    _row(question=_code, subject=_subject, kind=_one_of(*KINDS), value=_values, unit=_code),
    *("question", "subject", "kind", "value"),
)
FINDING = _with(
    _row(
        owner=_one_of(*(owner.value for owner in Owner)),
        rule=_code,
        subject=_subject,
        consequence=_one_of(*_codes_of["consequence"]),
    ),
    *("owner", "rule"),
)

LATE = _with(_row(form=_code, row=_row_number), "form")
"""The paper form, by the number printed on it, from which an entry was written in later."""

COMMON: Mapping[str, Reader] = {
    "plates": _list(_plate),
    "people": _list(PERSON),
    "answers": _list(ANSWER),
    "facts": FACTS,
    "reason": _text,
    "text": _text,
    "late": LATE,
}
"""What may stand in the body of any event."""

BODIES: Mapping[str, Mapping[str, Reader]] = {
    "arrive": {"kind": _one_of(*_codes_of["kind"]), "already": _one_of(*ALREADY), "registration": _id},
    "answer": {"stage": _one_of(*(stage.value for stage in Stage))},
    "leave": {"seen": _bool, "subjects": _list(_subject)},
    "override": {"findings": _list(FINDING)},
    "move": {"zone": _code},
    "care": {"item": _code},
    "resolve": {"events": _list(_id), "how": _one_of("apply", "set_aside")},
    "judge": {"why": _code},
}
"""What may stand besides in the body of each kind."""
