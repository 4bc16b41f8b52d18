"""The plain values that a look shows, entry by entry; what was erased says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import files
from gatekeeper.clock import from_micros, local
from gatekeeper.crypto import KeyGone
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.service import keystore, open_part
from gatekeeper.rules.kinds import KINDS, UNITS, Field
from gatekeeper.rules.kinds.plain import is_sha256
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import label
from gatekeeper.visits.folding import ABOUT
from gatekeeper.visits.models import VisitEvent
from gatekeeper.visits.reveal_words import CLASSES

GONE = Text("已按保存期限删除", "erased after its time of keeping")
HELD = Text("依法留存", "kept by order")
NAMES = {"name": Text("姓名", "Name"), "phone": Text("手机", "Mobile"), "document": Text("证件号码", "Document number")}
TEXTS = {"reason": Text("原因", "Reason"), "text": Text("备注", "Note")}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one entry.

    ``who`` is the subject it is about (empty: the whole visit), ``label`` what it is, ``said`` the value in words or
    that it is gone, ``photo`` a JPEG; ``at`` is when it was written, microseconds.
    """

    cls: str
    at: int
    who: str
    label: Text
    said: Text
    held: bool = False
    gone: bool = False
    photo: bytes | None = None


def values(
    session: Session,
    *,
    enterprise_id: UUID,
    visit_id: UUID,
    classes: Sequence[str],
    titles: Mapping[str, Text],
    folder: Path,
) -> list[Value]:
    """Everything of ``classes`` that the visit's entries held, oldest first; to be called once the look is written.

    ``titles`` are those of the questions by code, ``folder`` where photos are kept.
    """
    entries = session.scalars(
        select(LedgerEntry)
        .join(VisitEvent, (VisitEvent.enterprise_id == LedgerEntry.enterprise_id) & (VisitEvent.seq == LedgerEntry.seq))
        .where(
            LedgerEntry.enterprise_id == enterprise_id,
            VisitEvent.visit_id == visit_id,
            VisitEvent.kind.not_in(ABOUT),
        )
        .order_by(LedgerEntry.seq)
    ).all()
    query = select(LedgerPart).where(
        LedgerPart.enterprise_id == enterprise_id,
        LedgerPart.seq.in_([entry.seq for entry in entries]),
        LedgerPart.cls.in_(classes),
    )
    parts = {(part.seq, part.cls): part for part in session.scalars(query)}
    shown = _Shown(titles, folder, enterprise_id)
    return [
        value
        for entry in entries
        for cls in CLASSES
        if cls in classes
        for value in shown.of(entry, cls, parts.get((entry.seq, cls)))
    ]


@dataclass(frozen=True, slots=True)
class _Shown:
    titles: Mapping[str, Text]
    folder: Path
    enterprise_id: UUID

    def of(self, entry: LedgerEntry, cls: str, part: LedgerPart | None) -> Iterator[Value]:
        """The values of one class of one entry; one line that says so where they are gone."""
        written = json.loads(entry.bytes)
        outcome, event = written["body"]["outcome"], written["body"]["event"]
        if cls not in written["parts"] and cls not in outcome.get("dropped", ()):
            return
        opened = open_part(part) if part is not None else None
        if part is None or opened is None:
            yield Value(cls, outcome["at"], "", CLASSES[cls], GONE, gone=True)
            return
        held, at = part.hold_id is not None, outcome["at"]
        body = event["body"]
        for index, people in opened.get("people", {}).items():
            who = body["people"][int(index)]["subject"]
            for name, value in people.items():
                yield Value(cls, at, who, NAMES.get(name, CLASSES[cls]), _plain(value), held)
        for index, given in opened.get("answers", {}).items():
            answer = body["answers"][int(index)]
            fields = {f.name: f for f in _fields(answer)}
            for name, value in given.items():
                if value is not None:
                    yield self._answer(cls, at, answer, fields.get(name), value, part)
        for name, value in opened.get("texts", {}).items():
            yield Value(cls, at, "", TEXTS.get(name, CLASSES[cls]), _plain(value), held)

    def _answer(
        self, cls: str, at: int, answer: Mapping[str, Any], field: Field | None, value: Any, part: LedgerPart
    ) -> Value:
        held, code = part.hold_id is not None, answer["question"]
        title = self.titles.get(code) or self.titles.get(code.rpartition(".")[0]) or Text(code, code)
        if field is not None and len(_fields(answer)) > 1:
            title = Text(f"{title.zh}：{field.label.zh}", f"{title.en}: {field.label.en}")
        if cls != "photo":
            return Value(cls, at, answer["subject"], title, _words(field, value), held)
        picture = _picture(self.folder, value, part)
        if picture is None:
            return Value(cls, at, answer["subject"], title, GONE, held, gone=True)
        return Value(cls, at, answer["subject"], title, CLASSES[cls], held, photo=picture)


def _fields(answer: Mapping[str, Any]) -> tuple[Field, ...]:
    kind = KINDS.get(answer["kind"])
    return kind.answer_fields({"unit": answer["unit"]} if answer.get("unit") else {}) if kind else ()


def _plain(value: Any) -> Text:
    return Text(str(value), str(value))


def _words(field: Field | None, value: Any) -> Text:
    """A stored value as people say it; one that is not of its field's type is shown as it was sent."""
    if field is None:
        return _plain(value)
    if field.type == "choice" and isinstance(value, str):
        return label(field.choices, value)
    if field.type == "time" and type(value) is int:
        return _plain(local(from_micros(value)).strftime("%Y-%m-%d %H:%M"))
    if field.type == "int" and type(value) is int:
        unit = UNITS[field.unit or "count"]
        return Text(unit.say(value) + unit.symbol.zh, unit.say(value) + unit.symbol.en)
    if field.type == "bool":
        return Text("是", "yes") if value else Text("否", "no")
    return _plain(value)


def _picture(folder: Path, name: Any, part: LedgerPart) -> bytes | None:
    """The JPEG that a part names, under the key of its day or of its hold; None when it was erased."""
    if not isinstance(name, str) or not is_sha256(name):
        return None
    at = {"enterprise": part.enterprise_id, "expires_on": part.expires_on, "hold": part.hold_id}
    with suppress(KeyGone):
        return files.load(folder, keystore(), name, **at)
    return None
