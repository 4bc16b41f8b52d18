"""A script as it is sent: the same signs in the same order, without comments and without white space that says nothing.

It reads no grammar, only where texts, templates and patterns begin and end. Names stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

GAP = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
TEMPLATE = re.compile(r"[`}](?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{)", re.DOTALL)
"""From its beginning, or from behind what was put into it, to what is put into it next, or to its end."""
PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
SIGN = re.compile(r"""[\w$#]+|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|.""", re.DOTALL)
DIVIDES = re.compile(r"""[\w$)\]}"'`]\Z""")
"""A stroke behind what ends so divides; anywhere else it begins a pattern, and behind ``WORDS``."""
WORDS = ("return", "case", "typeof", "of")
JOINS = re.compile(r"[\w$#]{2}|\+\+|--|//")
"""Two signs that would be read as one."""
GOES_ON, GOES_BACK = "{([,;:=?&|<>*%", ")]},;.:=?&|*%<>"
"""A statement does not end where a line ends with one of these, or the next begins with one of those."""
LINES = re.compile(r"\s*\n\s*")


def bare(script: str) -> str:
    """``script`` without what only its readers need; it does the same."""
    found = [""]
    for gap, sign in signs(script):
        found += [_kept(gap, found[-1][-1:], sign[0]), sign]
    return "".join(found)


def _kept(gap: str, before: str, after: str) -> str:
    """What of the gap between two signs must stay."""
    if not gap or not before:
        return ""
    if "\n" in gap:
        return "" if before in GOES_ON or after in GOES_BACK else "\n"
    return " " if JOINS.match(before + after) else ""


def signs(script: str) -> Iterator[tuple[str, str]]:
    """Each sign with the gap before it. Of a template its text is one, up to what is put into it; ``html`` is on one
    line, since it shows every white space as one."""
    at, before = 0, ""
    braces: list[str | None] = []  # those that are open: the tag of the template that each stands in, None elsewhere
    while at < len(script):
        gap = _at(GAP, script, at)
        at += len(gap)
        first = script[at : at + 1]
        if first == "`" or (first == "}" and braces[-1] is not None):
            tag = before if first == "`" else braces.pop()
            sign = _at(TEMPLATE, script, at)
            at += len(sign)
            if sign.endswith("${"):
                braces.append(tag)
            yield gap, LINES.sub(" ", sign) if tag == "html" else sign
        elif first:
            starts = before in WORDS or not DIVIDES.search(before)
            sign = (first == "/" and starts and _at(PATTERN, script, at)) or _at(SIGN, script, at)
            at += len(sign)
            if sign == "{":
                braces.append(None)
            elif sign == "}":
                braces.pop()
            yield gap, sign
        before = sign


def _at(pattern: re.Pattern[str], script: str, place: int) -> str:
    found = pattern.match(script, place)
    return found.group() if found else ""
