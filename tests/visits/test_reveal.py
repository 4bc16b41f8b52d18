"""A look at what is masked: who may, what it writes, what it shows, and where it stops."""

from __future__ import annotations

import base64
import json
import random
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from bench import reveals
from gatekeeper import clock, tenancy
from gatekeeper.access import Actor
from gatekeeper.db import new_id
from gatekeeper.errors import Forbidden
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import person, proof, reveal
from gatekeeper.visits.models import Visit, VisitEvent
from tests.conftest import Databases
from tests.factories import Factory, World, client_for
from tests.visits import canaries
from tests.visits.canaries import CAB, CONTACT, HEALTH, NAME, NOTE, OPERATOR, PHONE, heard
from tests.visits.gate import AtGate


@pytest.fixture
def gate(app: Flask, world: World) -> AtGate:
    return canaries.play(world, app.extensions["gate"].settings.data_dir)


def ask(app: Flask, gate: AtGate, person: Actor, *classes: str, visit: Any = None, **more: Any) -> Any:
    """One look by a person, as the form sends it."""
    data = {"look-event_id": str(new_id()), "look-classes": list(classes), "look-purpose": "tracing"}
    data.update({f"look-{name}": value for name, value in more.items()})
    address = f"/e/{gate.place.slug}/visits/{visit or gate.visit_id}/reveal"
    return client_for(app, person).post(address, data=data)


def looks(gate: AtGate, place: Factory | None = None) -> list[dict[str, Any]]:
    """The bodies of all looks in a book."""
    place = place or gate.place
    with tenancy.open_session(gate.engines, place.scope) as session:
        query = select(LedgerEntry.bytes).where(LedgerEntry.kind == "reveal").order_by(LedgerEntry.seq)
        return [json.loads(text)["body"] for text in session.scalars(query)]


def test_a_look_shows_the_values_and_is_an_entry_in_the_enterprises_book(app: Flask, gate: AtGate) -> None:
    answer = ask(app, gate, gate.place.admin, "contact", "health")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert heard(answer.text, (NAME, PHONE, OPERATOR, *HEALTH)) == [NAME, PHONE, OPERATOR, *HEALTH]
    admin = gate.place.admin
    assert looks(gate) == [
        {
            "visit": str(gate.visit_id),
            "classes": ["contact", "health"],
            "purpose": "tracing",
            "office": gate.place.name,
            "by": {"id": str(admin.id), "name": admin.name, "role": "enterprise_admin"},
        }
    ]


def test_only_what_was_asked_for_is_shown(app: Flask, gate: AtGate) -> None:
    text = ask(app, gate, gate.place.admin, "contact").text
    assert heard(text, (NAME, PHONE)) == [NAME, PHONE] and heard(text, HEALTH) == []


def test_the_office_may_look_and_the_enterprise_sees_it(app: Flask, world: World, gate: AtGate) -> None:
    for official in (world.towns[0].inspector, world.towns[0].admin):
        text = ask(app, gate, official, "contact", "note", text="3月核查 上级交办").text
        assert heard(text, (NAME, PHONE, NOTE, CAB)) == [NAME, PHONE, NOTE, CAB]
    page = client_for(app, gate.place.admin).get(f"/e/{gate.place.slug}/looks").text
    for said in (world.towns[0].inspector.name, "镇街督查员", "甲镇", "浙A", "姓名和手机", "流调", "3月核查 上级交办"):
        assert said in page, said
    assert page.count("3月核查") == 2
    story = client_for(app, gate.place.guard).get(f"/e/{gate.place.slug}/visits/{gate.visit_id}").text
    assert "查看完整信息" in story and "用途：流调" in story and "3月核查" not in story


def test_the_text_of_a_look_is_a_part_and_not_in_the_entry(app: Flask, gate: AtGate) -> None:
    ask(app, gate, gate.place.admin, "contact", purpose="other", text="王家庄路口剐蹭")
    assert "剐蹭" not in str(looks(gate))
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        seq = session.scalars(select(LedgerEntry.seq).where(LedgerEntry.kind == "reveal")).one()
        assert session.get(LedgerPart, (gate.place.id, seq, "note")) is not None


def test_a_shift_lead_sees_contacts_and_nothing_else(app: Flask, gate: AtGate) -> None:
    assert ask(app, gate, gate.place.lead, "contact").status_code == 200
    refused = ask(app, gate, gate.place.lead, "health")
    assert refused.status_code == 422 and heard(refused.text, HEALTH) == []
    assert len(looks(gate)) == 1


def test_the_service_itself_refuses_what_a_role_may_not_see(gate: AtGate) -> None:
    for by, classes in ((gate.place.guard, ["contact"]), (gate.place.lead, ["contact", "health"])):
        writing = tenancy.open_session(gate.engines, gate.place.scope, write=True)
        with pytest.raises(Forbidden), writing as session:
            look(session, gate, by, classes=classes)
    assert looks(gate) == []


def look(session: Any, gate: AtGate, by: Actor, *, at: Any = None, visit: Any = None, **more: Any) -> int:
    given = {"classes": ["contact"], "purpose": "tracing", "event_id": new_id(), "office": "厂", **more}
    at = at or clock.now()
    return reveal.reveal(session, visit_id=visit or gate.visit_id, by=by, at=at, looks=session, **given)


def test_a_guard_cannot_look_and_is_not_offered_it(app: Flask, gate: AtGate) -> None:
    assert ask(app, gate, gate.place.guard, "contact").status_code == 403
    page = client_for(app, gate.place.guard).get(f"/e/{gate.place.slug}/visits/{gate.visit_id}").text
    assert "登记并查看" not in page
    assert looks(gate) == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"classes": []}, "请选择要看的内容"),
        ({"purpose": ""}, "请选择用途"),
        ({"purpose": "other"}, "请写明用途"),
        ({"purpose": "curiosity"}, "请改正后再提交"),
    ],
)
def test_a_look_without_what_or_what_for_is_refused_and_writes_nothing(
    app: Flask, gate: AtGate, form: dict[str, Any], said: str
) -> None:
    rest = {name: value for name, value in form.items() if name != "classes"}
    answer = ask(app, gate, gate.place.admin, *form.get("classes", ["contact"]), **rest)
    assert answer.status_code == 422 and said in answer.text
    assert heard(answer.text, CONTACT) == [] and looks(gate) == []


def test_nothing_is_revealed_by_get(app: Flask, gate: AtGate) -> None:
    address = f"/e/{gate.place.slug}/visits/{gate.visit_id}/reveal?look-classes=contact&look-purpose=tracing"
    assert client_for(app, gate.place.admin).get(address).status_code == 405
    assert looks(gate) == []


def test_a_photo_is_shown_inside_the_answer_and_has_no_address(app: Flask, gate: AtGate) -> None:
    text = ask(app, gate, gate.place.admin, "photo").text
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', text)
    assert found is not None and base64.b64decode(found[1]).startswith(b"\xff\xd8")
    assert not re.search(r"[0-9a-f]{64}", text)


def test_a_look_sent_again_is_the_same_look_until_it_is_over(
    app: Flask, gate: AtGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = {"event_id": str(new_id())}
    assert ask(app, gate, gate.place.admin, "contact", **once).status_code == 200
    assert NAME in ask(app, gate, gate.place.admin, "contact", **once).text
    other = ask(app, gate, gate.place.admin, "health", **once)
    assert other.status_code == 409 and heard(other.text, HEALTH) == []
    assert ask(app, gate, gate.place.lead, "contact", **once).status_code == 409
    monkeypatch.setattr(reveal, "STANDS", timedelta(0))
    assert ask(app, gate, gate.place.admin, "contact", **once).status_code == 409
    assert len(looks(gate)) == 1


def more_visits(gate: AtGate, count: int) -> list[Any]:
    found = []
    for number in range(count):
        other = AtGate(gate.engines, gate.place)
        other.arrive(f"浙B{10000 + number}")
        found.append(other.visit_id)
    return found


def test_the_thirty_first_visit_within_an_hour_is_refused_and_says_when_again(app: Flask, gate: AtGate) -> None:
    now, admin = clock.now(), gate.place.admin
    visits = more_visits(gate, 30)
    with tenancy.open_session(gate.engines, gate.place.scope, write=True) as session:
        for number, visit in enumerate(visits):
            look(session, gate, admin, visit=visit, at=now - timedelta(minutes=50) + timedelta(minutes=number))
    refused = ask(app, gate, admin, "contact")
    again = clock.local(now + timedelta(minutes=10)).strftime("%H:%M")
    assert refused.status_code == 429 and f"{again} 以后可以再看" in refused.text
    assert re.search(r'value="tracing"[^>]*checked|checked[^>]*value="tracing"', refused.text)  # what was chosen stays
    assert heard(refused.text, CONTACT) == [] and len(looks(gate)) == 30
    assert ask(app, gate, admin, "contact", visit=visits[3]).status_code == 200  # one that was seen already
    assert ask(app, gate, gate.place.lead, "contact").status_code == 200  # somebody else


def test_what_is_older_than_an_hour_does_not_count(gate: AtGate) -> None:
    now = clock.now()
    with tenancy.open_session(gate.engines, gate.place.scope, write=True) as session:
        for visit in more_visits(gate, 30):
            look(session, gate, gate.place.admin, visit=visit, at=now - timedelta(minutes=61))
        assert look(session, gate, gate.place.admin, at=now) > 0


def test_an_inspectors_looks_count_over_all_enterprises_of_the_township(
    app: Flask, world: World, gate: AtGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveal, "MOST", 2)
    next_door = AtGate(world.engines, world.neighbour)
    next_door.arrive()
    official = world.towns[0].inspector
    for visit in more_visits(gate, 1):
        assert ask(app, gate, official, "contact", visit=visit).status_code == 200
    assert ask(app, next_door, official, "contact").status_code == 200
    assert ask(app, gate, official, "contact").status_code == 429
    assert [len(looks(gate, place)) for place in (world.own, world.neighbour)] == [1, 1]


def test_two_looks_at_once_do_not_pass_the_limit_together(
    app: Flask, gate: AtGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(reveal, "MOST", 3)
    visits = more_visits(gate, 8)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda v: ask(app, gate, gate.place.admin, "contact", visit=v).status_code, visits))
    assert sorted(codes) == [200] * 3 + [429] * 5
    assert len(looks(gate)) == 3


def test_a_visit_next_door_cannot_be_looked_into(app: Flask, world: World, gate: AtGate) -> None:
    for person_, wanted in ((world.neighbour.admin, 404), (world.towns[1].inspector, 404), (world.stranger.admin, 404)):
        assert ask(app, gate, person_, "contact").status_code == wanted
    assert looks(gate) == []


def test_the_book_stays_sound_and_the_visit_folds_on_after_a_look(app: Flask, gate: AtGate) -> None:
    ask(app, gate, gate.place.admin, "contact", text="核对司机")
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        assert not isinstance(proof.verify(session, enterprise_id=gate.place.id), Fault)
    outcome = gate.temperature(366)
    assert outcome.state == "applied"
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        found = proof.verify(session, enterprise_id=gate.place.id)
        assert not isinstance(found, Fault), found
        row = session.scalars(select(VisitEvent).where(VisitEvent.kind == "reveal")).one()
        visit = session.get(Visit, (gate.place.id, gate.visit_id))
        assert visit is not None and (row.state, visit.last_seq) == ("applied", outcome.seq)
    with tenancy.open_session(gate.engines, gate.place.scope, write=True) as session:
        proof.rebuild(session, enterprise_id=gate.place.id)
        assert not isinstance(proof.verify(session, enterprise_id=gate.place.id), Fault)


def blank(databases: Databases, statement: str) -> None:
    engine = sa.create_engine(databases.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_what_was_erased_says_so(app: Flask, gate: AtGate, databases: Databases) -> None:
    blank(
        databases,
        "DELETE FROM ledger_part WHERE class = 'health' AND seq = "
        "(SELECT min(seq) FROM ledger_part WHERE class = 'health')",
    )
    text = ask(app, gate, gate.place.admin, "health").text
    assert "已按保存期限删除" in text and heard(text, HEALTH) == list(HEALTH[1:])


def test_where_nothing_is_left_there_is_nothing_to_ask_for(app: Flask, gate: AtGate, databases: Databases) -> None:
    blank(databases, "DELETE FROM ledger_part WHERE class <> 'plate'")
    page = client_for(app, gate.place.admin).get(f"/e/{gate.place.slug}/visits/{gate.visit_id}").text
    assert "登记并查看" not in page and "完整信息已按保存期限删除" in page


def test_a_photo_whose_file_is_gone_says_so(app: Flask, gate: AtGate) -> None:
    for path in (app.extensions["gate"].settings.data_dir / "photos").rglob("*"):
        if path.is_file():
            path.unlink()
    text = ask(app, gate, gate.place.admin, "photo").text
    assert "data:image" not in text and "已按保存期限删除" in text


def test_a_photo_name_is_never_taken_for_a_path(app: Flask, gate: AtGate) -> None:
    gate.answer("seal", "photo", {"file": "../../../keys/master.key"})
    text = ask(app, gate, gate.place.admin, "photo").text
    assert text.count("data:image") == 1 and "已按保存期限删除" in text


def test_a_person_is_found_by_the_whole_phone_number_and_stays_masked(app: Flask, world: World, gate: AtGate) -> None:
    address = f"/e/{gate.place.slug}/people"
    for who in (gate.place.lead, gate.place.admin):
        found = client_for(app, who).post(address, data={"phone": "+86 186-1234-5678"})
        assert found.status_code == 200 and str(gate.visit_id) in found.text and "186****5678" in found.text
        body = found.text.replace('value="18612345678"', "")
        assert heard(body, CONTACT) == []
    assert "没有找到" in client_for(app, gate.place.lead).post(address, data={"phone": "18612345679"}).text
    assert client_for(app, gate.place.lead).post(address, data={"phone": "1861234"}).status_code == 422
    next_door = client_for(app, world.neighbour.admin).post(f"/e/{world.neighbour.slug}/people", data={"phone": PHONE})
    assert "没有找到" in next_door.text


def test_a_part_of_a_number_finds_nobody(gate: AtGate) -> None:
    with tenancy.open_session(gate.engines, gate.place.scope) as session:
        for part in (PHONE[:-1], PHONE[:3], "%", ""):
            assert person.visits_of(session, enterprise_id=gate.place.id, value=part) == []
        assert len(person.visits_of(session, enterprise_id=gate.place.id, value=PHONE)) == 1


def test_a_number_sent_by_get_searches_nothing(app: Flask, gate: AtGate) -> None:
    page = client_for(app, gate.place.admin).get(f"/e/{gate.place.slug}/people?phone={PHONE}").text
    assert str(gate.visit_id) not in page


def test_every_look_is_an_entry_with_a_purpose_and_the_experiment_sees_its_planted_faults(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveal, "MOST", 2)

    def trial() -> dict[str, Any]:
        return reveals.trial(app, world, visits=3, chance=random.Random(1), most=2)

    found = trial()
    assert reveals.holds(found) and found["shown"] == 6, found
    for fault in reveals.PLANTED.values():
        with fault():
            assert not reveals.holds(trial())


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_index_over_looks_is_taken(database: str, databases: Databases) -> None:
    """Its condition must stand in the statement itself: with a parameter SQLite walks the whole book."""
    query = select(LedgerEntry.seq).where(LedgerEntry.kind == reveal.is_reveal(), LedgerEntry.received_at > clock.now())
    seen: list[str] = []
    engine = sa.create_engine(databases.owner)
    sa.event.listen(engine, "before_cursor_execute", lambda c, cur, text, *_: seen.append(text))
    with engine.connect() as connection:
        connection.execute(query).all()
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[0]}", (0,)).all()
    engine.dispose()
    assert "ix_ledger_entry_reveals" in str(plan)
