"""Keys are made once, found by every process, rotated under load, and never come back once destroyed."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy.engine import make_url

from gatekeeper.clock import today
from gatekeeper.config import ROOT
from gatekeeper.crypto import KeyFault, KeyGone
from gatekeeper.db import new_id
from gatekeeper.keystore import Keystore
from tests.conftest import make_database, worker_database

Opening = Callable[[], Keystore]
OWN, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def url(database: str, tmp_path: Path) -> str:
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'keys' / 'keys.db'}"
    made = make_url(make_database(worker_database("keys")).owner)
    return made.render_as_string(hide_password=False)


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.key"


@pytest.fixture
def keystore(url: str, master: Path) -> Iterator[Keystore]:
    made = Keystore(url, master, may_create=True)
    yield made
    made.close()


@pytest.fixture
def again(url: str, master: Path) -> Iterator[Callable[[], Keystore]]:
    """Another process opens the same keystore."""
    made: list[Keystore] = []

    def opening() -> Keystore:
        made.append(Keystore(url, master))
        return made[-1]

    yield opening
    for each in made:
        each.close()


def soon(days: int = 3) -> date:
    return today() + timedelta(days=days)


def sealed(keystore: Keystore, plain: bytes = b"canary", *, day: date | None = None, hold: UUID | None = None) -> bytes:
    return keystore.seal(plain, enterprise=OWN, seq=7, cls="contact", expires_on=day or soon(), hold=hold)


def opened(keystore: Keystore, part: bytes, *, day: date | None = None, hold: UUID | None = None) -> bytes:
    return keystore.open(part, enterprise=OWN, seq=7, cls="contact", expires_on=day or soon(), hold=hold)


def test_what_one_process_sealed_another_opens(keystore: Keystore, again: Opening) -> None:
    part = sealed(keystore)
    assert opened(again(), part) == b"canary"


def test_a_part_opens_only_where_it_was_written(keystore: Keystore) -> None:
    part = sealed(keystore)
    with pytest.raises(InvalidTag):
        keystore.open(part, enterprise=OWN, seq=8, cls="contact", expires_on=soon())
    with pytest.raises(KeyGone):
        keystore.open(part, enterprise=OTHER, seq=7, cls="contact", expires_on=soon())


def test_no_key_is_made_for_a_day_that_has_passed(keystore: Keystore) -> None:
    with pytest.raises(KeyGone):
        sealed(keystore, day=today() - timedelta(days=1))


def test_destroyed_days_do_not_open_and_the_others_do(
    keystore: Keystore, url: str, master: Path, again: Opening
) -> None:
    gone, stays = sealed(keystore, day=soon(2)), sealed(keystore, day=soon(9))
    other_process = again()
    assert keystore.destroy_days(soon(5)) == 1
    for each in (keystore, other_process):
        with pytest.raises(KeyGone):
            opened(each, gone, day=soon(2))
        assert opened(each, stays, day=soon(9)) == b"canary"
    assert keystore.destroy_days(soon(5)) == 0


def test_a_new_key_of_a_destroyed_days_name_is_another_key(
    keystore: Keystore, url: str, master: Path, again: Opening
) -> None:
    old = sealed(keystore)
    keystore.destroy_days(soon(9))
    new = sealed(keystore)
    with pytest.raises(InvalidTag):
        opened(keystore, old)
    later = again()  # the list is replayed, and tells the two apart
    assert opened(later, new) == b"canary"


def test_a_keystore_restored_from_a_backup_has_its_destroyed_keys_destroyed_again(tmp_path: Path) -> None:
    url, master = f"sqlite:///{tmp_path / 'keys.db'}", tmp_path / "master.key"
    keystore = Keystore(url, master, may_create=True)
    hold = new_id()
    part, held, stays = sealed(keystore, day=soon(2)), sealed(keystore, hold=hold), sealed(keystore, day=soon(9))
    keystore._tidy()
    shutil.copy(tmp_path / "keys.db", tmp_path / "backup.db")
    keystore.destroy_days(soon(5))
    keystore.destroy_hold(OWN, hold)
    keystore.close()
    for leftover in tmp_path.glob("keys.db*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", tmp_path / "keys.db")
    restored = Keystore(url, master)
    with pytest.raises(KeyGone):
        opened(restored, part, day=soon(2))
    with pytest.raises(KeyGone):
        opened(restored, held, hold=hold)
    with pytest.raises(KeyGone):
        sealed(restored, hold=hold)
    assert opened(restored, stays, day=soon(9)) == b"canary"


def test_a_kill_between_the_list_and_the_keystore_destroys_at_the_next_start(
    keystore: Keystore, again: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = sealed(keystore)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Keystore, "_remove", killed)
    with pytest.raises(KeyboardInterrupt):
        keystore.destroy_days(soon(9))
    monkeypatch.undo()
    with pytest.raises(KeyGone):
        opened(again(), part)


def test_an_sqlite_keystore_keeps_no_trace_of_a_destroyed_key(tmp_path: Path) -> None:
    keystore = Keystore(f"sqlite:///{tmp_path / 'keys.db'}", tmp_path / "master.key", may_create=True)
    sealed(keystore)
    with keystore._engines.read.connect() as connection:
        wrapped = connection.exec_driver_sql("SELECT wrapped FROM keys WHERE day <> ''").scalar()

    def raw() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("keys.db*"))

    assert wrapped in raw()
    keystore.destroy_days(soon(9))
    assert wrapped not in raw()


def test_indexes_and_cookies_survive_a_rotation(keystore: Keystore, url: str, master: Path, again: Opening) -> None:
    before = keystore.index("19900001234", enterprise=OWN, field="phone"), keystore.secret("cookies")
    part, old = sealed(keystore), master.read_bytes()
    assert keystore.rotate() == 3
    assert master.read_bytes() != old
    for each in (keystore, again()):
        assert (each.index("19900001234", enterprise=OWN, field="phone"), each.secret("cookies")) == before
        assert opened(each, part) == b"canary"
    assert keystore.index("19900001234", enterprise=OTHER, field="phone") != before[0]


def test_a_running_process_with_the_old_master_goes_on(
    keystore: Keystore, url: str, master: Path, again: Opening
) -> None:
    running = again()
    part = sealed(keystore)
    keystore.rotate()
    assert opened(running, part) == b"canary"
    written = sealed(running, day=soon(8))
    assert opened(again(), written, day=soon(8)) == b"canary"


WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from gatekeeper.clock import today
from gatekeeper.keystore import Keystore

url, master, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
keystore = Keystore(url, master)
print("ready", flush=True)
sys.stdin.readline()
for n in range(60):
    enterprise, day = UUID(int=number * 1000 + n // 2), today() + timedelta(days=n)
    part = keystore.seal(b"x", enterprise=enterprise, seq=n, cls="note", expires_on=day)
    print(enterprise, n, day, part.hex(), flush=True)
"""


def test_no_write_is_lost_while_the_master_key_is_rotated_again_and_again(
    keystore: Keystore, url: str, master: Path, again: Opening
) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(master), str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for number in (1, 2)
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None and writer.stdin is not None
        assert writer.stdout.readline() == "ready\n"
        writer.stdin.write("go\n")
        writer.stdin.flush()
    rotations = 0
    while any(writer.poll() is None for writer in writers) or rotations < 3:
        keystore.rotate()
        rotations += 1
    lines = [line for writer in writers for line in writer.communicate()[0].splitlines()]
    assert len(lines) == 120
    fresh = again()
    for line in lines:
        enterprise, seq, day, part = line.split()
        plain = fresh.open(
            bytes.fromhex(part),
            enterprise=UUID(enterprise),
            seq=int(seq),
            cls="note",
            expires_on=date.fromisoformat(day),
        )
        assert plain == b"x"
    assert fresh.check() == 120


CUT = {
    "before anything is wrapped": "keystore.changed = die",
    "while keys are wrapped": "keystore.changed = lambda name, wrapped: made(name, wrapped) if not name.day else die()",
    "before the file is exchanged": "master_key.os.replace = die",
}
ROTATE = """
import os, sys
from pathlib import Path
from gatekeeper import keystore, master_key

def die(*_):
    os._exit(9)

opened = keystore.Keystore(sys.argv[1], Path(sys.argv[2]))
made = keystore.changed
{cut}
opened.rotate()
"""


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT.keys())
def test_a_rotation_that_is_killed_leaves_a_keystore_that_opens(
    keystore: Keystore, url: str, master: Path, again: Opening, cut: str
) -> None:
    part = sealed(keystore)
    ran = subprocess.run([sys.executable, "-c", ROTATE.format(cut=cut), url, str(master)], cwd=ROOT, check=False)
    assert ran.returncode == 9
    assert opened(keystore, part) == b"canary"
    after = again()
    assert opened(after, part) == b"canary"
    assert not master.with_suffix(".key.next").exists()
    assert after.rotate() == 1
    assert opened(again(), part) == b"canary"


def test_a_wrong_master_key_does_not_open(keystore: Keystore, url: str, master: Path, again: Opening) -> None:
    master.write_bytes(base64.b64encode(os.urandom(32)))
    with pytest.raises(KeyFault, match="not the master key of this keystore"):
        again()
    master.write_text("not a key")
    with pytest.raises(KeyFault, match="holds no master key"):
        again()
    master.unlink()
    with pytest.raises(KeyFault, match="is missing"):
        Keystore(url, master, may_create=True)


def test_a_damaged_key_is_named(keystore: Keystore) -> None:
    sealed(keystore)
    with keystore._engines.write.begin() as connection:
        connection.exec_driver_sql("UPDATE keys SET wrapped = substr(wrapped, 2) WHERE day <> ''")
    with pytest.raises(KeyFault, match="damaged: contact"):
        keystore.check()
