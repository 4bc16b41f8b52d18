"""Run an experiment and keep what it prints: ``bench_results.py NAME [ARG...]`` runs ``bench/NAME.py ARG...``.

It prints JSON objects, one a line. When it ends well, each is appended to ``bench/results.jsonl`` with date, machine
and commit, and the section of NAME in ``bench/RESULTS.md`` is written anew; sections of other experiments stay.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent.parent / "bench"
HEAD = """# Results

The latest run of each experiment, written by `scripts/bench`; what each must reach stands in its file.
"""


def machine() -> str:
    """Processor, its count, memory and Python, such as ``AMD EPYC 7B13, 2 processors, 8 GB, Python 3.11.2``."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE) if info.exists() else []
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return ", ".join(
        [
            names[0] if names else platform.machine(),
            f"{len(os.sched_getaffinity(0))} processors",
            f"{memory / 1e9:.0f} GB",
            f"Python {platform.python_version()}",
        ]
    )


def commit() -> str:
    """The short hash of the checkout, with ``+`` when other tracked files than the results differ from it."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":!bench/RESULTS.md")
    return (_git("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if changed else "")


def _git(*args: str) -> str:
    """What git says, or nothing outside a checkout."""
    return subprocess.run(["git", *args], cwd=BENCH.parent, capture_output=True, text=True, check=False).stdout.strip()


def section(name: str, run: dict[str, str], results: list[dict[str, Any]]) -> str:
    """The Markdown of one experiment: one table, a figure to a row."""
    how = f", {run['arguments']}" if run.get("arguments") else ""
    lines = [f"## {name}", "", f"{run['date']}, commit {run['commit']}, {run['machine']}{how}", ""]
    for result in results:
        lines += ["| figure | value |", "|---|---|"]
        lines += [f"| {key} | {_cell(value)} |" for key, value in result.items()]
        lines.append("")
    return "\n".join(lines)


def _object(line: str) -> dict[str, Any] | None:
    try:
        result = json.loads(line)
    except ValueError:
        return None
    return result if isinstance(result, dict) else None


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("|", "\\|").replace("\n", " ")


def rewrite(text: str, name: str, new: str) -> str:
    """``text`` of RESULTS.md with the section of ``name`` replaced or added; sections are in alphabetical order."""
    sections = {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in re.split(r"^## ", text, flags=re.M)[1:]}
    sections[name] = new
    return "\n".join([HEAD, *(sections[key] for key in sorted(sections))])


def main(name: str, *arguments: str) -> int:
    """The experiment's exit code, or 1 when it printed no result or a line that is no JSON object; kept only if 0."""
    run = {"name": name, "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "commit": commit(), "machine": machine()}
    if arguments:
        run["arguments"] = " ".join(arguments)
    lines: list[str] = []
    command = [sys.executable, BENCH / f"{name}.py", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as experiment:
        for line in experiment.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if experiment.returncode:
        return experiment.returncode
    results = [result for line in lines if (result := _object(line)) is not None]
    if not results or len(results) < len(lines):
        print(f"bench/{name}.py: it must print JSON objects, one a line, and nothing else", file=sys.stderr)
        return 1
    with (BENCH / "results.jsonl").open("a", encoding="utf-8") as kept:
        kept.writelines(json.dumps({**run, "result": result}, ensure_ascii=False) + "\n" for result in results)
    report = BENCH / "RESULTS.md"
    before = report.read_text(encoding="utf-8") if report.exists() else ""
    report.write_text(rewrite(before, name, section(name, run, results)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
