"""The form of one rule, made for its kind and its conditions, and the rule document it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import (
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired

from gatekeeper.db import new_id
from gatekeeper.errors import DomainError
from gatekeeper.formats import regions
from gatekeeper.forms import options
from gatekeeper.language import lazy, say, t
from gatekeeper.rulebooks.checking import RulebookRefused
from gatekeeper.rulebooks.conditions import MOST, clause_of, clauses, offered, picked, row_fields, row_sent, rows_sent
from gatekeeper.rulebooks.context import Surroundings
from gatekeeper.rulebooks.fields import TickList, at_most, named
from gatekeeper.rulebooks.forms import DraftForm
from gatekeeper.rulebooks.params import AtField, limit_faults, name_of, param_fields, params_of
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Rule, Stage, SubjectKind
from gatekeeper.rules.vocabulary import CONSEQUENCES, EVIDENCE, OVERRIDE_ROLES, STAGES, SUBJECTS

TITLE, WHY = 60, 300


def _said(zh: str, en: str, most: int) -> list[Any]:
    return [InputRequired(lazy(zh, en)), at_most(most)]


class RuleForm(DraftForm):
    """One rule. The fields of its kind and of its conditions are added by ``rule_form``."""

    title_zh = StringField(
        lazy("名称（中文）", "Title in Chinese"), _said("请填写中文名称", "Enter the Chinese title", TITLE)
    )
    title_en = StringField(
        lazy("名称（英文）", "Title in English"), _said("请填写英文名称", "Enter the English title", TITLE)
    )
    why_zh = TextAreaField(
        lazy("为什么（中文）", "Why, in Chinese"),
        _said("请用中文写明原因", "Say why in Chinese", WHY),
        description=lazy(
            "司机和来访者会读到，门卫可以朗读", "Drivers and visitors read it; the guard can have it read aloud"
        ),
    )
    why_en = TextAreaField(
        lazy("为什么（英文）", "Why, in English"), _said("请用英文写明原因", "Say why in English", WHY)
    )
    stage = SelectField(lazy("环节", "Stage"), choices=named(STAGES))
    subject = SelectField(lazy("查谁", "Who is checked"), choices=named(SUBJECTS))
    question = SelectField(lazy("和哪一项一起问", "Asked together with"))
    add_fact = SelectField(lazy("加一个条件", "Add a condition"), validate_choice=False)
    consequence = RadioField(lazy("违反时", "When it is broken"), choices=named(CONSEQUENCES), default="hold")
    evidence = TickList(lazy("要留的凭据", "Evidence to keep"), choices=named(EVIDENCE))
    overridable_by = TickList(
        lazy("谁可以例外放行", "Who may override it"),
        choices=named(OVERRIDE_ROLES),
        description=lazy(
            "都不勾选：谁也不行。违反即劝返的规则，班长不能放行",
            "None ticked: nobody. A shift lead never overrides a rule that turns away",
        ),
    )

    kind: str = ""
    code: str = ""
    adjusting: bool = False
    """Whether a row was added or taken away: the form is shown again without judging it."""
    conflict: bool = False
    """Whether somebody else changed the draft meanwhile."""
    rows: tuple[int, ...] = ()
    before: Mapping[str, Any] = {}

    @property
    def params(self) -> list[Any]:
        """The fields of the kind, in order; options have their own rows."""
        return [field for name, field in self._fields.items() if name.startswith("p_") and "_options_" not in name]

    @property
    def option_rows(self) -> list[dict[str, Any]]:
        """The rows of a choice's options: zh, en, ok, code."""
        made, index = [], 0
        while f"p_options_{index}_zh" in self:
            made.append({part: self[f"p_options_{index}_{part}"] for part in ("zh", "en", "ok", "code")})
            index += 1
        return made

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """The rows of conditions: index, fact, and their fields by part."""
        made = []
        for index in self.rows:
            at = f"when_{index}_"
            fact = FACTS[self[f"{at}fact"].data]
            fields = {name[len(at) :]: field for name, field in self._fields.items() if name.startswith(at)}
            made.append({"index": index, "label": fact.label, "fields": fields})
        return made

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        faults = limit_faults(self)
        for fault in faults:
            self._tell(fault.field, str(fault))
        if not fine or faults:
            return False
        try:
            self.rule()
        except AtField as wrong:
            self._tell(wrong.field, str(wrong))
            return False
        return True

    def rule(self) -> dict[str, Any]:
        """The rule as data; raises ``AtField``."""
        params = params_of(self, self.kind, self.code, self.before.get("params") or {})
        return {
            "code": self.code,
            "stage": self._stage(params),
            "kind": self.kind,
            "subject": self.subject.data if "subject" in self else SubjectKind.VISIT.value,
            "when": [self._clause(index) for index in self.rows],
            "question": self._question(params),
            "params": params,
            "consequence": self.consequence.data,
            "evidence": list(self.evidence.data or ()),
            "overridable_by": list(self.overridable_by.data or ()),
            "title": {"zh": self.title_zh.data.strip(), "en": self.title_en.data.strip()},
            "why": {"zh": self.why_zh.data.strip(), "en": self.why_en.data.strip()},
            **({"source": dict(self.before["source"])} if self.before.get("source") else {}),
        }

    def _stage(self, params: Mapping[str, Any]) -> str:
        if "stage" in self:
            return str(self.stage.data)
        return next(stage.value for stage in Stage if stage.value in params["at"])

    def _question(self, params: Mapping[str, Any]) -> str | None:
        if not KINDS[self.kind].asks:
            return None
        chosen = (self.question.data if "question" in self else "") or self._own_question()
        unit = self.units.get(chosen, params.get("unit"))
        if unit != params.get("unit"):
            raise AtField("question", t("那一项用的是另一种单位", "That question is answered in another unit"))
        return chosen

    def _own_question(self) -> str:
        before = self.before.get("question")
        return str(before) if before and before not in self.units else self.code

    units: Mapping[str, str | None] = {}

    def _clause(self, index: int) -> dict[str, Any]:
        fact = FACTS[self[f"when_{index}_fact"].data]
        known = {clause.fact: clause for clause in clauses(self.before.get("when") or ())}
        try:
            return clause_of(self, index, fact, known.get(fact.name))
        except AtField:
            raise
        except ValidationError as wrong:
            at = f"when_{index}_"
            raise AtField(f"{at}place" if f"{at}place" in self else f"{at}values", str(wrong)) from None

    def _tell(self, name: str, text: str) -> None:
        if name in self:
            self[name].errors = [*self[name].errors, text]
        else:
            self.form_errors.append(text)

    def take(self, refused: DomainError) -> None:
        """Put what a service found wrong at its fields, what concerns no field of this rule above them."""
        if not isinstance(refused, RulebookRefused):
            self._tell(refused.field or "", say(refused.text))
            return
        for fault in refused.faults:
            mine = fault.rule == self.code
            self._tell(self._field_of(fault.path) if mine else "", say(fault.text))

    def _field_of(self, path: str) -> str:
        """The field that a path such as ``rules[3].params.max`` is about; "" where there is none."""
        _, _, inner = path.partition("].")
        inner = inner.split("[")[0]
        name = name_of(inner[7:]) if inner.startswith("params.") else inner.replace(".", "_")
        return name if name in self else f"{name}_zh" if f"{name}_zh" in self else ""


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
    ``add_condition`` and ``drop`` add and take away a row of conditions.
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
    added = typed.get("add_fact", "")
    if "add_condition" in typed and added in dict(offered(around)) and len(rows) < MOST:
        index = max((*rows, len(written) - 1), default=-1) + 1
        fields |= row_fields(index, FACTS[added], around, None, ())
        rows = (*rows, index)
    fields |= param_fields(KINDS[kind], before.get("params") or {}, around, _option_rows(typed))
    made: RuleForm = type("KindForm", (RuleForm,), fields)(data=_plain(before, kind))
    made.kind, made.rows, made.before = kind, rows, before
    made.code = code or before.get("code") or _code(typed, kind)
    _fit(made, around, rules)
    made.adjusting = any(name in typed for name in ("add_condition", "drop", "add_place"))
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
        return {"stage": _usual_stage(kind), "overridable_by": ["shift_lead", "enterprise_admin"]}
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
    form.add_fact.choices = options(offered(around))
    if not around.office:
        keep = {"shift_lead", "enterprise_admin", *(form.before.get("overridable_by") or ())}
        form.overridable_by.choices = [choice for choice in form.overridable_by.choices if choice.value in keep]
