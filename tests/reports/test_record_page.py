"""The page of what the book notes: every number is the report's, and leads to the visits behind it."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gatekeeper import clock, tenancy
from gatekeeper.enterprises.queries import find_tenant
from gatekeeper.reports import record_views, service
from gatekeeper.reports.values import Report
from tests.factories import MORNING, World, client_for
from tests.reports.test_recounted import FIRST, MakeList, lists, make_list, odd_visit  # noqa: F401

LINK = re.compile(r'<a class="figure" href="([^"]+)">\s*<span class="figure__label">([^<]+)</span>\s*<span[^>]*>(\d+)<')
NAMES = {
    "迟报（晚 5 分钟以上）": "sent_late",
    "重复放行": "admitted_again",
    "名单到达前已处理": "before_list",
    "更正（次）": "corrections",
    "个人信息已删除": "erased",
}
DAYS = f"first={FIRST}&last={FIRST + timedelta(days=1)}"


def played(world: World, make: MakeList) -> Report:
    rng = random.Random(4)
    known = lists(world, make, rng)
    for number in range(24):
        odd_visit(world, rng, known, number)
    tenant = find_tenant(world.engines, world.own.slug)
    assert tenant is not None
    with tenancy.open_session(world.engines, world.own.scope) as session:
        last = FIRST + timedelta(days=1)
        return service.build(session, enterprise=tenant, first=FIRST, last=last, at=MORNING + timedelta(days=5))


def visits_on(client: FlaskClient, address: str) -> list[str]:
    """The visits that the rows of the page lead to."""
    page = client.get(address).get_data(as_text=True)
    return re.findall(r'<th scope="row"><a href="/e/[^"]+/visits/([0-9a-f-]{36})"', page)


def test_every_number_is_the_reports_and_leads_to_its_visits(
    app: Flask, world: World, make_list: MakeList  # noqa: F811
) -> None:  # fmt: skip
    report = played(world, make_list)
    client, base = client_for(app, world.own.admin), f"/e/{world.own.slug}/figures/record?{DAYS}"
    page = client.get(base).get_data(as_text=True)
    links = {label: (unescape(address), int(number)) for address, label, number in LINK.findall(page)}
    shown = {name: links[label][1] if label in links else 0 for label, name in NAMES.items()}
    assert shown == {name: getattr(report.entries, name) for name in NAMES.values()}
    assert min(shown.values()) > 0
    assert links["纸质补记"][1] == report.figures.late
    for label, (address, number) in links.items():
        found = visits_on(client, address)
        assert number == (len(found) if label == "更正（次）" else len(set(found))), label
    care = dict(re.findall(r'<dt>([^<]+)</dt><dd><a href="[^"]+kind=care">(\d+)</a>', page))
    assert sorted(care.values()) == sorted(str(times) for _, times in report.entries.care)
    assert len(visits_on(client, f"{base}&kind=care")) == sum(times for _, times in report.entries.care)
    assert len(visits_on(client, base)) == len(report.details.notes)
    assert "Sent over 5 min late" in client.get(f"{base}&lang=en").get_data(as_text=True)


def test_a_long_list_has_pages_and_a_strange_kind_shows_all(
    app: Flask, world: World, make_list: MakeList, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    report = played(world, make_list)
    monkeypatch.setattr(record_views, "PAGE", 5)
    client, base = client_for(app, world.towns[0].inspector), f"/e/{world.own.slug}/figures/record?{DAYS}"
    first, second = visits_on(client, base), visits_on(client, f"{base}&page=2")
    assert (len(first), len(second)) == (5, 5)
    assert f"6–10 / {len(report.details.notes)}" in client.get(f"{base}&page=2&kind=x").get_data(as_text=True)
    assert f"6–10 / {len(report.details.notes)}" in client.get(f"{base}&page=2").get_data(as_text=True)


def test_an_empty_period_and_an_impossible_one_are_told(app: Flask, world: World) -> None:
    client, base = client_for(app, world.own.admin), f"/e/{world.own.slug}/figures/record"
    empty = client.get(f"{base}?first=2025-01-01&last=2025-01-02").get_data(as_text=True)
    assert "没有这样的记录" in empty and "本期没有登记发放" in empty and "没有值班记录" in empty
    wrong = client.get(f"{base}?first={clock.today()}&last=2025-01-02")
    assert wrong.status_code == 422 and "开始日期晚于结束日期" in wrong.get_data(as_text=True)


def test_the_figures_page_counts_people_by_kind_as_the_report_does_and_leads_here(
    app: Flask, world: World, make_list: MakeList  # noqa: F811
) -> None:  # fmt: skip
    report = played(world, make_list)
    page = client_for(app, world.own.admin).get(f"/e/{world.own.slug}/figures?{DAYS}").get_data(as_text=True)
    assert f'href="/e/{world.own.slug}/figures/record?{DAYS.replace("&", "&amp;")}"' in page
    section = page.split("来访构成</h2>")[1].split("</section>")[0]
    people = [int(n) for n in re.findall(r'</td><td class="num">(\d+)</td><td class="rulebar"', section)]
    assert people == [n for _, n in report.people_by_kind] and sum(people) == report.figures.people > 0
