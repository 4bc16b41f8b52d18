"""The tree keeps its shape: who may import whom, and where the clock, Flask and WeasyPrint are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.config import ROOT

PACKAGE = ROOT / "gatekeeper"
ORDER = [
    "rules", "formats", "foundation", "ledger", "enterprises", "accounts", "risk_areas", "rulebooks",
    "registrations", "watched", "visits", "desk", "figures", "reports", "retention", "demo",
]  # fmt: skip
FOUNDATION = {
    "config", "clock", "db", "schema", "directory", "tenancy", "access", "crypto", "files", "jobs", "worker", "forms",
    "errors", "outages", "durable", "heartbeat", "language", "pages", "cli", "checks", "backups", "keys_cli",
    "backups_cli", "dumps", "restoring", "prepared", "driver", "keystore", "keystore_rows", "master_key", "destroyed",
    "lan", "lan_cli", "lan_views", "network", "libpq", "brief",
}  # fmt: skip
LATE = {
    "worker.py": {"figures", "ledger", "registrations", "visits", "reports", "retention"},
    "cli.py": {"ledger"},
    "checks.py": {"ledger"},
}
"""What these files of the foundation call to the right, inside a function."""
OFFERED = {"service", "queries", "values", "models"}
"""What a feature shows to those on its right by its name; anything else it may show is not a page."""
PAGES = {"views", "forms", "acts"}
FLASK_FREE = {"service", "queries", "values", "models", "state", "record", "judge", "projection", "book", "proof"}
FORBIDDEN_NAMES = {"util", "utils", "helpers", "common", "misc", "manager"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(dotted: str) -> str | None:
    """The place in ``ORDER`` of a module of ours; None for create_app itself and for others' modules."""
    parts = dotted.split(".")
    if parts[0] != "gatekeeper" or len(parts) < 2:
        return None
    return "foundation" if parts[1] in FOUNDATION else parts[1] if parts[1] in ORDER else None


def own_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


IDS = [str(path.relative_to(PACKAGE)) for path in modules()]


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_nobody_imports_to_the_right(path: Path) -> None:
    here = place(own_name(path))
    if here is None:
        return
    late = LATE.get(path.name, set()) if path.parent == PACKAGE else set()
    wrong = [
        name
        for name in imports(path)
        if (there := place(name)) is not None and ORDER.index(there) > ORDER.index(here) and there not in late
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_a_feature_never_imports_anothers_pages(path: Path) -> None:
    here = place(own_name(path))
    wrong = [
        name
        for name in imports(path)
        if place(name) not in (None, "foundation", here) and PAGES & set(name.split(".")[2:3])
    ]
    if here is not None:
        assert wrong == []


@pytest.mark.parametrize("path", [p for p in modules() if place(own_name(p)) in ("rules", "formats")], ids=str)
def test_rules_and_formats_are_pure(path: Path) -> None:
    allowed = {"gatekeeper.rules", "gatekeeper.formats"}
    for name in imports(path):
        top = name.split(".")[0]
        if top == "gatekeeper":
            assert ".".join(name.split(".")[:2]) in allowed, name
        else:
            assert top not in {"flask", "sqlalchemy", "wtforms", "weasyprint", "pypinyin"}, name


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_flask_stays_at_the_edge(path: Path) -> None:
    if path.stem in FLASK_FREE and path.parent != PACKAGE:
        assert [name for name in imports(path) if name.split(".")[0] in ("flask", "flask_login")] == []


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_weasyprint_and_the_clock_have_one_place_each(path: Path) -> None:
    text, name = path.read_text(encoding="utf8"), own_name(path)
    if name != "gatekeeper.reports.pdf":
        assert not any(i.split(".")[0] == "weasyprint" for i in imports(path) if name != "gatekeeper.checks")
    if name != "gatekeeper.clock":
        for reading in ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time("):
            assert reading not in text, reading


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_files_can_be_held_in_the_head(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert path.read_text(encoding="utf8").count("\n") <= 300


@pytest.mark.parametrize("path", [p for p in modules() if "views" in p.stem or p.stem == "acts"], ids=str)
def test_a_view_is_at_most_fifteen_lines(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.FunctionDef) and any("access" in ast.dump(d) for d in node.decorator_list):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 15, f"{node.name} has {lines} lines"


TOP = {
    *("app.py", "gatekeeper", "migrations", "templates", "tests", "requirements.txt"),
    *("static", "scripts", "bench", "docs", "deploy", ".ci", "README.md", "README.zh.md", "pyproject.toml"),
    *("requirements.in", "requirements-dev.in", "requirements-dev.txt", ".gitignore", "LICENSE"),
}
UNTRACKED = {".git", ".venv", "instance", "node_modules", "__pycache__", ".hypothesis"}


def test_the_top_level_is_the_fixed_one() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.endswith("_cache")}
    assert found - UNTRACKED <= TOP
