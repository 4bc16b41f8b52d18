"""Rulebooks from elsewhere: a version again, a file in and out, and two admins who publish at once."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gatekeeper import clock, tenancy
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError
from gatekeeper.rulebooks import drafts, queries, service, sharing
from gatekeeper.rulebooks.models import RulebookVersion
from tests.factories import MORNING, World, client_for
from tests.rulebooks.given import begun, confirm, document, get, published, rule
from tests.visits.gate import AtGate

BASE = "/e/jia1/rulebook"
COOL = {"unit": "celsius", "max": 370, "max_inclusive": False}


def last(engines: Engines, world: World) -> RulebookVersion:
    with tenancy.open_session(engines, world.own.scope) as session:
        found = queries.last(session, enterprise_id=world.own.id)
        assert found is not None
        session.expunge(found)
        return found


def draft_rules(engines: Engines, world: World) -> list[dict[str, Any]] | None:
    with tenancy.open_session(engines, world.own.scope) as session:
        found = queries.draft(session, enterprise_id=world.own.id)
        return drafts.document_of(found)["rules"] if found else None


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="(\d+)"', page)
    assert found is not None, name
    return found[1]


def handed_in(client: FlaskClient, data: bytes, *, lang: str = "en", **more: str) -> Any:
    page = get(client, f"{BASE}/import?lang={lang}")
    file = {"file": (io.BytesIO(data), "rules.json")} if data else {}
    sent = {"revision": hidden(page, "revision"), **file, **more}
    return client.post(f"{BASE}/import?lang={lang}", data=sent, content_type="multipart/form-data")


def test_an_older_version_is_published_again_after_its_difference_was_shown(app: Flask, world: World, engines: Engines):
    one = published(engines, world.own, rule())
    published(engines, world.own, rule(params=COOL))
    client, url = client_for(app, world.own.admin), f"{BASE}/versions/{one.id}/again"
    page = get(client, url)
    assert "37.0 → 37.3" in page and "重新发布这一版" in page
    assert client.post(url, data={"seen": hidden(page, "seen"), "when": "now"}).status_code == 302
    made = last(engines, world)
    assert made.number == 3 and made.content_hash == one.content_hash
    assert json.loads(made.origin or "")["number"] == 1
    assert "取自第 1 版" in get(client, f"{BASE}/versions/{made.id}")
    assert "取自第 1 版" in get(client, f"{BASE}/versions")
    assert "内容相同" in get(client, url)


def test_a_draft_from_an_older_version_says_what_was_changed_since(app: Flask, world: World, engines: Engines):
    one = published(engines, world.own, rule())
    published(engines, world.own, confirm("mask", "戴口罩", "Mask"))
    client = client_for(app, world.own.admin)
    assert client.post(f"{BASE}/versions/{one.id}/draft", data={"revision": "0"}).status_code == 302
    begun(engines, world.own, rule(params=COOL))
    page = get(client, f"{BASE}/draft")
    assert "取自第 1 版" in page and "改了 1 处" in page and "37.3 → 37.0" in page


def test_a_draft_gives_way_only_as_it_was_shown(app: Flask, world: World, engines: Engines):
    one = published(engines, world.own, rule())
    shown = begun(engines, world.own, confirm("mask", "戴口罩", "Mask"))
    begun(engines, world.own, confirm("boots", "换鞋", "Boots"))
    client = client_for(app, world.own.admin)
    client.post(f"{BASE}/versions/{one.id}/draft", data={"revision": str(shown)})
    assert len(draft_rules(engines, world) or []) == 3
    data = json.dumps(document()).encode()
    late = {"revision": str(shown), "file": (io.BytesIO(data), "rules.json")}
    answer = client.post(f"{BASE}/import", data=late, content_type="multipart/form-data")
    assert answer.status_code == 422 and len(draft_rules(engines, world) or []) == 3


def test_a_neighbours_version_is_neither_taken_nor_exported(app: Flask, world: World, engines: Engines):
    theirs = published(engines, world.neighbour, rule())
    above = published(engines, world.towns[0].office, rule())
    client = client_for(app, world.own.admin)
    for version in (theirs, above):
        assert client.get(f"{BASE}/versions/{version.id}/again").status_code == 404
        assert client.post(f"{BASE}/versions/{version.id}/draft", data={"revision": "0"}).status_code == 404
    assert client.get(f"{BASE}/versions/{theirs.id}/file").status_code == 404
    assert json.loads(client.get(f"{BASE}/versions/{above.id}/file").data)["origin"]["enterprise"] == "甲镇"


def test_a_version_goes_out_as_a_file_and_comes_in_with_its_origin(app: Flask, world: World, engines: Engines):
    theirs = published(engines, world.neighbour, rule(), confirm("mask", "戴口罩", "Mask"))
    answer = client_for(app, world.neighbour.admin).get(f"/e/jia2/rulebook/versions/{theirs.id}/file")
    assert "jia2-rules-v1.json" in answer.headers["Content-Disposition"]
    said = json.loads(answer.data)["origin"]
    assert set(said) == {"township", "enterprise", "number", "content_hash", "published_at"}
    assert said["content_hash"] == theirs.content_hash
    assert theirs.published_by_name not in answer.get_data(as_text=True)

    client = client_for(app, world.own.admin)
    assert handed_in(client, answer.data).status_code == 302
    assert [item["code"] for item in draft_rules(engines, world) or []] == ["temperature", "mask"]
    with tenancy.open_session(engines, world.own.scope) as session:
        assert (
            session.scalars(sa.select(RulebookVersion).where(RulebookVersion.enterprise_id == world.own.id)).all() == []
        )
    begun(engines, world.own, rule(params=COOL))
    for address in (f"{BASE}/draft", BASE, f"{BASE}/versions"):
        if address == BASE:
            page = get(client, f"{BASE}/draft/publish?lang=zh")
            sent = {"revision": hidden(page, "revision"), "seen": "0", "when": "now"}
            assert client.post(f"{BASE}/draft/publish", data=sent).status_code == 302
        page = get(client, f"{address}?lang=zh")
        assert f"来自{said['township']} {said['enterprise']}的第 1 版规则" in page and "改了 1 处" in page, address
        assert "导出后改过" not in page


def test_a_file_changed_on_its_way_says_so(app: Flask, world: World, engines: Engines):
    theirs = published(engines, world.neighbour, rule())
    client = client_for(app, world.neighbour.admin)
    data = client.get(f"/e/jia2/rulebook/versions/{theirs.id}/file").get_data(as_text=True)
    mine = client_for(app, world.own.admin)
    assert handed_in(mine, data.replace("373", "380").encode()).status_code == 302
    assert "文件导出后改过" in get(mine, f"{BASE}/draft?lang=zh")


def test_a_file_with_faults_is_refused_whole_each_by_line_and_field(app: Flask, world: World, engines: Engines):
    begun(engines, world.own, rule())
    bad = [rule("one", kind="teleport"), rule("two", title={"zh": "=1+1", "en": "x"}), confirm("mask", "戴", "Mask")]
    text = json.dumps(document(*bad), ensure_ascii=False, indent=1)
    client = client_for(app, world.own.admin)
    answer = handed_in(client, b"", text=text)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for needle, path in (('"teleport"', "rules[0].kind"), ('"=1+1"', "rules[1].title.zh")):
        assert path in page and f"Line {text[: text.index(needle)].count(chr(10)) + 1}<" in page
    assert "2 faults" in page and "teleport" in page[page.index("<textarea") :]
    assert [item["code"] for item in draft_rules(engines, world) or []] == ["temperature"]


def test_a_file_nested_100000_deep_is_refused_at_its_line(app: Flask, world: World):
    answer = handed_in(client_for(app, world.own.admin), b"\n" + b"[" * 100_000)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "nests deeper than" in page and "Line 2<" in page


def test_a_file_of_10_mb_is_not_even_read(app: Flask, world: World):
    client, kind = client_for(app, world.own.admin), "multipart/form-data; boundary=b"
    size = {"CONTENT_LENGTH": "10000000"}
    answer = client.post(f"{BASE}/import", data=b"x", content_type=kind, environ_overrides=size)
    assert answer.status_code == 413 and "1 MB" in answer.get_data(as_text=True)


def test_gates_of_another_place_are_left_to_be_set_and_conditions_on_them_refused(world: World, engines: Engines):
    elsewhere = str(world.neighbour.gate_id)
    plain = {"subject": "visit", "question": None}
    both = {"gates": [elsewhere, str(world.own.gate_id)]}
    gate = rule("gate", kind="gate_allowed", params=both, **plain)
    with tenancy.open_session(engines, world.own.scope, write=True) as session:
        take = {"by": world.own.admin, "at": MORNING}
        draft = sharing.take_file(session, json.dumps(document(gate)).encode(), revision=0, **take)
        assert drafts.document_of(draft)["rules"][0]["params"]["gates"] == [str(world.own.gate_id)]
        here = [{"fact": "gate", "op": "eq", "value": elsewhere}, {"fact": "zone", "op": "in", "value": ["nowhere"]}]
        data = json.dumps(document(rule(when=here))).encode()
        with pytest.raises(sharing.ImportRefused) as refused:
            sharing.take_file(session, data, revision=draft.revision, **take)
    paths = [fault.path for _, fault in refused.value.faults]
    assert paths == ["rules[0].when[0].value", "rules[0].when[1].value"]


def test_of_two_who_publish_the_second_sees_the_difference_first(app: Flask, world: World, engines: Engines):
    one = published(engines, world.own, rule())
    published(engines, world.own, rule(params=COOL))
    begun(engines, world.own, confirm("mask", "戴口罩", "Mask"))
    first, second = client_for(app, world.own.admin), client_for(app, world.own.admin)
    page = get(second, f"{BASE}/draft/publish")
    sent = {"revision": hidden(page, "revision"), "seen": hidden(page, "seen"), "when": "now", "note": "口罩要戴好"}
    again = f"{BASE}/versions/{one.id}/again"
    assert first.post(again, data={"seen": hidden(get(first, again), "seen"), "when": "now"}).status_code == 302

    answer = second.post(f"{BASE}/draft/publish", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and last(engines, world).number == 3
    assert "刚刚发布的第 3 版改了什么" in page and "37.0 → 37.3" in page
    assert "和第 3 版（执行中）相比" in page and "37.3 → 37.0" in page and "戴口罩" in page
    assert "口罩要戴好" in page
    sent |= {"revision": hidden(page, "revision"), "seen": hidden(page, "seen")}
    assert second.post(f"{BASE}/draft/publish", data=sent).status_code == 302
    assert (last(engines, world).number, last(engines, world).note) == (4, "口罩要戴好")


def test_a_draft_that_somebody_published_is_not_published_twice(app: Flask, world: World, engines: Engines):
    published(engines, world.own, rule())
    begun(engines, world.own, rule(params=COOL))
    client, url = client_for(app, world.own.admin), f"{BASE}/draft/publish"
    page = get(client, url)
    sent = {"revision": hidden(page, "revision"), "seen": hidden(page, "seen"), "when": "now", "note": "降到 37"}
    assert client.post(url, data=sent).status_code == 302
    for _ in range(2):
        answer = client.post(url, data=sent)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422 and "刚刚发布的第 2 版改了什么" in page and "37.3 → 37.0" in page
        assert "降到 37" in page and "确认发布" not in page
    assert last(engines, world).number == 2


def test_two_sessions_cannot_publish_against_the_same_version(world: World, engines: Engines):
    published(engines, world.own, rule())
    given = {"owner": drafts.Owner.ENTERPRISE, "by": world.own.admin, "at": clock.now()}
    with tenancy.open_session(engines, world.own.scope) as reading:
        seen = queries.last(reading, enterprise_id=world.own.id)
        assert seen is not None
        with tenancy.open_session(engines, world.own.scope, write=True) as session:
            service.publish_document(session, document(), seen=seen.number, **given)
    with pytest.raises(DomainError) as raced, tenancy.open_session(engines, world.own.scope, write=True) as session:
        service.publish_document(session, document(), seen=seen.number, **given)
    assert raced.value.code == "rulebook.raced"
    assert last(engines, world).number == 2


def test_a_visit_leads_to_the_versions_that_judged_it(app: Flask, world: World, engines: Engines):
    one = published(engines, world.own, rule())
    at_gate = AtGate(engines, world.own, at=clock.now())
    at_gate.arrive("浙A12345")
    at_gate.admit()  # from here on it is judged by what let it in
    published(engines, world.own, rule(params=COOL), at=clock.now())
    client = client_for(app, world.own.guard)
    page = get(client, f"/e/jia1/visits/{at_gate.visit_id}")
    assert f"{BASE}/versions/{one.id}" in page and "企业规则" in page
    assert "37.3" in get(client, f"{BASE}/versions/{one.id}")


def test_what_is_coming_is_said_with_its_time_the_townships_too(app: Flask, world: World, engines: Engines):
    later = clock.now() + timedelta(hours=5)
    above = published(engines, world.towns[0].office, rule(), holds_from=later)
    own = published(engines, world.own, rule(), holds_from=later)
    page = get(client_for(app, world.own.guard), BASE)
    assert page.count(f"{clock.local(later):%H:%M} 起执行") == 2 and "镇街规则第 1 版将于" in page
    assert f"{BASE}/versions/{above.id}" in page and f"{BASE}/versions/{own.id}" in page
    assert "待执行" in get(client_for(app, world.own.guard), f"{BASE}/versions")
