"""What the desk's worker is given: every script in one pack, the version that it belongs to, styles in their order."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import brotli
import pytest
from flask import Flask

from gatekeeper.desk import shell

STATIC = Path(__file__).resolve().parents[2] / "static"


@pytest.fixture
def database() -> str:
    """Files are the same on both."""
    return "sqlite"


@pytest.fixture(scope="module")
def packed() -> dict[str, str]:
    """The scripts as a worker takes them apart, by address."""
    parts = shell.read(STATIC, "a page").pack.split(shell.BETWEEN)
    return dict(part.split("\n", 1) for part in parts)


def test_the_pack_holds_every_script_that_the_desk_may_ask_for(packed: dict[str, str]) -> None:
    there = {f"/static/{path.relative_to(STATIC).as_posix()}" for path in (STATIC / "desk").rglob("*.js")}
    assert there - {f"/static/{name}" for name in shell.ALONE} == {name for name in packed if "/vendor/" not in name}
    assert {"/static/vendor/lit-html/lit-html.js", "/static/vendor/idb/index.js"} <= packed.keys()


def test_a_bare_script_is_a_script_still(packed: dict[str, str], tmp_path: Path) -> None:
    files = []
    for name, text in packed.items():
        files.append(tmp_path / f"{len(files)}.mjs")
        files[-1].write_text(text)
        whole = [line.strip() for line in (STATIC.parent / name[1:]).read_text().splitlines()]
        rest = iter(whole)
        assert all(line in rest for line in text.splitlines())  # the same lines in the same order
    script = "import vm from 'node:vm'; import fs from 'node:fs';\nfor (const file of process.argv.slice(2)) {"
    script += "new vm.SourceTextModule(fs.readFileSync(file, 'utf8')); }"
    (tmp_path / "check.mjs").write_text(script)
    command = ["node", "--experimental-vm-modules", "--no-warnings", str(tmp_path / "check.mjs"), *map(str, files)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_only_comments_on_lines_of_their_own_and_indentation_go() -> None:
    script = (
        '/* One. */\n  /* Two\n     lines. */\n  const here = "/* kept */"; // kept\n\n    // gone\n\tf("http://x");\n'
    )
    assert shell.bare(script) == 'const here = "/* kept */"; // kept\nf("http://x");\n'


def test_the_worker_gets_its_own_version_alone_as_small_as_it_takes_it(app: Flask) -> None:
    client = app.test_client()
    version = client.get("/desk").text.partition('data-version="')[2][:16]
    plain = client.get(f"/desk/pack?v={version}")
    small = client.get(f"/desk/pack?v={version}", headers={"Accept-Encoding": "gzip, br"})
    other = client.get(f"/desk/pack?v={version}", headers={"Accept-Encoding": "gzip"})
    assert brotli.decompress(small.data) == gzip.decompress(other.data) == plain.data
    assert len(small.data) * 3 < len(plain.data)
    assert client.get("/desk/pack?v=another").status_code == 404


def test_an_unchanged_worker_is_not_sent_again(app: Flask) -> None:
    client = app.test_client()
    tag = client.get("/desk/sw.js").headers["ETag"]
    assert client.get("/desk/sw.js", headers={"If-None-Match": tag}).status_code == 304


def test_the_style_that_others_build_on_comes_first() -> None:
    styles = shell.read(STATIC, "a page").styles
    assert styles[0] == "/static/css/desk.css"
    assert len(styles) == len(set(styles)) > 1
