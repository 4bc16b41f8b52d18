"""Whatever changes between two versions is said in words, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.rules import codec
from gatekeeper.rules.values import Owner, Rulebook
from tests.rulebooks.given import confirm, document, rule


def book(*rules: dict[str, Any], **more: Any) -> Rulebook:
    return codec.parse(document(*rules) | more, owner=Owner.ENTERPRISE, version="x")


HIGH = {"fact": "risk_level", "op": "at_least", "value": "high"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"params": {"unit": "celsius", "max": 370, "max_inclusive": False}}, "上限 37.3 → 37.0"),
        ({"params": {"unit": "celsius", "max": 373, "max_inclusive": True}}, "否 → 是"),
        ({"when": [HIGH]}, "条件 无 → "),
        ({"consequence": "refuse"}, "待定 → 劝返"),
        ({"stage": "exit"}, "环节 "),
        ({"subject": "visit"}, "对象 "),
        ({"title": {"zh": "量体温", "en": "Temperature"}}, "名称 测体温 → 量体温"),
        ({"why": {"zh": "换个说法", "en": "The temperature has to be below 37.3 °C"}}, "换个说法"),
        ({"evidence": ["photo"]}, "凭据 无 → 照片"),
        ({"overridable_by": []}, "班长 → 无"),
        ({"question": "forehead"}, "查验项 temperature → forehead"),
    ],
)
def test_each_change_of_a_rule_is_said(change: dict[str, Any], said: str):
    [text] = codec.compare(book(rule()), book(rule(**change)))
    assert said in text.zh and text.en and text.zh != text.en


def test_rules_added_and_removed_their_order_and_what_is_kept_are_said():
    mask, boots = confirm("mask", "戴口罩", "Mask"), confirm("boots", "换鞋", "Boots")
    texts = codec.compare(book(mask, rule()), book(rule(), boots))
    assert [text.zh[:3] for text in texts] == ["取消：", "新增："]
    assert [text.en[:5] for text in texts] == ["Remov", "Added"]
    [order] = codec.compare(book(mask, boots), book(boots, mask))
    assert "先后顺序" in order.zh and "order" in order.en
    [kept] = codec.compare(book(mask), book(mask, retention={"plate": 730}))
    assert "730 天" in kept.zh and "730 days" in kept.en
    [title] = codec.compare(book(mask), book(mask, title={"zh": "夜班规则", "en": "Night rules"}))
    assert "夜班规则" in title.zh and "Night rules" in title.en
    assert codec.compare(book(mask), book(mask)) == []
