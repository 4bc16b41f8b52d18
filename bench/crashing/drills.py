"""L8: backup, destroy, restore. Every row must be the same, and the books must stand where an outsider saw them."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bench.crashing.desks import Tally, open_desks
from bench.crashing.serving import Cluster, House, serving
from gatekeeper import dumps
from tests.conftest import make_database

Houses = Callable[[str], AbstractContextManager[tuple[House, Cluster | None]]]
UPLOAD_SECONDS = 2


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text, in order."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in sorted(tables.tables.items())
        }


def photos(house: House) -> dict[str, bytes]:
    folder = house.folder / "photos"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def destroy(house: House) -> None:
    """Everything goes but what lies in the safe: the master key and the signing key."""
    url = make_url(house.installation.settings.owner_database_url)
    if url.get_backend_name() == "postgresql":
        make_database(str(url.database))
    safe = {path.name: path.read_bytes() for path in (house.folder / "keys").glob("*.key")}
    shutil.rmtree(house.folder)
    (house.folder / "keys").mkdir(parents=True, mode=0o700)
    for name, content in safe.items():
        file = house.folder / "keys" / name
        file.write_bytes(content)
        file.chmod(0o600)


def _upload(house: House, seed: int) -> int:
    """Some trucks more; the desks are done before anything else happens."""
    tally, stop = Tally(), threading.Event()
    with serving(house):
        desks = open_desks(house, tally, stop, seed=seed)
        time.sleep(UPLOAD_SECONDS)
        stop.set()
        for desk in desks:
            desk.join(60)
    if tally.faults:
        raise RuntimeError(tally.faults[0])
    return len(tally.taken)


def _witness(house: House, outside: Path) -> tuple[Path, dumps.Heads]:
    """What an outsider holds before the backup: a signed checkpoint, and the heads."""
    file = outside / "checkpoint.json"
    made = house.run("ledger", "checkpoint", "--out", str(file))
    if made.returncode:
        raise RuntimeError(made.stderr[-300:])
    return file, dumps.heads(house.installation.settings.owner_database_url)


def _restored(house: House, archive: Path, keys: Path, witness: tuple[Path, dumps.Heads], before: Any) -> str | None:
    """What is wrong with the machine restored from ``archive``; None where nothing is."""
    restored = house.run("restore", str(archive), "--keys", str(keys))
    if restored.returncode:
        return f"restore: {restored.stderr.strip()[-200:]}"
    url = house.installation.settings.owner_database_url
    against = house.run("ledger", "verify", "--against", str(witness[0]))
    if against.returncode:
        return f"verify: {(against.stdout + against.stderr).strip()[-200:]}"
    if (rows(url), photos(house)) != before or dumps.heads(url) != witness[1]:
        return "rows, photos or heads differ"
    return None


def l8(kind: str, drills: int, seed: int, house_of: Houses) -> dict[str, Any]:
    """``drills`` times: trucks, a checkpoint outside, a backup, the machine destroyed and restored. The planted fault:
    at the end it is restored from the backup before the last, which must be seen."""
    faults: list[str] = []
    events, seconds, size = 0, 0.0, 0
    with house_of(kind) as (house, _), tempfile.TemporaryDirectory(prefix="gate-outside-") as safe:
        url = house.installation.settings.owner_database_url
        kept: list[tuple[Path, Path]] = []
        for number in range(drills):
            events += _upload(house, seed + 100 * number)
            outside = Path(safe) / str(number)
            outside.mkdir()
            witness, before = _witness(house, outside), (rows(url), photos(house))
            begun = time.monotonic()
            made = house.run("backup", str(outside / "gate.tar"), "--keys", str(outside / "keys"))
            if made.returncode:
                faults.append(f"backup: {made.stderr.strip()[-200:]}")
                break
            kept.append((outside / "gate.tar", next((outside / "keys").iterdir())))
            size = kept[-1][0].stat().st_size
            destroy(house)
            wrong = _restored(house, *kept[-1], witness, before)
            seconds = max(seconds, time.monotonic() - begun)
            faults += [f"drill {number + 1}: {wrong}"] if wrong else []
        planted = None
        if len(kept) > 1 and not faults:
            destroy(house)
            planted = _restored(house, *kept[-2], witness, before)
    return {
        "id": "L8", "database": kind, "seed": seed, "drills": drills, "events": events, "archive_bytes": size,
        "rows_compared": sum(map(len, before[0].values())), "photos_compared": len(before[1]),
        "backup_and_restore_seconds_most": round(seconds, 1), "faults": faults,
        "planted": planted, "planted_caught": planted is not None or len(kept) < 2,
        "pass": not faults and (planted is not None or len(kept) < 2),
    }  # fmt: skip
