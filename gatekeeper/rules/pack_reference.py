"""The packs as ``docs/packs.md`` shows them, from their files: ``python -m gatekeeper.rules.pack_reference FILE``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gatekeeper.rules import codec, pack_words, packs
from gatekeeper.rules.difference import value_words
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.kinds.shape import Param
from gatekeeper.rules.questions import uses
from gatekeeper.rules.sentences import joined, names, sentence
from gatekeeper.rules.values import Owner, Rule, Text
from gatekeeper.rules.vocabulary import EVIDENCE, OVERRIDE_ROLES, STAGES, label

BEGIN = "<!-- written by gatekeeper/rules/pack_reference.py -->\n"
NOBODY = Text("无", "none")


def reference() -> str:
    """Every pack as Markdown, both languages."""
    return "\n".join(_pack(packs.load(code)) for code in packs.codes())


def _pack(document: dict[str, Any]) -> str:
    book = codec.parse(document, owner=Owner.ENTERPRISE, version=document["pack"])
    purpose = Text(**document["purpose"])
    lines = [
        f"## `{document['pack']}` {book.title.zh} ({book.title.en})\n",
        f"{purpose.zh}  \n{purpose.en}\n",
        *(_both(what.zh, what.en, said) for what, said in pack_words.about(book)),
        f"- `facts`: {' '.join(f'`{name}`' for name in uses([book]))}\n",
        *(_rule(rule) for rule in book.rules),
    ]
    return "\n".join(lines)


def _rule(rule: Rule) -> str:
    kind = KINDS[rule.kind]
    says = sentence(rule)
    lines = [
        f"### `{rule.code}` {rule.title.zh} ({rule.title.en})\n",
        f"{says.zh}  \n{says.en}\n",
        _both("为什么", "Why", rule.why),
        _both("依据", "Source", rule.source or NOBODY),
        f"- 类别 Kind: `{rule.kind}` {kind.label.zh}; {label(STAGES, rule.stage).zh} `{rule.stage}`",
        _both("可例外放行", "May be overridden by", _listed(rule.overridable_by, OVERRIDE_ROLES)),
    ]
    if rule.evidence:
        lines.append(_both("凭据", "Evidence", names(rule.evidence, EVIDENCE)))
    lines += [_setting(param, rule) for param in kind.params if _is_set(param, rule)]
    if kind.records(rule.params):
        lines.append(_both("只作记录", "Recorded only", Text("任何回答都不算违反", "no answer breaks it")))
    return "\n".join(lines) + "\n"


def _is_set(param: Param, rule: Rule) -> bool:
    """Whether the parameter says something here: not an empty one, nor whether a limit counts that there is none of."""
    limit = param.name.removesuffix("_inclusive")
    return rule.params[param.name] not in (None, ()) and rule.params.get(limit, limit) is not None


def _listed(codes: Sequence[str], choices: Any) -> Text:
    return names(codes, choices) if codes else NOBODY


def _setting(param: Param, rule: Rule) -> str:
    """A parameter, its value, and between which limits it can be set."""
    unit = UNITS.get(rule.params.get("unit") or "") if param.by_unit else None
    value = value_words(param, rule.params[param.name], rule.params.get("unit"))
    if param.name == "accepted" and param.type == "codes":
        options = {option["code"]: Text(option["zh"], option["en"]) for option in rule.params["options"]}
        value = joined([options[code] for code in rule.params["accepted"]])
    limits = ""
    if unit:
        limits = f" [{unit.say(unit.limit_lowest, short=True)} – {unit.say(unit.limit_highest, short=True)}]"
    elif param.type == "int":
        limits = f" [{param.minimum} – {param.maximum}]"
    said = _both(param.label.zh, param.label.en[:1].upper() + param.label.en[1:], value)
    return f"{said}{limits} `{param.name}`"


def _both(zh: str, en: str, text: Text) -> str:
    return f"- {zh} {en}: {text.zh} / {text.en}"


def main(path: str) -> None:
    """Write the packs into the document at ``path``, after its own text."""
    file = Path(path)
    own = file.read_text("utf-8").split(BEGIN)[0]
    file.write_text(own + BEGIN + reference(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
