"""The form of one rule made to fit its kind, its conditions and what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gatekeeper.db import new_id
from gatekeeper.formats import regions
from gatekeeper.forms import options
from gatekeeper.language import lazy
from gatekeeper.rulebooks.conditions import MOST, clauses, offered, picked, row_fields, row_sent, rows_sent
from gatekeeper.rulebooks.context import Surroundings
from gatekeeper.rulebooks.params import param_fields
from gatekeeper.rulebooks.rule_form import RuleForm
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Rule, Stage


def rule_form(
    kind: str,
    around: Surroundings,
    rules: Sequence[Rule],
    *,
    typed: Any,
    rule: Mapping[str, Any] | None = None,
    code: str | None = None,
    revision: int = 0,
) -> RuleForm:
    """The form of a rule of ``kind``: of ``rule`` (a rule document), or new (None); ``code`` where it has one already.

    ``rules`` are those of the draft, ``typed`` the fields that were sent (empty: the form is shown first), of which
    ``add_condition`` (a fact) and ``drop`` (a row) add and take away a row of conditions.
    """
    before = rule or {}
    written = clauses(before.get("when") or ())
    indexes = rows_sent(typed) if typed else list(range(len(written)))
    fields: dict[str, Any] = {}
    for index in indexes:
        clause = written[index] if index < len(written) else None
        name = typed.get(f"when_{index}_fact", clause.fact if clause else "")
        if name in FACTS and FACTS[name].ops:
            fields |= row_sent(index, name, around, clause if clause and clause.fact == name else None, typed)
    rows = tuple(index for index in indexes if f"when_{index}_fact" in fields)
    added = typed.get("add_condition", "")
    if added in dict(offered(around)) and len(rows) < MOST:
        index = max((*rows, len(written) - 1), default=-1) + 1
        fields |= row_fields(index, FACTS[added], around, None, ())
        rows = (*rows, index)
    fields |= param_fields(KINDS[kind], before.get("params") or {}, around, _option_rows(typed))
    made: RuleForm = type("KindForm", (RuleForm,), fields)(data=_plain(before, kind))
    made.kind, made.rows, made.before = kind, rows, before
    made.code = code or before.get("code") or _code(typed, kind)
    _fit(made, around, rules)
    made.adjusting = any(name in typed for name in ("add_condition", "drop", "add_place", "preview"))
    if made.adjusting:
        _keep_places(made)
    if not typed:
        made.revision.data = str(revision)
    return made


def _keep_places(form: RuleForm) -> None:
    """Places that were picked become ticks, so that another one can be picked."""
    for row in form.conditions:
        fields = row["fields"]
        if "place" not in fields:
            continue
        code = picked(fields["place"].data, fields["place_code"].data)
        if code and code not in fields["values"].data:
            fields["values"].data = [*fields["values"].data, code]
            fields["values"].choices = [*fields["values"].choices, *options([(code, regions.full_name(code))])]
        if code:
            fields["place"].data = fields["place_code"].data = ""


def _option_rows(typed: Any) -> int:
    return sum(1 for key in typed if key.startswith("p_options_") and key.endswith("_zh")) if len(typed) < 500 else 0


def _code(typed: Any, kind: str) -> str:
    """A new rule's code: made when the form is shown, the same each time it is sent."""
    sent = typed.get("code", "") if typed else ""
    return sent if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", sent) else f"{kind}_{new_id().hex[-6:]}"


def _plain(rule: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if not rule:
        subject = KINDS[kind].subjects[0].value
        return {"stage": _usual_stage(kind), "subject": subject, "overridable_by": ["shift_lead", "enterprise_admin"]}
    texts = {f"{name}_{tongue}": rule[name][tongue] for name in ("title", "why") for tongue in ("zh", "en")}
    same = ("stage", "subject", "question", "consequence", "evidence", "overridable_by")
    return texts | {name: rule.get(name) for name in same}


def _usual_stage(kind: str) -> str:
    stages = KINDS[kind].stages
    return (Stage.ARRIVAL if Stage.ARRIVAL in stages else stages[0]).value


def _fit(form: RuleForm, around: Surroundings, rules: Iterable[Rule]) -> None:
    """Take off what this kind has no choice about, and offer what is there."""
    kind = KINDS[form.kind]
    stages, subjects = {stage.value for stage in kind.stages}, {subject.value for subject in kind.subjects}
    form.stage.choices = [choice for choice in form.stage.choices if choice.value in stages]
    form.subject.choices = [choice for choice in form.subject.choices if choice.value in subjects]
    if form.kind == "stay_in_cab":
        del form.stage
    if len(subjects) == 1:
        del form.subject
    others = [asked for asked in around.asked((r for r in rules if r.code != form.code), form.kind)]
    form.units = {asked.code: asked.unit for asked in others}
    if kind.asks and others:
        own = lazy("单独问", "a question of its own")
        form.question.choices = options([("", own), *((asked.code, lazy(*asked.title)) for asked in others)])
        if form.question.data not in form.units:
            form.question.data = ""
    else:
        del form.question
    form.facts = offered(around)
    if not around.office:
        keep = {"shift_lead", "enterprise_admin", *(form.before.get("overridable_by") or ())}
        form.overridable_by.choices = [choice for choice in form.overridable_by.choices if choice.value in keep]
