"""A book of any length, made fast: a day of the demo is played through ``record``, then written again and again.

Each round has new visit and event ids, its own place in the chain, and parts encrypted for that place; formats are
those of the program, only the way into the database is a bulk insert.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask

from gatekeeper import clock, create_app, tenancy
from gatekeeper.config import from_environment
from gatekeeper.db import new_id
from gatekeeper.demo.world import CEMENT
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.chain import content_hash, digest, recoded
from gatekeeper.visits.book import GATE_KINDS

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHILDREN = ("visit_occupants", "visit_stages", "visit_events")


@dataclass
class LongBook:
    """The program over the book, the file, and whose it is; ``first`` is the seq of the first gate event."""

    app: Flask
    file: Path
    enterprise_id: UUID
    entries: int
    visits: int

    @property
    def engines(self) -> Any:
        return self.app.extensions["gate"].engines


def make(folder: Path, *, entries: int = 0, visits: int = 0, visits_a_day: int = 60, seed: int = 1) -> LongBook:
    """A book of about ``entries`` entries, or at least ``visits`` visits, in whole rounds: SQLite in ``folder``."""
    settings = from_environment({"GATE_DATA_DIR": str(folder), "GATE_DEMO_PASSWORD": "bench-password-1"})
    app = create_app(settings, command_line=True)
    day = clock.today() - timedelta(days=2)
    words = ["demo", "--enterprises", "1", "--visits", str(visits_a_day), "--seed", str(seed), "--day", str(day)]
    played = app.test_cli_runner().invoke(args=words)
    if played.exit_code:
        raise RuntimeError(played.output)
    file = folder / "gate.db"
    with sqlite3.connect(file) as base:
        base.execute("PRAGMA synchronous=OFF")
        made = _rounds(app, base, CEMENT.id, entries, visits)
    base.close()
    return LongBook(app, file, CEMENT.id, *made)


def _rounds(app: Flask, base: sqlite3.Connection, own: UUID, wanted: int, most: int) -> tuple[int, int]:
    mine = (own.hex,)
    read = lambda sql: base.execute(sql, mine).fetchall()  # noqa: E731
    template = [
        (json.loads(text), kind, UUID(event))
        for text, kind, event in read(
            "SELECT bytes, kind, event_id FROM ledger_entry WHERE enterprise_id = ? ORDER BY seq"
        )
        if kind in GATE_KINDS
    ]
    parts = _opened(
        app, own, read("SELECT seq, class, ciphertext, expires_on FROM ledger_part WHERE enterprise_id = ?")
    )
    rows = {table: _rows(base, table, own) for table in ("visits", *CHILDREN)}
    known = {entry["body"]["event"]["visit"] for entry, _, _ in template} | {str(event) for _, _, event in template}
    seq, prev = read("SELECT seq, hash FROM ledger_head WHERE enterprise_id = ?")[0]
    visits = len(rows["visits"][1])
    bodies = [recoded(entry["body"]) for entry, _, _ in template]
    while seq + len(template) <= wanted or visits < most:
        new = {one: str(new_id()) for one in known}
        ids = {UUID(old).hex: UUID(fresh).hex for old, fresh in new.items()}
        seqs: dict[int, int] = {}
        written, sealed = [], []
        for (entry, kind, event), body in zip(template, bodies, strict=True):
            seq += 1
            seqs[entry["seq"]] = seq
            fresh = [(cls, *_sealed(app, own, seq, cls, *parts[entry["seq"], cls])) for cls in sorted(entry["parts"])]
            hashes = recoded({cls: content_hash(ciphertext) for cls, ciphertext, _ in fresh})
            moved = UUIDS.sub(lambda found: new.get(found[0], found[0]), body)  # noqa: B023
            text = (
                f'{{"body":{moved},"book":"{own}","event_id":"{new[str(event)]}","kind":"{kind}","parts":{hashes},'
                f'"prev":"{prev}","received_at":{entry["received_at"]},"seq":{seq}}}'
            )
            here = digest(text)
            written.append((own.hex, seq, ids[event.hex], kind, entry["received_at"], text, prev, here))
            sealed += [(own.hex, seq, cls, ciphertext, str(day)) for cls, ciphertext, day in fresh]
            prev = here
        base.executemany(
            "INSERT INTO ledger_entry (enterprise_id, seq, event_id, kind, received_at, bytes, prev, hash)"
            " VALUES (?,?,?,?,?,?,?,?)", written,
        )  # fmt: skip
        base.executemany(
            "INSERT INTO ledger_part (enterprise_id, seq, class, ciphertext, expires_on) VALUES (?,?,?,?,?)", sealed
        )
        for table, (names, values) in rows.items():
            if values:
                marks = ",".join("?" * len(names))
                base.executemany(
                    f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})",
                    [_moved(names, row, ids, seqs) for row in values],
                )
        visits += len(rows["visits"][1])
    base.execute("UPDATE ledger_head SET seq = ?, hash = ? WHERE enterprise_id = ?", (seq, prev, own.hex))
    return seq, visits


def _rows(base: sqlite3.Connection, table: str, own: UUID) -> tuple[list[str], list[tuple[Any, ...]]]:
    found = base.execute(f"SELECT * FROM {table} WHERE enterprise_id = ?", (own.hex,))
    return [column[0] for column in found.description], found.fetchall()


def _moved(names: list[str], row: tuple[Any, ...], ids: dict[str, str], seqs: dict[int, int]) -> tuple[Any, ...]:
    return tuple(
        ids.get(value, value) if name in ("id", "visit_id", "event_id", "after")
        else seqs[value] if name in ("seq", "last_seq") else value
        for name, value in zip(names, row, strict=True)
    )  # fmt: skip


def _opened(
    app: Flask, own: UUID, rows: list[tuple[int, str, bytes, str]]
) -> dict[tuple[int, str], tuple[bytes, date]]:
    keystore = app.extensions["gate"].keystore
    found = {}
    for seq, cls, ciphertext, day in rows:
        expires_on = date.fromisoformat(day)
        plain = keystore.open(ciphertext, enterprise=own, seq=seq, cls=cls, expires_on=expires_on)
        found[seq, cls] = plain, expires_on
    return found


def _sealed(app: Flask, own: UUID, seq: int, cls: str, plain: bytes, expires_on: date) -> tuple[bytes, date]:
    keystore = app.extensions["gate"].keystore
    return keystore.seal(plain, enterprise=own, seq=seq, cls=cls, expires_on=expires_on), expires_on


def opened(made: LongBook) -> Any:
    """A session over the book's own file."""
    ledger.use_keystore(made.app.extensions["gate"].keystore)
    return tenancy.open_session(made.engines, tenancy.Enterprise(made.enterprise_id))
