"""The page of a pack: what it is for, what it keeps and uses, and each rule with its reason and its source."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask

from gatekeeper.rules import packs
from tests.factories import World, client_for
from tests.rulebooks.given import get


@pytest.mark.parametrize("code", packs.codes())
@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_a_pack_is_shown_with_all_that_it_states(app: Flask, world: World, code: str, tongue: str):
    pack, client = packs.load(code), client_for(app, world.own.admin)
    page = unescape(get(client, f"/e/jia1/rulebook/draft/packs/{code}?lang={tongue}"))
    assert pack["purpose"][tongue] in page
    for rule in pack["rules"]:
        assert all(rule[name][tongue] in page for name in ("title", "why", "source"))
    for name in {"zh": ("保存", "用到的情况"), "en": ("Kept", "Facts")}[tongue]:
        assert f"<dt>{name}</dt>" in page
    assert all(str(days) in page for days in pack["retention"].values())
