"""Recording what was carried out of a phone as if it had sent it: what is there already is answered as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from gatekeeper import directory, files, tenancy
from gatekeeper.access import SignedDesk
from gatekeeper.accounts import desks
from gatekeeper.db import Engines
from gatekeeper.desk import entries, reading
from gatekeeper.desk.carried import HERE, Carried, CarriedInvalid, Event, runs
from gatekeeper.errors import DomainError
from gatekeeper.ledger.service import keystore
from gatekeeper.rules.values import Text
from gatekeeper.visits import photos, sync

REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of an entry or of a picture: ``state`` as a phone is told, ``why`` where it says so."""

    kind: str
    id: str
    state: str
    why: Text | str | None = None
    replayed: bool = False


@dataclass
class Taking:
    """One file being taken: ``folder`` is that of the photos; ``instead``: what goes before what was refused."""

    engines: Engines
    carried: Carried
    folder: Path
    at: datetime
    home: UUID
    instead: dict[str, Any] = field(default_factory=dict)

    @property
    def scope(self) -> tenancy.Enterprise:
        return tenancy.Enterprise(self.home)

    def lines(self) -> Iterator[Line]:
        """Everything recorded, some entries in one transaction; each line stands when it is given."""
        for duty, batch in runs(self.carried.events):
            ready: list[Event] = []
            for event in batch:
                made, lost = self._with_photos(event)
                ready.append(self._in_its_place(made))
                yield from lost
            told = self._duty(ready) if duty else self._gate(ready)
            for event, one in zip(ready, told, strict=True):
                if one["state"] == REFUSED:
                    self.instead[str(event.get("id"))] = event.get("after")
                why = one.get("text") or one.get("reason")
                said = Text(**why) if isinstance(why, Mapping) else why
                yield Line(str(event.get("kind")), str(event.get("id")), one["state"], said, one.get("replayed", False))

    def _in_its_place(self, event: Event) -> Event:
        after = event.get("after")
        while str(after) in self.instead:
            after = self.instead[str(after)]
        return {**{name: value for name, value in event.items() if name != REFUSED}, "after": after}

    def _gate(self, batch: Sequence[Event]) -> list[dict[str, Any]]:
        def record(session: Session, desk: SignedDesk) -> list[dict[str, Any]]:
            sent = sync.proved(session, self.engines, desk, sync.read(desk, received_at=self.at), at=self.at)
            outcomes = sync.recorded(session, sent, received_at=self.at)
            found: list[dict[str, Any]] = sync.answer(sent, outcomes, revoked=desk.revoked)["outcomes"]
            return found

        return self._recorded({"events": batch}, record)

    def _duty(self, batch: Sequence[Event]) -> list[dict[str, Any]]:
        def record(session: Session, desk: SignedDesk) -> list[dict[str, Any]]:
            told = reading.read(desk, received_at=self.at)
            session.rollback()  # as for a phone: nobody waits while PINs are compared
            proved = entries.proofs(self.engines, desk, told, at=self.at)
            return [one.sent() for one in entries.recorded(session, desk, told, proved, received_at=self.at)]

        return self._recorded({"entries": batch}, record)

    def _recorded(self, said: dict[str, Any], record: Callable[[Session, SignedDesk], list[Any]]) -> list[Any]:
        body = orjson.dumps(said)
        with tenancy.open_session(self.engines, self.scope, write=True) as session:
            desk = desks.signed(session, desk_id=self.carried.desk, body=body)
            if desk is None:
                raise UNKNOWN
            return record(session, desk)

    def _with_photos(self, event: Event) -> tuple[Event, list[Line]]:
        """The entry with its pictures stored, by the server's names; one that it will not take is left out."""
        body, lost, kept = event.get("body"), [], []
        if not isinstance(body, dict) or not isinstance(body.get("answers"), list):
            return event, []
        for answer in body["answers"]:
            value = answer.get("value") if isinstance(answer, dict) else None
            file = value.get("file") if isinstance(value, dict) else None
            if not isinstance(file, str) or not file.startswith(HERE):
                kept.append(answer)
                continue
            name = self._stored(file, event)
            if isinstance(name, Line):
                lost.append(name)
            else:
                kept.append({**answer, "value": {**answer["value"], "file": name}})
        return {**event, "body": {**body, "answers": kept}}, lost

    def _stored(self, file: str, event: Event) -> str | Line:
        raw = self.carried.photos.get(file.removeprefix(HERE))
        if raw is None:
            return Line("photo", file, REFUSED, Text("文件里没有这张照片", "The picture is not in the file"))
        with tenancy.open_session(self.engines, self.scope) as reading_:
            last = photos.expires_on(reading_, visit=str(event.get("visit")), at=self.at)
        try:
            return files.store(self.folder, keystore(), raw, enterprise=self.home, expires_on=last)
        except DomainError as wrong:
            return Line("photo", file, REFUSED, wrong.text)


UNKNOWN = CarriedInvalid(
    "carried.desk", Text("这台手机没有在这里登记过", "The phone that it comes from was never enrolled here")
)


def taking(engines: Engines, carried: Carried, *, folder: Path, at: datetime) -> Taking:
    """How to take a file; raises ``carried.desk`` where its phone is not known here."""
    with tenancy.open_session(engines, tenancy.Unscoped()) as session:
        row = directory.find(session, directory.Kind.DESK, str(carried.desk))
    if row is None:
        raise UNKNOWN
    return Taking(engines, carried, folder, at, row[0])
