"""S11: how many taps a guard needs for a truck, and how long they take by a keystroke count.

A real desk in Chromium before a real server, with the rules of a cement plant (the pack cement_logistics). A known
truck of which little is asked (``FEW``) goes from its plate to the verdict; then an unknown one, of which the whole
pack is asked, from the first key of its plate to its admission. Every tap is really made and counted.

Time is the keystroke-level model of Card, Moran and Newell (The keystroke-level model for user performance time with
interactive systems, Communications of the ACM 23, 1980): ``TAP`` 0.28 s a key (their average typist), ``DECIDE`` 1.35 s
of mental preparation before each new decision, ``HOME`` 0.4 s to bring the hand to the phone. The plate is one
decision; so is every other tap. Neither the driver's answers nor a glove are in it (``gloves_seconds``: keys doubled).

Two desks are planted: one that asks "are you sure" after every answer, and one that besides leaves the plate to the
phone's own keyboard: the province by its pinyin and a candidate, another board between letters and digits.
usage: bench/taps.py; prints one JSON object.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import string
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

from bench.reveals import _sqlite  # noqa: E402
from bench.reveals import playing as installed  # noqa: E402
from gatekeeper.formats.plates import PROVINCES  # noqa: E402
from gatekeeper.rules import packs  # noqa: E402
from tests.browser.hand import Guard, enrolled, on_duty  # noqa: E402
from tests.factories import World  # noqa: E402
from tests.visits.gate import AtGate, publish  # noqa: E402

TAP, DECIDE, HOME = 0.28, 1.35, 0.4
MOST_TAPS, MOST_SECONDS = 4, 20.0
KNOWN, UNKNOWN = "浙A1D345", "苏E8K3P2"
PACK = "cement_logistics"
FEW = ("one_entrance", "register", "zone_bulk")
"""What the known truck is asked: the right gate, its registration, its zone; all of the pack for the unknown one."""
ANSWERS = {
    "货物": ("散装水泥",),
    "车辆登记": ("是",),
    "消杀": ("当班", "下一步"),
    "散装水泥去散装库区": ("散装库区",),
}
"""The taps that answer each question, by a part of its title: who is on duty disinfected the vehicle."""
BOARD = "↔"
SIGNS = frozenset(f"{PROVINCES}{string.ascii_uppercase}{string.digits}挂{BOARD}")
PINYIN = {"苏": "su"}
"""What the phone's own keyboard takes for the province."""


def of_plate(tap: str) -> bool:
    """Whether a tap is a sign of the plate, or a key of the keyboard that it is typed on."""
    return len(tap) == 1 and tap in SIGNS


def seconds(taps: Sequence[str], tap: float = TAP) -> float:
    """The keystroke count: the plate is decided once, every other tap by itself."""
    others = sum(not of_plate(one) for one in taps)
    return round(HOME + tap * len(taps) + DECIDE * (1 + others), 2)


def sure(taps: Sequence[str]) -> list[str]:
    """The same on a desk that asks whether one is sure, after every answer."""
    return [one for tap in taps for one in ((tap,) if of_plate(tap) else (tap, "确定"))]


def phones_own(taps: Sequence[str]) -> list[str]:
    """The same plate on the phone's own keyboard: pinyin and a candidate, and a change of board at every turn."""
    plate = [tap for tap in taps if of_plate(tap)]
    typed = [*PINYIN[plate[0]].upper(), "1"]
    for before, sign in pairwise(plate):
        typed += [BOARD, sign] if before.isdigit() != sign.isdigit() else [sign]
    return sure([*typed, *taps[len(plate) :]])


def known(guard: Guard) -> list[str]:
    """A truck that came before: its row, its facts of last time with one key, and what its rules ask."""
    guard.plate(KNOWN[:3])
    guard.taps.clear()
    guard.tap(guard.page.locator(".gate .row", has_text=KNOWN[2:]), "行")
    guard.press("都对，到了")
    answered(guard)
    return guard.taps


def unknown(guard: Guard) -> list[str]:
    """A truck that nobody knows, from the first key of its plate to its admission."""
    guard.plate(UNKNOWN)
    guard.press("到了")
    answered(guard)
    guard.press("放行")
    guard.see("已写下")
    return guard.taps


def answered(guard: Guard) -> None:
    """Every question that comes, with the taps that answer it, until the verdict is there."""
    main = guard.page.locator("main")
    for _ in range(len(ANSWERS) + 1):
        main.locator(".asked, .verdict").first.wait_for()
        if main.locator(".verdict").count():
            return
        title = main.locator("h1").inner_text()
        found = next(taps for words, taps in ANSWERS.items() if words in title)
        for name in found:
            guard.tap(main.get_by_role("button", name=name).first, name)
        main.locator("h1", has_text=title).wait_for(state="detached")
    raise AssertionError("more was asked than the rulebook holds")


def came(world: World) -> None:
    """The known truck was here yesterday."""
    truck = AtGate(world.engines, world.own)
    for act in (lambda: truck.arrive(KNOWN, facts={"cargo": "cement_bulk"}), truck.admit, truck.leave):
        act()


@contextmanager
def playing(folder: Path) -> Iterator[tuple[World, str]]:
    """The program served from a database with two townships, and the rulebook in force: (world, address)."""
    with installed(_sqlite(folder), folder) as (app, world):
        app.config["WTF_CSRF_ENABLED"] = True
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield world, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


def played() -> tuple[list[str], list[str]]:
    """The taps of a known truck and of an unknown one, each on a phone of its own."""
    with tempfile.TemporaryDirectory() as folder, playing(Path(folder)) as (world, address), sync_playwright() as made:
        came(world)
        path = os.environ.get("GATE_TEST_CHROMIUM") or shutil.which("chromium")
        chromium = made.chromium.launch(executable_path=path, args=["--no-sandbox"])
        found = []
        for play, rules in ((known, FEW), (unknown, None)):
            publish(
                world, world.own, *(rule for rule in packs.load(PACK)["rules"] if not rules or rule["code"] in rules)
            )
            phone = enrolled(world, chromium, address, "手机")
            found.append(play(on_duty(world, phone, address)))
            phone.close()
        chromium.close()
    return found[0], found[1]


def main() -> int:
    """1 when a truck takes longer than it may, or a planted desk does not."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    few, many = played()
    planted = {"asks whether one is sure": seconds(sure(many)), "the phone's own keyboard": seconds(phones_own(many))}
    caught = [name for name, took in planted.items() if took > MOST_SECONDS]
    right = len(few) <= MOST_TAPS and seconds(many) <= MOST_SECONDS and len(caught) == len(planted)
    result = {
        "id": "S11", "rulebook": PACK, "known_asks": FEW, "known_taps": few, "known_most": MOST_TAPS,
        "unknown_taps": many, "gloves_seconds": seconds(many, 2 * TAP),
        "unknown_seconds": seconds(many), "most_seconds": MOST_SECONDS, "planted_seconds": planted,
        "planted": len(planted), "planted_caught": len(caught), "pass": right,
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
