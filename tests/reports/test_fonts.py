"""Every character that the product can print has a glyph, and one that has none is printed as its code point."""

from __future__ import annotations

import ast
import gzip
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from bench import report as busy
from gatekeeper.config import ROOT
from gatekeeper.reports import glyphs, pdf

EXTENSIONS = (
    "𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶"
    "𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯"
    "𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)
"""What the Table of General Standard Characters has beyond the basic plane: names are written with it."""

NAMES = (
    "㛃㑇㕮㘎㙍㙘㙦㛚㛹㟃㟍㠇㠓㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖"
    "䓛䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
)
"""Those of Extension A."""


def literals() -> Iterator[str]:
    """The text of every template, and every string of the program."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "gatekeeper").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name != "characters.py":  # letters of other scripts that are read, never written
            yield from (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def regions() -> str:
    return gzip.decompress((ROOT / "gatekeeper" / "formats" / "regions.tsv.gz").read_bytes()).decode()


def printable(text: str) -> set[int]:
    """The code points of ``text`` that a report would print and not take out."""
    shown = str(pdf._printable(text))
    return {ord(c) for c in shown if not c.isspace() and c != "\ufffd"}


def basic() -> str:
    """The ideographs of GB 2312 and GBK: what most people write with."""
    return "".join(chr(point) for point in range(0x4E00, 0x9FA6))


PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领警学港澳挂应急ABCDEFGHJKLMNPQRSTUVWXYZ·"

WANTED = {
    "literals": lambda: "".join(literals()),
    "regions": regions,
    "basic": basic,
    "names": lambda: NAMES + EXTENSIONS,
    "plates": lambda: (
        "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领警学港澳挂应急0123456789ABCDEFGHJKLMNPQRSTUVWXYZ·"
    ),
}


@pytest.mark.parametrize("name", WANTED)
def test_every_character_that_is_printed_has_a_glyph(name: str) -> None:
    assert glyphs.known() and glyphs.missing(str(pdf._printable(WANTED[name]()))) == []


def characters_of(pattern: str) -> set[int]:
    """What the font that fontconfig takes for ``pattern`` can show."""
    asked = ["fc-match", "--format=%{file}\n%{index}", pattern]
    path, index = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("\n")
    with TTFont(path, fontNumber=int(index) & 0xFFFF if path.endswith(".ttc") else -1, lazy=True) as font:
        return set(font.getBestCmap())


@pytest.mark.parametrize("style", ["regular", "bold"])
def test_names_are_in_the_chinese_font_itself_in_both_weights(style: str) -> None:
    held = characters_of(f"{glyphs.FAMILY}:{style}")
    wanted = printable(NAMES + EXTENSIONS + regions()) | printable(basic())
    assert [glyphs.point(chr(point)) for point in sorted(wanted - held)] == []
    assert held <= glyphs.known()


def test_a_character_that_no_font_has_is_printed_as_its_code_point_with_a_note(tmp_path: Path) -> None:
    report = busy.report(1)
    report = replace(report, issuer=replace(report.issuer, name="青溪\U0002a6d5\ue000水泥厂"))
    path = tmp_path / "rare.pdf"
    path.write_bytes(pdf.render(report))
    told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "青溪U+2A6D5U+E000水泥厂" in told
    assert "按码位印出：U+E000、U+2A6D5" in told.replace("\n", "")
    assert "按码位" not in pdf.document(busy.report(1))


def test_where_the_fonts_are_not_known_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    glyphs.known.cache_clear()
    assert glyphs.missing("甲\ue000") == []
    glyphs.known.cache_clear()
