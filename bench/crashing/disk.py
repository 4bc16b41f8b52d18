"""L6: the disk is full during uploads and during a backup."""

from __future__ import annotations

import errno
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from bench.crashing.checking import check, sound
from bench.crashing.desks import Tally, open_desks
from bench.crashing.serving import ADDRESS, House, build, cluster, databases, serving
from gatekeeper.access import Role
from tests.factories import PASSWORD

SIZE_MB = {"sqlite": 24, "postgresql": 40}
FULL_SECONDS = 6


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small disk at ``folder``. Raises ``PermissionError`` where this machine allows none."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise PermissionError("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take every free block; answers the file to remove."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as out:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while out.write(b"x" * size):
                    pass
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
    return ballast


class Reader:
    """A guard's browser: signed in before, it only reads."""

    def __init__(self, house: House) -> None:
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        page = self._text("/sign-in")
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        place = house.places[0]
        name = place.people[Role.GUARD].username
        form = {"username": name, "password": PASSWORD, "csrf_token": token}
        self.open(f"{ADDRESS}/sign-in", urllib.parse.urlencode(form).encode(), timeout=30).read()
        self.pages = [f"/e/{place.slug}/gate", f"/e/{place.slug}/visits", "/healthz", "/readyz"]

    def _text(self, path: str) -> str:
        with self.open(ADDRESS + path, timeout=30) as answer:
            text: str = answer.read().decode()
            return text

    def look(self) -> Counter[int]:
        """The answers to one round of pages."""
        found: Counter[int] = Counter()
        for path in self.pages:
            try:
                with self.open(ADDRESS + path, timeout=30) as answer:
                    found[answer.status] += answer.read() != b""
            except urllib.error.HTTPError as refused:
                found[refused.code] += 1
        return found


def l6(kind: str, seed: int) -> dict[str, Any]:
    """Fill the disk under the uploads, read meanwhile, try a backup, make room, go on. Where nothing can be mounted,
    says so."""
    head = {"id": "L6", "database": kind, "seed": seed}
    with tempfile.TemporaryDirectory(prefix="gate-disk-") as folder:
        Path(folder).chmod(0o755)
        try:
            with mounted(Path(folder) / "disk", SIZE_MB[kind]) as disk:
                return {**head, "size_mb": SIZE_MB[kind], **_run(kind, Path(folder), disk, seed)}
        except PermissionError as reason:
            return {**head, "skipped": str(reason), "pass": None}


def _run(kind: str, folder: Path, disk: Path, seed: int) -> dict[str, Any]:
    if kind == "sqlite":
        house = build(disk / "data", {})
        return _hurt(house, disk, folder, seed)
    with cluster(folder / "postgresql") as running:
        (disk / "tables").mkdir()
        subprocess.run(["chown", "--reference", str(running.folder / "data"), str(disk / "tables")], check=True)
        urls = databases("gate_disk")
        import sqlalchemy as sa

        admin = sa.create_engine(running.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{disk / 'tables'}'")
            connection.exec_driver_sql("ALTER DATABASE gate_disk SET TABLESPACE small")
        house = build(disk / "data", urls)
        return _hurt(house, disk, folder, seed)


def _hurt(house: House, disk: Path, folder: Path, seed: int) -> dict[str, Any]:
    tally, stop, reads = Tally(), threading.Event(), Counter[int]()
    with serving(house):
        reader = Reader(house)
        reads += reader.look()
        desks = open_desks(house, tally, stop, seed=seed, side=120)
        time.sleep(2)
        before = len(tally.taken)
        ballast = fill(disk)
        full = time.monotonic()
        while time.monotonic() - full < FULL_SECONDS:
            reads += reader.look()
            fill(disk)  # what a refused write gave back is taken again
        refused = tally.answers[507] + tally.answers[503]
        backup = house.run("backup", str(disk / "gate.tar"))
        halves = [path.name for path in disk.rglob("*") if path.name.startswith((".gate-backup", "gate.tar"))]
        taken_full = len(tally.taken)
        ballast.unlink()
        room = time.monotonic()
        while tally.last < room and time.monotonic() - room < 60:
            time.sleep(0.01)
        back = time.monotonic() - room
        time.sleep(2)
        after = len(tally.taken)
        reads += reader.look()
        stop.set()
        for desk in desks:
            desk.join(120)
    kept = house.run("backup", str(folder / "gate.tar"))
    figures = check(house, tally)
    good = (
        sound(figures) and set(tally.answers) <= {200, 503, 507} and tally.answers[507] > 0 and set(reads) == {200}
        and backup.returncode == 1 and "No backup was made" in backup.stderr and not halves
        and after > taken_full and before > 0 and kept.returncode == 0
    )  # fmt: skip
    return {
        "refused_while_full": refused, "reads": {str(status): count for status, count in reads.items()},
        "backup_on_full_disk": (backup.stderr or backup.stdout).strip()[-160:], "half_files": halves,
        "back_seconds": round(back, 2), "taken_before": before, "taken_while_full": taken_full - before,
        "taken_after": after - taken_full, **figures, "pass": good,
    }  # fmt: skip
