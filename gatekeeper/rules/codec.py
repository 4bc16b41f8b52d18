"""Rulebook documents (``gate-rulebook/1``) to rulebooks and back.

A document is what an editor, a pack file or another system offers. ``parse`` finds everything that is wrong at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatekeeper.rules import checks
from gatekeeper.rules.bounds import check_bounds, read
from gatekeeper.rules.contradictions import contradictions
from gatekeeper.rules.difference import compare
from gatekeeper.rules.faults import Fault, Faults, RulebookInvalid
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.kinds.handling import STAGE_ORDER
from gatekeeper.rules.values import Consequence, Owner, Rule, Rulebook, Stage, SubjectKind, Text
from gatekeeper.rules.vocabulary import CONSEQUENCES, EVIDENCE, OVERRIDE_ROLES, STAGES, SUBJECTS, Choice

__all__ = ["Fault", "RulebookInvalid", "canonical", "compare", "contradictions", "load", "parse", "to_document"]

SCHEMA = "gate-rulebook/1"
RULES = 200
TITLE, WHY, SOURCE = 60, 300, 200
BOOK_KEYS = ("schema", "title", "rules", "retention", "pack", "purpose")
RULE_KEYS = (
    "code", "stage", "kind", "subject", "when", "question", "params", "consequence", "evidence", "overridable_by",
    "title", "why", "source",
)  # fmt: skip
KIND_CHOICES = tuple(Choice(kind.code, kind.label) for kind in KINDS.values())


def load(text: str | bytes, *, owner: Owner, version: str) -> Rulebook:
    """The rulebook of a JSON text; raises ``RulebookInvalid``."""
    return parse(read(text), owner=owner, version=version)


def parse(document: Any, *, owner: Owner, version: str) -> Rulebook:
    """The rulebook of a document, every parameter filled in; raises ``RulebookInvalid`` with all its faults.

    ``pack`` and ``purpose`` may stand in a document (packs have them); they are no part of the rulebook. Whether rules
    contradict each other is asked apart: ``contradictions``.
    """
    check_bounds(document)
    faults = Faults()
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        faults.add("schema", "document.schema", "不是规则文件（gate-rulebook/1）", f"Not a rulebook ({SCHEMA})")
        raise RulebookInvalid(faults.found)
    checks.keys(document, BOOK_KEYS, "", faults)
    if "pack" in document and not checks.NAME.match(str(document["pack"])):
        faults.add("pack", "param.code", "规则包代码只能用小写字母、数字和下划线", "A pack's code: a-z, 0-9 and _")
    if "purpose" in document:
        checks.text(document["purpose"], "purpose", faults, most=WHY)
    title = checks.text(document.get("title"), "title", faults, most=TITLE)
    retention = checks.retention(document.get("retention", {}), faults)
    rows = document.get("rules")
    if not isinstance(rows, (list, tuple)) or len(rows) > RULES:
        faults.add("rules", "rules.count", f"规则最多 {RULES} 条", f"At most {RULES} rules, as a list")
        raise RulebookInvalid(faults.found)
    rules = [_rule(row, f"rules[{index}]", faults) for index, row in enumerate(rows)]
    _codes_once(rules, faults)
    _one_kind_per_question(rules, faults)
    if faults.found:
        raise RulebookInvalid(faults.found)
    return Rulebook(owner, version, title, tuple(rule for rule in rules if rule is not None), retention)


def _rule(row: Any, path: str, faults: Faults) -> Rule | None:
    """The rule, as far as it can be read; None where its kind, stage, subject or consequence is wrong."""
    faults.rule = None
    if not isinstance(row, dict):
        faults.add(path, "rule.shape", "这条规则无法读取", "This is not a rule")
        return None
    code = row.get("code")
    faults.rule = code[:40] if isinstance(code, str) else None
    checks.keys(row, RULE_KEYS, path, faults)
    if not isinstance(code, str) or not checks.NAME.match(code):
        faults.add(f"{path}.code", "rule.code", "规则代码只能用小写字母、数字和下划线", "A rule's code: a-z, 0-9 and _")
    title = checks.text(row.get("title"), f"{path}.title", faults, most=TITLE)
    why = checks.text(row.get("why"), f"{path}.why", faults, most=WHY)
    source = checks.text(row["source"], f"{path}.source", faults, most=SOURCE) if "source" in row else None
    when = row.get("when", [])
    if not isinstance(when, (list, tuple)) or len(when) > checks.CLAUSES:
        faults.add(
            f"{path}.when", "rule.clauses", f"条件最多 {checks.CLAUSES} 个", f"At most {checks.CLAUSES} conditions"
        )
        when = []
    clauses = [checks.clause(item, f"{path}.when[{index}]", faults) for index, item in enumerate(when)]
    named = [
        checks.one_of(row.get("kind"), KIND_CHOICES, f"{path}.kind", faults),
        checks.one_of(row.get("stage"), STAGES, f"{path}.stage", faults),
        checks.one_of(row.get("subject"), SUBJECTS, f"{path}.subject", faults),
        checks.one_of(row.get("consequence"), CONSEQUENCES, f"{path}.consequence", faults),
    ]
    evidence = checks.some_of(row.get("evidence"), EVIDENCE, f"{path}.evidence", faults)
    roles = checks.some_of(row.get("overridable_by"), OVERRIDE_ROLES, f"{path}.overridable_by", faults)
    params = checks.params(row["kind"], row.get("params", {}), f"{path}.params", faults) if named[0] else {}
    if not all(named):
        return None
    rule = Rule(
        code=str(code),
        stage=Stage(row["stage"]),
        kind=row["kind"],
        subject=SubjectKind(row["subject"]),
        title=title,
        why=why,
        when=tuple(item for item in clauses if item is not None),
        question=row.get("question"),
        params=params,
        consequence=Consequence(row["consequence"]),
        evidence=evidence,
        overridable_by=roles,
        source=source,
    )
    _fits_kind(rule, path, faults)
    return rule


def _fits_kind(rule: Rule, path: str, faults: Faults) -> None:
    kind, asked = KINDS[rule.kind], rule.question
    if kind.asks and (not isinstance(asked, str) or not checks.NAME.match(asked)):
        faults.add(f"{path}.question", "rule.question", "请写明查验项的代码", "Name the question: a-z, 0-9 and _")
    if not kind.asks and asked is not None:
        faults.add(f"{path}.question", "rule.question", "这类规则不问问题", "A rule of this kind asks nothing")
    if rule.subject not in kind.subjects:
        faults.add(
            f"{path}.subject", "rule.subject", "这类规则只能针对整次来访", "A rule of this kind is about the visit"
        )
    if rule.stage not in kind.stages:
        zh = "、".join(choice.label.zh for choice in STAGES if choice.code in kind.stages)
        en = ", ".join(stage.value for stage in kind.stages)
        faults.add(f"{path}.stage", "rule.stage", f"这类规则只能用于：{zh}", f"A rule of this kind belongs to: {en}")
    attested = [stage for stage in rule.params.get("at", ()) if isinstance(stage, str) and stage in STAGE_ORDER]
    if rule.kind == "stay_in_cab" and attested and rule.stage != min(attested, key=STAGE_ORDER.__getitem__):
        zh, en = "环节须是第一次确认的环节", "The stage is that of the first attestation"
        faults.add(f"{path}.stage", "rule.stage", zh, en)


def _codes_once(rules: list[Rule | None], faults: Faults) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule is None:
            continue
        if rule.code in seen:
            faults.rule = rule.code
            zh, en = f"规则代码“{rule.code}”已经用过", f"The code “{rule.code}” is used twice"
            faults.add(f"rules[{index}].code", "rule.twice", zh, en)
        seen.add(rule.code)


def _one_kind_per_question(rules: list[Rule | None], faults: Faults) -> None:
    """An answer has one shape: rules that share a question share kind and unit or format."""
    shapes: dict[str, tuple[str, Any]] = {}
    for index, rule in enumerate(rules):
        if rule is None:
            continue
        for question in (rule.question, rule.params.get("alternative_question")):
            if not isinstance(question, str):
                continue
            shape = (rule.kind, rule.params.get("unit", rule.params.get("format")))
            if shapes.setdefault(question, shape) != shape:
                faults.rule = rule.code
                zh = f"查验项“{question}”在别的规则里是另一种答案"
                en = f"Another rule asks “{question}” for another kind of answer"
                faults.add(f"rules[{index}].question", "rule.question_kind", zh, en)


def to_document(rulebook: Rulebook) -> dict[str, Any]:
    """The document of a rulebook, every field and parameter written out; ``parse`` gives the same rulebook back.

    ``retention`` and the ``source`` of a rule stand in it only where there is one.
    """
    made = {"schema": SCHEMA, "title": _pair(rulebook.title), "rules": [_row(rule) for rule in rulebook.rules]}
    return {**made, "retention": dict(rulebook.retention)} if rulebook.retention else made


def _row(rule: Rule) -> dict[str, Any]:
    row = {
        "code": rule.code,
        "stage": rule.stage.value,
        "kind": rule.kind,
        "subject": rule.subject.value,
        "when": [{"fact": c.fact, "op": c.op, "value": _listed(c.value)} for c in rule.when],
        "question": rule.question,
        "params": {name: _listed(value) for name, value in rule.params.items()},
        "consequence": rule.consequence.value,
        "evidence": list(rule.evidence),
        "overridable_by": list(rule.overridable_by),
        "title": _pair(rule.title),
        "why": _pair(rule.why),
    }
    return {**row, "source": _pair(rule.source)} if rule.source else row


def _pair(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _listed(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_listed(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document's bytes for hashing: sorted keys, no spaces, ASCII. Raises ``RulebookInvalid`` beyond the bounds."""
    check_bounds(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
