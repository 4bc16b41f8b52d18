"""Somebody with the database's own powers, over a copy in memory: each change is rolled back behind the check."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from bench.peers.long_book import LongBook
from gatekeeper import clock, tenancy
from gatekeeper.db import Engines, new_id
from gatekeeper.demo.world import office_id
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.chain import digest
from gatekeeper.ledger.queries import Fault
from gatekeeper.retention import erasing

TABLES = ("ledger_entry", "ledger_part", "visits", "visit_occupants", "visit_stages", "visit_events")
KEYS = {
    "ledger_entry": ("seq",), "ledger_part": ("seq", "class"), "visits": ("id",),
    "visit_occupants": ("visit_id", "subject"), "visit_stages": ("visit_id", "stage"),
    "visit_events": ("visit_id", "seq"),
}  # fmt: skip
HOW = ("edit", "delete", "insert", "swap", "move")


class Aside:
    """A copy of a book in memory, without triggers; a session's end takes back what was changed before it."""

    def __init__(self, made: LongBook) -> None:
        self.own = made.enterprise_id
        ledger.use_keystore(made.app.extensions["gate"].keystore)
        self.base = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        with sqlite3.connect(made.file) as source:
            source.backup(self.base)
        source.close()
        for (name,) in self.base.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            self.base.execute(f"DROP TRIGGER {name}")
        self._held = False
        engine = create_engine("sqlite://", creator=lambda: self.base, poolclass=StaticPool)
        engine.dialect.do_rollback = self._rolled_back  # type: ignore[method-assign]
        engine.dialect.do_commit = lambda _: None  # type: ignore[method-assign]
        engine.connect().close()  # the first connection rolls back by itself
        self._engines = Engines(engine, engine)
        self.columns = {
            table: [row[1] for row in self.base.execute(f"PRAGMA table_info({table})")] for table in TABLES
        }  # fmt: skip

    def _rolled_back(self, _connection: Any) -> None:
        if not self._held:
            self.rollback()

    def begin(self) -> None:
        if not self.base.in_transaction:
            self.base.execute("BEGIN")

    def rollback(self) -> None:
        if self.base.in_transaction:
            self.base.execute("ROLLBACK")

    def commit(self) -> None:
        if self.base.in_transaction:
            self.base.execute("COMMIT")

    @contextmanager
    def session(self, *, write: bool = False, keep: bool = False) -> Iterator[Session]:
        """A session over the copy; what was changed is taken back at its end unless ``keep``."""
        self._held = keep
        session = tenancy.make_session(self._engines, tenancy.Enterprise(self.own), write=write)
        try:
            yield session
        finally:
            session.close()
            self._held = False


@dataclass
class Change:
    """What was done, and by what a fault names it: any of these entries, or any of these ids in its words."""

    what: str
    seqs: set[int] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    @property
    def table(self) -> str:
        return self.what.split()[1].split(".")[0]

    def is_named_by(self, fault: Fault) -> bool:
        return fault.seq in self.seqs or any(one in fault.reason for one in self.ids)


class Tamperer:
    """Random changes to the book of an ``Aside``; the same seed makes the same changes."""

    def __init__(self, aside: Aside, chance: random.Random) -> None:
        self.aside, self.chance = aside, chance
        self.base, self.own = aside.base, aside.own.hex

    def one(self) -> Change | None:
        """One change of one row; None where this one cannot be made (a key that is taken)."""
        table, how = self.chance.choice(TABLES), self.chance.choice(HOW)
        self.aside.begin()
        row = self._row(table)
        change = self._named(f"{how} {table}", table, row)
        try:
            changed = getattr(self, f"_{how}")(table, row, change)
        except sqlite3.IntegrityError:
            return None
        return change if changed else None

    def _row(self, table: str) -> dict[str, Any]:
        count = self.base.execute(f"SELECT count(*) FROM {table} WHERE enterprise_id = ?", (self.own,)).fetchone()[0]
        at = self.chance.randrange(count)
        found = self.base.execute(f"SELECT * FROM {table} WHERE enterprise_id = ? LIMIT 1 OFFSET ?", (self.own, at))
        return dict(zip(self.aside.columns[table], found.fetchone(), strict=True))

    def _named(self, what: str, table: str, row: dict[str, Any]) -> Change:
        change = Change(what)
        if "seq" in row and table != "visit_stages":
            change.seqs |= {row["seq"], row["seq"] + 1}  # behind a changed entry, the next one does not follow
        visit = row["id"] if table == "visits" else row.get("visit_id")
        if visit is not None:
            change.ids.add(str(UUID(visit)))
        return change

    def _where(self, table: str, row: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        keys = ("enterprise_id", *KEYS[table])
        return " AND ".join(f"{key} = ?" for key in keys), tuple(row[key] for key in keys)

    def _set(self, table: str, row: dict[str, Any], **values: Any) -> None:
        where, keys = self._where(table, row)
        marks = ", ".join(f"{name} = ?" for name in values)
        self.base.execute(f"UPDATE {table} SET {marks} WHERE {where}", (*values.values(), *keys))

    def _edit(self, table: str, row: dict[str, Any], change: Change) -> bool:
        name = self.chance.choice([column for column in self.aside.columns[table] if column != "enterprise_id"])
        value = self._other(name, row[name])
        change.what += f".{name}"
        if name == "seq" and table != "visit_stages":
            change.seqs |= {value, value + 1}
        if name in ("visit_id", "id"):
            change.ids.add(str(UUID(value)))
        self._set(table, row, **{name: value})
        return True

    def _other(self, name: str, value: Any) -> Any:
        """Another value of the same kind."""
        if isinstance(value, bytes):
            at = self.chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ (1 << self.chance.randrange(8))]) + value[at + 1 :]
        if isinstance(value, int):
            return 1 - value if value in (0, 1) else value + self.chance.choice((-1, 1, 1000))
        if name == "expires_on":
            return str(date.fromisoformat(value) + timedelta(days=self.chance.choice((-1, 1, 30))))
        if name == "class":
            return self.chance.choice([cls for cls in ledger.RETENTION_DAYS if cls != value])
        if name in ("id", "visit_id", "event_id", "after", "hold_id") or name.endswith("_id"):
            return new_id().hex
        if value is None:
            return 1 if name.endswith("_at") or name == "act_followed" else "x"
        if value == "":
            return "x"
        at = self.chance.randrange(len(value))
        return value[:at] + ("7" if value[at] != "7" else "8") + value[at + 1 :]

    def _delete(self, table: str, row: dict[str, Any], _change: Change) -> bool:
        where, keys = self._where(table, row)
        self.base.execute(f"DELETE FROM {table} WHERE {where}", keys)
        return True

    def _insert(self, table: str, row: dict[str, Any], change: Change) -> bool:
        """A row that was never written: a copy under another key."""
        new = dict(row)
        key = self.chance.choice(KEYS[table])
        if key == "seq" and table == "ledger_entry":
            last = self.base.execute(
                "SELECT max(seq) FROM ledger_entry WHERE enterprise_id = ?", (self.own,)
            ).fetchone()[0]
            text = json.loads(row["bytes"]) | {"seq": last + 1, "event_id": str(new_id())}
            new |= {"seq": last + 1, "event_id": UUID(text["event_id"]).hex, "hash": digest(json.dumps(text))}
            change.seqs |= {last, last + 1}
        else:
            new[key] = self._other(key, row[key])
        change.seqs |= {new["seq"], new["seq"] + 1} if "seq" in new and table != "visit_stages" else set()
        change.ids |= (
            {str(UUID(new["id" if table == "visits" else "visit_id"]))} if table.startswith("visit") else set()
        )
        marks = ",".join("?" * len(new))
        self.base.execute(f"INSERT INTO {table} ({','.join(new)}) VALUES ({marks})", tuple(new.values()))
        return True

    def _swap(self, table: str, row: dict[str, Any], change: Change) -> bool:
        """Two rows change their contents and keep their keys."""
        other = self._row(table)
        names = [name for name in self.aside.columns[table] if name not in ("enterprise_id", *KEYS[table])]
        if table == "ledger_entry":
            names.remove("event_id")  # unique, and told by the bytes anyway
        if [row[name] for name in names] == [other[name] for name in names]:
            return False
        change.seqs |= self._named("", table, other).seqs
        change.ids |= self._named("", table, other).ids
        self._set(table, row, **{name: other[name] for name in names})
        self._set(table, other, **{name: row[name] for name in names})
        return True

    def _move(self, table: str, row: dict[str, Any], _change: Change) -> bool:
        self._set(table, row, enterprise_id=office_id().hex)
        return True

    def _last(self) -> int:
        found = self.base.execute("SELECT seq FROM ledger_head WHERE enterprise_id = ?", (self.own,)).fetchone()
        return int(found[0])

    def cut(self, *, up_to: int) -> None:
        """The last entries are gone and the head set back."""
        self._cut_to(self.chance.randint(max(1, up_to - 40), up_to - 1))

    def older(self, *, up_to: int) -> None:
        """The state of an earlier hour is put back, as from a backup."""
        self._cut_to(self.chance.randint(up_to // 2, up_to - 1))

    def _cut_to(self, last: int) -> None:
        self.aside.begin()
        for table in ("ledger_part", "ledger_entry"):
            self.base.execute(f"DELETE FROM {table} WHERE enterprise_id = ? AND seq > ?", (self.own, last))
        self._head(last)

    def _head(self, last: int) -> None:
        query = "SELECT hash FROM ledger_entry WHERE enterprise_id = ? AND seq = ?"
        prev = self.base.execute(query, (self.own, last)).fetchone()[0]
        self.base.execute("UPDATE ledger_head SET seq = ?, hash = ? WHERE enterprise_id = ?", (last, prev, self.own))

    def rewrite(self, *, up_to: int) -> None:
        """An entry says something else, and every hash from there on is made to fit."""
        self.aside.begin()
        rows = self.base.execute(
            "SELECT seq, bytes FROM ledger_entry WHERE enterprise_id = ? AND kind IN ('admit', 'leave', 'answer')"
            " AND seq <= ?", (self.own, up_to),
        ).fetchall()  # fmt: skip
        first, text = self.chance.choice(rows)
        name = json.loads(text)["body"]["event"]["by"]["name"]
        self._rehash(first, text.replace(json.dumps(name, ensure_ascii=False), '"别人"'))

    def turn_a_verdict(self) -> None:
        """One stored decision says the contrary, every hash fits again."""
        self.aside.begin()
        found = self.base.execute(
            "SELECT seq, bytes FROM ledger_entry WHERE enterprise_id = ? AND kind = 'admit' ORDER BY seq DESC LIMIT 1",
            (self.own,),
        ).fetchone()
        entry = json.loads(found[1])
        decision = entry["body"]["outcome"]["decision"]
        decision["verdict"] = "refuse" if decision["verdict"] != "refuse" else "admit"
        self._rehash(found[0], json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True))

    def _rehash(self, first: int, text: str) -> None:
        rows = self.base.execute(
            "SELECT seq, bytes, prev FROM ledger_entry WHERE enterprise_id = ? AND seq >= ? ORDER BY seq",
            (self.own, first),
        ).fetchall()
        prev = rows[0][2]
        for seq, old, old_prev in rows:
            new = (text if seq == first else old).replace(f'"prev":"{old_prev}"', f'"prev":"{prev}"')
            here = digest(new)
            self.base.execute(
                "UPDATE ledger_entry SET bytes = ?, prev = ?, hash = ? WHERE enterprise_id = ? AND seq = ?",
                (new, prev, here, self.own, seq),
            )
            prev = here
        self._head(rows[-1][0])

    def erase_lawfully(self, wanted: int, *, at_once: int = 100) -> int:
        """Parts of any class are erased as a person's request erases them; answers how many."""
        parts = self.base.execute("SELECT seq, class FROM ledger_part WHERE enterprise_id = ?", (self.own,)).fetchall()
        chosen = self.chance.sample(parts, min(wanted, len(parts)))
        done = 0
        for start in range(0, len(chosen), at_once):
            self.aside.begin()
            with self.aside.session(write=True, keep=True) as session:
                some = chosen[start : start + at_once]
                done += erasing.erase(session, some, why=erasing.REQUEST, at=clock.now())
        return done

    def blank_unlawfully(self) -> int:
        """A part is deleted, emptied or replaced, and no entry says so; answers its entry."""
        self.aside.begin()
        row, how = self._row("ledger_part"), self.chance.choice(("delete", "empty", "replace"))
        if how == "delete":
            self._delete("ledger_part", row, Change(how))
        else:
            other = b"" if how == "empty" else self._row("ledger_part")["ciphertext"][::-1]
            self._set("ledger_part", row, ciphertext=other)
        return int(row["seq"])

    def delete_a_part(self, cls: str) -> bool:
        """A part of this class goes without an entry; False where none is left."""
        self.aside.begin()
        where = "enterprise_id = ? AND class = ?"
        found = self.base.execute(f"SELECT seq FROM ledger_part WHERE {where} LIMIT 1", (self.own, cls)).fetchone()
        if found is None:
            return False
        self.base.execute(f"DELETE FROM ledger_part WHERE {where} AND seq = ?", (self.own, cls, found[0]))
        return True
