"""The layout in a process of its own: the same pages, and limits that end in a sentence."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.reports import pdf, printing
from gatekeeper.rules.values import Text

PAGE = "<meta charset=utf-8><p>合规报告</p>"


def test_it_answers_what_the_renderer_makes_and_tells_how_far_it_is() -> None:
    told: list[int] = []
    made = printing.render(pdf.to_pdf, PAGE, told=told.append)
    assert made.startswith(b"%PDF") and told == sorted(set(told)) and told[-1] >= 80


@pytest.mark.parametrize("limits", [(200 * 1024**2, 60), (printing.MEMORY, 0.2)], ids=["memory", "time"])
def test_one_that_is_too_large_says_so_in_words(limits: tuple[int, float]) -> None:
    with pytest.raises(printing.TooLarge) as fault:
        printing.render(pdf.to_pdf, PAGE + "<p>一行</p>" * 20_000, limits=limits)
    text: Text = fault.value.text
    assert "内存或时间" in text.zh and "XLSX" in text.zh and "XLSX" in text.en
    assert len(f"{text.zh} / {text.en}") <= 300, "what a job remembers of why it failed"


def test_what_else_went_wrong_is_told_as_a_fault_of_the_program() -> None:
    with pytest.raises(RuntimeError, match="Forbidden"):
        printing.render(pdf.to_pdf, "<img src='file:///etc/passwd'>")


def test_whoever_stops_listening_ends_the_child() -> None:
    def stop(_percent: int) -> None:
        raise KeyError("called off")

    before = children()
    with pytest.raises(KeyError):
        printing.render(pdf.to_pdf, PAGE, told=stop)
    assert children() == before


def children() -> set[str]:
    """Child processes of this one that lay out; the tracker of the standard library stays."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= set((task / "children").read_text().split())
    return found


def test_a_child_that_is_killed_is_one_that_was_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def kill(_percent: int) -> None:
        for child in children() - before:
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                seen.append(os.kill(int(child), signal.SIGKILL))

    before = children()
    with pytest.raises(printing.TooLarge):
        printing.render(pdf.to_pdf, PAGE + "<p>一行</p>" * 3000, told=kill)
    assert seen
