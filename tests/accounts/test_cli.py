"""The operator's commands of townships, enterprises and people."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.accounts import service
from gatekeeper.ledger.models import LedgerEntry
from tests.factories import MORNING, PASSWORD, World, make_town


def run(app: Flask, *arguments: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_a_township_is_opened_with_its_admin(command_app: Flask) -> None:
    said = run(command_app, "township", "add", "甲镇", "--slug", "jia", "--admin", "township")
    first = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", said)
    assert first is not None
    engines = command_app.extensions["gate"].engines
    assert service.sign_in(engines, username="township", password=first[0], at=MORNING)
    assert run(command_app, "township", "list") == "jia\t甲镇\treal\n"


def test_a_given_password_is_not_printed(command_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST", PASSWORD)
    said = run(command_app, "township", "add", "甲镇", "--username", "township", "--password-env", "FIRST")
    assert PASSWORD not in said
    assert service.sign_in(command_app.extensions["gate"].engines, username="township", password=PASSWORD, at=MORNING)


def test_a_variable_that_is_not_set_opens_nothing(command_app: Flask) -> None:
    said = run(command_app, "township", "add", "甲镇", "--admin", "t1", "--password-env", "NOT_SET", code=1)
    assert "NOT_SET is not set" in said
    assert run(command_app, "township", "list") == ""


def test_a_real_township_is_refused_beside_a_demo(command_app: Flask) -> None:
    make_town(command_app.extensions["gate"].engines, "演示镇", "yanshi", demo=True)
    said = run(command_app, "township", "add", "甲镇", "--slug", "jia", "--admin", "township", code=1)
    assert "A demo and a real township" in said


def test_an_enterprise_is_opened_listed_and_disabled_and_the_book_says_by_whom(
    command_app: Flask, world: World
) -> None:
    run(command_app, "enterprise", "add", "suliao", "塑料厂", "--township", "jia", "--admin", "admin@suliao")
    assert "suliao\t塑料厂\t甲镇\n" in run(command_app, "enterprise", "list")
    run(command_app, "enterprise", "disable", "suliao")
    assert "suliao\t塑料厂\t甲镇\tclosed\n" in run(command_app, "enterprise", "list")
    assert "enterprise list" in run(command_app, "enterprise", "disable", "nowhere", code=1)
    engines = command_app.extensions["gate"].engines
    tenant = command_app.extensions["gate"].find_tenant(engines, "suliao")
    with tenancy.open_session(engines, tenancy.Enterprise(tenant.id)) as session:
        entries = [json.loads(text)["body"] for text in session.scalars(select(LedgerEntry.bytes))]
    assert {body["by"]["role"] for body in entries} == {"operator"}


def test_people_are_added_listed_disabled_and_given_a_password(command_app: Flask, world: World) -> None:
    said = run(command_app, "user", "add", world.own.slug, "li@jia1", "李师傅", "--role", "guard")
    assert re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", said)
    assert "li@jia1\tguard\t李师傅\n" in run(command_app, "user", "list", world.own.slug)
    run(command_app, "user", "password", "li@jia1")
    run(command_app, "user", "disable", "li@jia1")
    assert "li@jia1\tguard\t李师傅\tdisabled\n" in run(command_app, "user", "list", world.own.slug)
    assert "nobody called" in run(command_app, "user", "disable", "nobody@nowhere", code=1)
    assert "last admin" in run(command_app, "user", "disable", world.own.admin.username, code=1)


def test_a_command_on_an_empty_database_says_what_to_do(tmp_path, settings) -> None:
    from dataclasses import replace

    from gatekeeper import create_app

    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    app = create_app(replace(settings, platform_database_url=empty), command_line=True, testing=True)
    assert "flask upgrade" in run(app, "user", "list", "jia1", code=1)
