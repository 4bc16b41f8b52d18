"""What is written down is what the program does."""

from __future__ import annotations

import re

from gatekeeper.config import DOCS, ROOT


def test_the_settings_are_documented_word_for_word() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `(GATE_[A-Z_]+)` \| (.+) \|$", text, re.MULTILINE)) == DOCS
