"""P1, P2: people's data is plain nowhere, and when its time is over nothing opens it any more.

Visitors with canaries in every personal field are entered through ``record``; then the raw database files with their
logs, a dump, the data folder, job files, logs and a backup are searched for the canaries in seven encodings (P1; plates
apart, which are searched by). Then retention runs for a later day, everything is searched again, plates too where the
database forgets at once (SQLite), and each part of an older copy of the database is opened with today's keystore (P2);
a neighbour, whose time is not over, must stay byte for byte.

usage: bench/privacy.py [visitors [seed]]
The planted faults: a canary written in each encoding, one in a plain column, and a destroyed key brought back.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import random
import shutil
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402
from PIL import Image  # noqa: E402

from gatekeeper import clock, create_app, files, schema, tenancy  # noqa: E402
from gatekeeper.db import Engines, connect, new_id  # noqa: E402
from gatekeeper.keystore_rows import Name, add, is_named, keys  # noqa: E402
from gatekeeper.ledger.models import LedgerPart  # noqa: E402
from gatekeeper.ledger.service import RETENTION_DAYS, keystore, open_part  # noqa: E402
from gatekeeper.registrations import service as registrations  # noqa: E402
from gatekeeper.retention import service as retention  # noqa: E402
from gatekeeper.visits.events import Event, EventKind  # noqa: E402
from gatekeeper.visits.record import record  # noqa: E402
from tests import factories  # noqa: E402
from tests.conftest import Databases, make_database, settings_of  # noqa: E402

FIELDS = ("name", "phone", "identity", "text", "reason", "registration", "operator")
DAYS = 40
FOREVER = 400


@dataclass(frozen=True)
class Canaries:
    """What every canary of a field begins with, of this run alone and too long to stand anywhere by chance.

    A mask shows less of it: the first character of a name, three digits of a phone before the four last.
    """

    marks: dict[str, str]
    plate: str


def canaries() -> Canaries:
    """Fresh ones: what an earlier run left in a write-ahead log is not taken for this one's."""
    chance = random.SystemRandom()
    marks = {field: "".join(chr(chance.randrange(0x4E00, 0x9FA0)) for _ in range(4)) for field in FIELDS}
    marks["phone"] = "1990" + "".join(chance.choices("0123456789", k=4))
    marks["identity"] = "330182" + "".join(chance.choices("0123456789", k=8))
    return Canaries(marks, "浙Q" + "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=4)))


# Searching ------------------------------------------------------------------------------------------------------------


def _base64(text: str) -> Iterator[bytes]:
    """The part of ``text`` in Base64 that is the same whatever stands around it, at each of the three alignments."""
    raw = text.encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]


ENCODINGS: dict[str, Callable[[str], list[bytes]]] = {
    "utf-8": lambda text: [text.encode()],
    "utf-16le": lambda text: [text.encode("utf-16-le")],
    "utf-16be": lambda text: [text.encode("utf-16-be")],
    "gb18030": lambda text: [text.encode("gb18030")],
    "hex": lambda text: [text.encode().hex().encode(), text.encode().hex().upper().encode()],
    "base64": lambda text: list(_base64(text)),
    "percent": lambda text: [quote(text).encode(), quote(text).lower().encode()],
}


def needles(marks: dict[str, str], picture: bytes) -> dict[bytes, str]:
    """What to search for -> which canary it is, in which encoding."""
    found: dict[bytes, str] = {}
    for field, mark in marks.items():
        for encoding, encode in ENCODINGS.items():
            for raw in encode(mark):
                found.setdefault(raw, f"{field} {encoding}")
    for start in (len(picture) // 3, len(picture) // 2):
        piece = picture[start : start + 24]
        found[piece] = "photo raw"
        found[piece.hex().encode()] = "photo hex"
    return found


def search(places: list[Path], wanted: dict[bytes, str]) -> tuple[Counter[str], int]:
    """(hits by needle, bytes searched) in every file under ``places``; archives are searched inside."""
    hits: Counter[str] = Counter()
    size = 0
    for place in places:
        for file in [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file()):
            for data in _contents(file):
                size += len(data)
                for needle, name in wanted.items():
                    if count := data.count(needle):
                        hits[name] += count
    return hits, size


def _contents(file: Path) -> Iterator[bytes]:
    try:
        data = file.read_bytes()
    except FileNotFoundError:  # a database takes its own files away
        return
    yield data
    if tarfile.is_tarfile(io.BytesIO(data)):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                inner = archive.extractfile(member)
                if inner is not None:
                    yield inner.read()


# The installation -----------------------------------------------------------------------------------------------------


@dataclass
class Gate:
    """One installation with two factories: ``own``, and a neighbour whose data is kept for longer."""

    kind: str
    folder: Path
    databases: Databases
    app: Any
    own: factories.Factory
    neighbour: factories.Factory
    canaries: Canaries

    @property
    def engines(self) -> Engines:
        found: Engines = self.app.extensions["gate"].engines
        return found

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def places(self) -> list[Path]:
        """Everything that a thief of the disk, a reader of logs or of a dump has."""
        found = [self.data, self.folder / "log.txt"]
        if self.kind == "postgresql":
            found += [self._dump(), *self._raw()]
        return [*found, *self._backup()]

    def _raw(self) -> list[Path]:
        """The files of this database in the cluster, and the cluster's write-ahead log."""
        admin = sa.create_engine(os.environ["GATE_TEST_PG"], isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        name = sa.make_url(self.databases.owner).database
        with admin.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
            folder = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
            oid = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = %s", (name,)).scalar_one()
        admin.dispose()
        return [folder / "base" / str(oid), folder / "pg_wal"]

    def _dump(self) -> Path:
        """Every row as text, as ``pg_dump`` writes it."""
        out = self.folder / "dump.sql"
        engine = sa.create_engine(self.databases.owner, poolclass=sa.NullPool)
        with engine.connect() as connection, out.open("wb") as file:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            for table in schema.load_models().sorted_tables:
                with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} TO STDOUT") as copy:  # type: ignore[attr-defined]
                    file.writelines(bytes(piece) for piece in copy)
        engine.dispose()
        return out

    def _backup(self) -> list[Path]:
        """A backup by the program's own command, where it has one."""
        if "backup" not in self.app.cli.commands:
            return []
        out = self.folder / "backup.tar"
        out.unlink(missing_ok=True)
        ran = self.app.test_cli_runner().invoke(args=["backup", str(out)])
        if ran.exit_code:
            raise RuntimeError(ran.output)
        return [out]

    def rows(self, place: factories.Factory) -> list[str]:
        """Every row of one enterprise, as the database has it."""
        engine = sa.create_engine(self.databases.owner, poolclass=sa.NullPool)
        own = place.id.hex if self.kind == "sqlite" else place.id
        mark, found = "?" if self.kind == "sqlite" else "%s", []
        with engine.connect() as connection:
            for table in schema.load_models().sorted_tables:
                if "enterprise_id" in table.columns:
                    query = f"SELECT * FROM {table.name} WHERE enterprise_id = {mark}"
                    found += sorted(f"{table.name} {tuple(row)!r}" for row in connection.exec_driver_sql(query, (own,)))
        engine.dispose()
        return found


def installation(kind: str, folder: Path) -> Gate:
    """A fresh database of ``kind`` with one township and two factories; logs of everything go to a file."""
    data = folder / "data"
    data.mkdir(parents=True)
    if kind == "sqlite":
        url = f"sqlite:///{data / 'gate.db'}"
        databases = Databases(url, url, url)
    else:
        databases = make_database(f"gate_privacy_{new_id().hex[-8:]}")
    owner = connect(databases.owner)
    schema.upgrade(owner)
    owner.dispose()
    app = create_app(settings_of(databases, data), command_line=True)
    app.extensions["gate"].open_keystore(may_create=True)
    town = factories.make_town(app.extensions["gate"].engines, "隐镇", "yin")
    own, neighbour = (
        factories.make_factory(app.extensions["gate"].engines, town, f"隐{n}厂", f"yin{n}") for n in (1, 2)
    )
    return Gate(kind, folder, databases, app, own, neighbour, canaries())


def picture(seed: int) -> bytes:
    """A photo as a phone sends it: noise, so that no two are alike."""
    chance, out = random.Random(seed), io.BytesIO()
    Image.frombytes("RGB", (64, 48), chance.randbytes(64 * 48 * 3)).save(out, "PNG")
    return out.getvalue()


def enter(
    gate: Gate, place: factories.Factory, visitors: int, found: Canaries, *, keep_from: date, announce: bool
) -> None:
    """Visitors with a canary in every personal field; every one arrives, is checked, and is turned away or leaves."""
    last = keep_from + timedelta(days=RETENTION_DAYS["photo"])
    shot = files.store(gate.data / "photos", keystore(), picture(1), enterprise=place.id, expires_on=last)
    for number in range(visitors):
        with tenancy.open_session(gate.engines, place.scope, write=True) as session:
            at, visit = clock.now(), new_id()
            for kind, body in acts(number, shot, found):
                event = Event(new_id(), visit, kind, at, place.gate_id, body)  # type: ignore[arg-type]
                record(session, event, by=place.guard, received_at=at, keep_from=keep_from)
            if announce and number % 10 == 0:
                made = registrations.announce(
                    session, plate=f"{found.plate}{number % 10}", day=clock.today(), by=place.guard, at=at
                )
                if made.declined_at is None:
                    reason = f"{found.marks['registration']}{number}"
                    registrations.decline(session, made, reason=reason, by=place.admin, at=at)


def acts(number: int, shot: str, found: Canaries) -> list[tuple[EventKind, dict[str, Any]]]:
    marks = found.marks
    name, phone = f"{marks['name']}{number:04d}", f"{marks['phone']}{number % 1000:03d}"
    plate = f"{found.plate}{number % 10}"
    person = {"subject": "occupant:1", "role": "driver", "name": name, "phone": phone}
    tractor = {"subject": "tractor", "written": plate, "plate": plate, "class": "ordinary"}
    text = f"{marks['text']}，证件 {marks['identity']}{number:04d}，体温 36.{number % 10}"
    disinfected = {"started_at": 1, "finished_at": 2, "operator": f"{marks['operator']}{number}"}
    answers = [
        {"question": "t", "subject": "occupant:1", "kind": "number", "unit": "celsius", "value": {"n": 366}},
        {"question": "d", "subject": "tractor", "kind": "disinfection", "value": disinfected},
        {"question": "p", "subject": "visit", "kind": "photo", "value": {"file": shot}},
    ]
    going = (EventKind.LEAVE, {"seen": True, "subjects": []})
    if number % 2:
        going = (EventKind.TURN_AWAY, {"reason": f"{marks['reason']}{number}"})
    return [
        (EventKind.ARRIVE, {"kind": "truck", "plates": [tractor], "people": [person]}),
        (EventKind.ANSWER, {"answers": answers}),
        (EventKind.NOTE, {"text": text}),
        *([(EventKind.ADMIT, {})] if not number % 2 else []),
        going,
    ]


# P1 and P2 ------------------------------------------------------------------------------------------------------------


def p1(gate: Gate, visitors: int, seed: int) -> dict[str, Any]:
    """Nothing personal is plain anywhere; what is planted is found."""
    wanted = needles(gate.canaries.marks, files.encode(picture(1)))
    hits, size = search(gate.places(), wanted)
    planted = gate.data / "planted.txt"
    caught = 0
    for encode in ENCODINGS.values():
        for raw in encode(f"x{gate.canaries.marks['name']}0001"):
            planted.write_bytes(b"some text before " + raw + b" and after")
            caught += bool(search([planted], wanted)[0])
    planted.unlink()
    tries = sum(len(encode("x")) for encode in ENCODINGS.values())
    return {
        "id": f"P1 {gate.kind}", "seed": seed, "visitors": visitors, "fields": len(FIELDS) + 1,
        "encodings": len(ENCODINGS), "megabytes": round(size / 1e6, 1), "hits": sum(hits.values()),
        "found": dict(hits), "planted": tries, "planted_caught": caught,
        "pass": not hits and caught == tries,
    }  # fmt: skip


def _planted_in_a_column(gate: Gate, wanted: dict[bytes, str]) -> bool:
    """A name that a careless feature would write beside the book, into the zone of a visit."""
    engine = sa.create_engine(gate.databases.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE visits SET zone = '{gate.canaries.marks['name']}0001'")
    found = bool(search(gate.places(), wanted)[0])
    engine.dispose()
    return found


def p2(gate: Gate, visitors: int, seed: int) -> dict[str, Any]:
    """After retention nothing is found and nothing opens, the neighbour is untouched; a key brought back is noticed."""
    before, old = gate.rows(gate.neighbour), _copy(gate)
    opened_before = _opened(old, gate.own.id)
    kept_key = _a_key(gate)
    today = clock.today() + timedelta(days=RETENTION_DAYS["plate"] + DAYS)
    done = retention.run(gate.engines, gate.data, today=today, at=clock.now())
    same = gate.rows(gate.neighbour) == before
    marks = {**gate.canaries.marks, **({"plate": gate.canaries.plate} if gate.kind == "sqlite" else {})}
    wanted = needles(marks, files.encode(picture(1)))
    hits, size = search(gate.places(), wanted)
    opened, neighbours = _opened(old, gate.own.id), _opened(old, gate.neighbour.id)
    again = retention.run(gate.engines, gate.data, today=today, at=clock.now())
    _bring_back(gate, *kept_key)
    planted = _opened(old, gate.own.id)
    return {
        "id": f"P2 {gate.kind}", "seed": seed, "visitors": visitors, "erased": done.parts, "keys_destroyed": done.keys,
        "megabytes": round(size / 1e6, 1), "hits": sum(hits.values()), "found": dict(hits),
        "old_parts_opened_before": opened_before, "old_parts_opened": opened,
        "neighbours_old_parts_opened": neighbours, "neighbour_rows": len(before), "neighbour_same": same,
        "second_run": again.parts, "planted_key_opened": planted,
        "pass": not hits and opened == 0 and opened_before > 0 and neighbours > 0 and same and again.parts == 0
        and done.parts > 0 and planted > 0,
    }  # fmt: skip


def _copy(gate: Gate) -> list[LedgerPart]:
    """The parts of an older copy of the database, as a thief of a backup has them."""
    found: list[LedgerPart] = []
    for place in (gate.own, gate.neighbour):
        with tenancy.open_session(gate.engines, place.scope) as session:
            rows = session.scalars(sa.select(LedgerPart)).all()
            session.expunge_all()
            found += rows
    return found


def _opened(parts: list[LedgerPart], enterprise: UUID) -> int:
    """How many of an enterprise's parts today's keystore still opens."""
    store = keystore()
    store._cache.clear()
    return sum(open_part(part) is not None for part in parts if part.enterprise_id == enterprise)


def _a_key(gate: Gate) -> tuple[Name, bytes]:
    """A day's key as it lies in the keystore, wrapped."""
    day = clock.today() + timedelta(days=RETENTION_DAYS["contact"])
    name = Name(str(gate.own.id), "contact", day.isoformat())
    with keystore()._engines.read.connect() as connection:
        return name, connection.execute(sa.select(keys.c.wrapped).where(*is_named(name))).scalar_one()


def _bring_back(gate: Gate, name: Name, wrapped: bytes) -> None:
    with keystore()._engines.write.begin() as connection:
        add(connection, name, wrapped)


def column(gate: Gate, visitors: int, seed: int) -> dict[str, Any]:
    """The planted fault that comes last, for a database does not forget it at once: a name in a plain column."""
    caught = _planted_in_a_column(gate, needles(gate.canaries.marks, files.encode(picture(1))))
    return {"id": f"P1 planted {gate.kind}", "seed": seed, "visitors": visitors, "caught": caught, "pass": caught}


EXPERIMENTS: tuple[Callable[[Gate, int, int], dict[str, Any]], ...] = (p1, p2, column)
"""Run one after the other on one installation; each answers its result with ``pass``."""


def main(visitors: int = 1000, seed: int = 1) -> int:
    """Print one result for each experiment and database; 1 when one fails or does not see its planted fault."""
    failed = False
    for kind in ("sqlite", "postgresql"):
        folder = Path(tempfile.mkdtemp(prefix="gate-privacy-"))
        logging.basicConfig(filename=folder / "log.txt", level=logging.DEBUG, force=True)
        logging.getLogger("sqlalchemy").setLevel(logging.INFO)  # every statement, as an operator in trouble logs it
        try:
            gate = installation(kind, folder)
            enter(gate, gate.own, visitors, gate.canaries, keep_from=clock.today(), announce=True)
            later = clock.today() + timedelta(days=FOREVER)  # its time is not over in this experiment
            enter(gate, gate.neighbour, max(3, visitors // 50), canaries(), keep_from=later, announce=False)
            for experiment in EXPERIMENTS:
                result = experiment(gate, visitors, seed)
                print(json.dumps(result, ensure_ascii=False), flush=True)
                failed = failed or not result["pass"]
            close(gate)
        finally:
            shutil.rmtree(folder)
    return int(failed)


def close(gate: Gate) -> None:
    gate.engines.dispose()
    keystore().close()
    if gate.kind == "postgresql":
        admin = sa.create_engine(os.environ["GATE_TEST_PG"], isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {sa.make_url(gate.databases.owner).database} WITH (FORCE)")
        admin.dispose()


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
