"""Laying a report out in a process of its own, with limits: one that is too large ends, and nothing else with it."""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import re
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

from gatekeeper.errors import DomainError
from gatekeeper.rules.values import Text

MEMORY = 2 * 1024**3
"""Bytes of address space; a summary takes 0.4 GB of it, 18,000 visits as a log less than 0.8 GB."""

SECONDS = 600
"""How long a report may take to lay out."""

LOOK = 0.5
"""Seconds between two looks at whether the job is still ours."""

EVERY_SECONDS = 20
"""A layout that does not get on is told as often, so that its lease is held."""

OUT_OF_MEMORY = 75
STEPS = {1: 0, 2: 5, 3: 10, 4: 20, 5: 30, 6: 80, 7: 90}
"""Percent of the layout that is done when WeasyPrint begins a step; a page of step 5 is one percent."""

Told = Callable[[int], object]


class TooLarge(DomainError):
    """The layout ran out of its memory or its time. The figures and the sheets do not need it."""

    def __init__(self) -> None:
        super().__init__(
            "report.too_large",
            Text(
                "内容太多，排版超出了内存或时间的上限，PDF 没有做成。请缩短期间；带台账的可改出不带台账的汇总，"
                "逐次来访用 XLSX 或 CSV",
                "Too much to lay out within the limits of memory and time, so there is no PDF. Choose fewer days; "
                "instead of one with the gate log issue the summary, and take the visits as XLSX or CSV",
            ),
        )


def render(
    renderer: Callable[..., bytes],
    report: Any,
    *,
    told: Told = lambda percent: None,
    limits: tuple[int, float] | None = None,
    **how: Any,
) -> bytes:
    """What ``renderer(report, **how)`` answers, made in a child process that ends with this call.

    ``told`` hears the percent of the layout; what it raises ends the child too. ``limits``: bytes and seconds.
    Raises ``TooLarge``; ``RuntimeError`` with the child's words where it failed otherwise.
    """
    memory, seconds = limits or (MEMORY, SECONDS)
    spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    ours, theirs = spawn.Pipe()
    child = spawn.Process(target=_child, args=(theirs, memory, seconds), daemon=True)
    child.start()
    theirs.close()
    try:
        ours.send((renderer, report, how))
        return _answer(ours, told, time.monotonic() + seconds)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        child.join(LOOK)
        if child.exitcode == OUT_OF_MEMORY or (child.exitcode or 0) < 0:
            raise TooLarge from None
        raise RuntimeError(f"the layout ended with {child.exitcode}") from None
    finally:
        child.kill()
        child.join()
        ours.close()


def _answer(pipe: Any, told: Told, until: float) -> bytes:
    percent, heard = 0, time.monotonic()
    while True:
        if pipe.poll(LOOK):
            said, value = pipe.recv()
            if said == "made":
                return bytes(value)
            if said == "failed":
                raise RuntimeError(value)
            percent = max(percent, value)
            told(percent)
            heard = time.monotonic()
        elif time.monotonic() > heard + EVERY_SECONDS:
            told(percent)
            heard = time.monotonic()
        if time.monotonic() > until:
            raise TooLarge


class _Steps(logging.Handler):
    """What WeasyPrint says of its steps, as percent through the pipe; a parent that is gone ends the child."""

    def __init__(self, pipe: Any) -> None:
        super().__init__(logging.INFO)
        self.pipe = pipe
        self.last = -1

    def emit(self, record: logging.LogRecord) -> None:
        found = re.match(r"Step (\d)(?:.*Page (\d+))?", record.getMessage())
        if found is None:
            return
        percent = min(STEPS.get(int(found[1]), 0) + int(found[2] or 0), 79 if found[1] == "5" else 99)
        if percent > self.last:
            self.last = percent
            try:
                self.pipe.send(("step", percent))
            except OSError:
                os._exit(1)


def _child(pipe: Any, memory: int, seconds: float) -> None:
    """The whole life of the child; it opens no database and no key, and writes no file."""
    from gatekeeper.reports import pdf  # noqa: F401 - before the limits: without its libraries there is nothing to limit

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        renderer, report, how = pipe.recv()
        log = logging.getLogger("weasyprint.progress")
        log.setLevel(logging.INFO)
        log.addHandler(_Steps(pipe))
        pipe.send(("made", renderer(report, **how)))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException as fault:  # what a report must not fetch is no ordinary exception
        if isinstance(fault, OSError) and fault.errno == errno.ENOMEM:
            os._exit(OUT_OF_MEMORY)
        pipe.send(("failed", f"{type(fault).__name__}: {fault}"[:300]))
