"""What is personal is masked on every page and in every export, for everybody, until somebody asks to see it."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from flask import Flask, url_for

from gatekeeper import clock, tenancy
from gatekeeper.access import PUBLIC, Actor
from gatekeeper.visits import book, history
from gatekeeper.visits.events import EventKind
from tests.access_table import TABLE
from tests.factories import World, client_for
from tests.phone import enrol
from tests.test_access import arguments_of, objects
from tests.visits import canaries
from tests.visits.canaries import CONTACT, HEALTH, NOTES, heard
from tests.visits.gate import AtGate

ENDINGS = ("csv", "xlsx", "json", "pdf")


@pytest.fixture
def gate(app: Flask, world: World) -> AtGate:
    return canaries.play(world, app.extensions["gate"].settings.data_dir)


def readers(world: World) -> list[Actor]:
    """Everybody who may read this visit."""
    return [*world.own.people.values(), *world.towns[0].office.people.values()]


def words(data: bytes, folder: Path) -> str:
    """What a person reads of an answer, whatever kind of file it is."""
    if data.startswith(b"%PDF"):
        path = folder / "report.pdf"
        path.write_bytes(data)
        return subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    if data.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        return "".join(archive.read(name).decode("utf8", "replace") for name in archive.namelist())
    return data.decode("utf8", "replace")


def addresses(app: Flask, world: World, gate: AtGate, person: Actor) -> list[str]:
    """Every page of our factory that can be opened by GET, with this very visit and its days."""
    found = []
    for page in TABLE:
        names = arguments_of(app, page)
        if page.method != "GET" or PUBLIC in page.roles or page.reads == "township" or "session_id" in names:
            continue
        values = objects(app, page, world, world.own, person)
        day = clock.day_of(gate.at).isoformat()
        values.update({"visit_id": gate.visit_id} if "visit_id" in names else {})
        values.update({"first": day, "last": day} if "first" in names else {})
        for ending in ENDINGS if "ending" in names else ("",):
            values.update({"ending": ending} if ending else {})
            with app.test_request_context():
                address = url_for(page.endpoint, **values)
            period = "" if "first" in names else f"?first={day}&last={day}"
            found += [address + period] if ending != "pdf" or person.role == "inspector" else []
    return found


def test_no_page_and_no_export_shows_a_personal_value_to_anybody(
    app: Flask, world: World, gate: AtGate, tmp_path: Path
) -> None:
    seen = 0
    for person in readers(world):
        client = client_for(app, person)
        own = person.enterprise_id == world.own.id
        for address in addresses(app, world, gate, person):
            answer = client.get(address)
            if answer.status_code != 200:
                continue
            seen += 1
            text = words(answer.data, tmp_path)
            assert heard(text, CONTACT + HEALTH) == [], (person.username, address)
            assert own or heard(text, NOTES) == [], (person.username, address)
            assert "data:image/jpeg" not in text, address
    assert seen > 60


def test_the_canaries_are_heard_where_they_are_looked_at(app: Flask, world: World, gate: AtGate) -> None:
    """The trial above could not fail if the values were not there at all."""
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        lines = book.entries_of(session, enterprise_id=gate.place.id, visit_id=gate.visit_id)
    said = str([line.body for line in lines])
    assert heard(said, CONTACT + NOTES) == [*CONTACT, *NOTES]
    assert all(word in said for word in ("387", "red", "positive", str(canaries.moment(canaries.VALID))))


def test_a_phone_is_told_neither_who_somebody_is_nor_what_was_written_of_them(
    app: Flask, world: World, gate: AtGate
) -> None:
    told = enrol(world.engines, world.own, world.own.guard).state(app)
    assert str(gate.visit_id) in [visit["id"] for visit in told["now"]["visits"]]
    assert heard(json.dumps(told, ensure_ascii=False), CONTACT + NOTES) == []


def test_masks_stand_where_the_values_would(app: Flask, world: World, gate: AtGate) -> None:
    page = client_for(app, world.own.guard).get(f"/e/{world.own.slug}/visits/{gate.visit_id}").text
    assert "卫**" in page and "186****5678" in page


def test_what_was_written_freely_is_plain_for_the_enterprises_own_people_and_masked_above(
    app: Flask, world: World, gate: AtGate
) -> None:
    address = f"/e/{world.own.slug}/visits/{gate.visit_id}"
    for person in world.own.people.values():
        assert heard(client_for(app, person).get(address).text, NOTES) == list(NOTES)
    above = client_for(app, world.towns[0].inspector).get(address).text
    assert heard(above, NOTES) == [] and "有文字说明，已遮住" in above


def test_the_reason_of_an_override_is_read_above_as_its_form_says(app: Flask, world: World, gate: AtGate) -> None:
    finding = {"owner": "enterprise", "rule": "temperature", "subject": "occupant:1", "consequence": "hold"}
    body = {"findings": [finding], "reason": canaries.OVERRIDE}
    entry = book.Recorded(1, "e", "override", "", {"name": "老周"}, 0, body, {"at": 0, "state": "applied"})
    line = next(history.lines([entry], {}, {}, notes=False))
    assert (line.text, line.masked) == (canaries.OVERRIDE, False)


def test_what_waits_in_the_tray_is_masked_above_too(app: Flask, world: World, gate: AtGate) -> None:
    gate.send(EventKind.TURN_AWAY, {"reason": "x"})
    gate.send(EventKind.TURN_AWAY, {"reason": canaries.NOTE})
    own = client_for(app, world.own.lead).get(f"/e/{world.own.slug}/tray").text
    above = client_for(app, world.towns[0].admin).get(f"/e/{world.own.slug}/tray").text
    assert canaries.NOTE in own and canaries.NOTE not in above and "文字说明已遮住" in above


@pytest.mark.parametrize(
    ("late", "offset", "said"),
    [
        (15, 0, "手机时间 14:05，服务器 14:20 收到，差 15 分"),
        (2 * 24 * 60 + 3, 2 * 24 * 60, "手机时间 04-16 14:17，服务器 04-18 14:20 收到，差 2 天 3 分（手机钟慢 2 天）"),
        (-70, -75, "手机时间 15:30，服务器 14:20 收到，差 1 小时 10 分（手机钟快 1 小时 15 分）"),
        (0, -10, "手机时间 14:20，服务器 14:20 收到，差 0 分（手机钟快 10 分）"),
        (4, 4, None),
        (-5, -5, None),
    ],
)
def test_two_clocks_that_differ_are_both_told(late: int, offset: int, said: str | None) -> None:
    received, minute = 1_650_262_800_000_000, 60_000_000
    entry = book.Recorded(1, "e", "note", "", {"name": "老周"}, received, {}, {"at": received, "state": "applied"})
    sent = entry._replace(sent_at=received - late * minute, received_at=received, offset=offset * minute)
    told = history.clocks(sent)
    assert (told and told.zh) == said
    assert history.clocks(entry) is None


def test_an_entry_that_came_late_shows_both_times_on_the_page(app: Flask, world: World) -> None:
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    at = gate.at
    gate.at = at + clock.timedelta(minutes=20)
    gate.send(EventKind.NOTE, {"text": "晚到的"}, at=at, device="d1")
    page = client_for(app, world.own.guard).get(f"/e/{world.own.slug}/visits/{gate.visit_id}").text
    assert "手机时间" in page and "差 20 分" in page
