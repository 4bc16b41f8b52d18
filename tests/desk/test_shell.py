"""What the desk's worker is given: every script in one pack, the version that it belongs to, styles in their order."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import brotli
import pytest
from flask import Flask

from gatekeeper.desk import bare, shell

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
        whole = (STATIC.parent / name[1:]).read_text()
        assert [sign for _, sign in bare.signs(text)] == [sign for _, sign in bare.signs(whole)]
    script = "import vm from 'node:vm'; import fs from 'node:fs';\nfor (const file of process.argv.slice(2)) {"
    script += "new vm.SourceTextModule(fs.readFileSync(file, 'utf8')); }"
    (tmp_path / "check.mjs").write_text(script)
    command = ["node", "--experimental-vm-modules", "--no-warnings", str(tmp_path / "check.mjs"), *map(str, files)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


SCRIPT = r"""
/* Gone, with `a tick` and "a sign. */
const html = (texts, ...values) => texts.raw.join("|") + values.join(",");
const here = "/* kept */ // kept", two = 'it\'s  "two"'; // gone
let count = 4
const half = count / 2 / 1, sum = 1 + +half - -count
const pattern = /[/"`]\/  x/g, found = ["/\"\`/  x"].filter((one) => /^\/"/.test(one))
const tell = () => {
  return /a  b/.source
}
;[1, 2].forEach((each) => {
  count += each
})
count++
const nested = `a  \`
  b ${[1, 2].map((each) => `${each} {  ${{ each }.each}}`).join("  ")}  // kept
  ${`}`}`
class Told { #one = 1; get one() { return this.#one in { 1: 0 } } static two = typeof here }
console.log(JSON.stringify([here, two, half, sum, pattern.source, found, tell(), count, nested, new Told().one,
  Told.two, html`<p
    class="x">  ${1}
  </p>`, `line
    line`]))
"""


def test_a_bare_script_does_what_it_did_and_has_no_white_space_to_spare() -> None:
    small = bare.bare(SCRIPT)
    ran = [subprocess.run(["node", "--eval", text], capture_output=True, text=True) for text in (SCRIPT, small)]
    first, second = (json.loads(one.stdout) for one in ran)
    assert first[-2:] == ['<p\n    class="x">  |\n  </p>1', "line\n    line"]
    assert second == [*first[:-2], '<p class="x">  | </p>1', first[-1]]
    assert "gone" not in small and "Gone" not in small and bare.bare(small) == small
    assert "const half=count/2/1,sum=1+ +half- -count\nconst pattern=" in small


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
