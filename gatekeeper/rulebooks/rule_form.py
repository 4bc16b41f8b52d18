"""The form of one rule, made for its kind and its conditions, and the rule document it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired

from gatekeeper.errors import DomainError
from gatekeeper.language import lazy, say, t
from gatekeeper.rulebooks.checking import RulebookRefused
from gatekeeper.rulebooks.conditions import clause_of, clauses
from gatekeeper.rulebooks.fields import TickList, at_most, named
from gatekeeper.rulebooks.forms import DraftForm
from gatekeeper.rulebooks.params import AtField, limit_faults, name_of, params_of
from gatekeeper.rules.clauses import FACTS
from gatekeeper.rules.kinds import KINDS
from gatekeeper.rules.values import Stage, SubjectKind
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
    facts: Sequence[tuple[str, Any]] = ()
    """The facts that a condition may be added about, with their names."""
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
            made.append({"index": index, "fact": fact.name, "label": fact.label, "fields": fields})
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
            "title": self._both("title"),
            "why": self._both("why"),
            **({"source": dict(self.before["source"])} if self.before.get("source") else {}),
        }

    def _both(self, name: str) -> dict[str, str]:
        return {tongue: (self[f"{name}_{tongue}"].data or "").strip() for tongue in ("zh", "en")}

    def so_far(self) -> dict[str, Any]:
        """The rule as far as it is filled in: conditions that are not are left out, a title that is not is the kind's.

        Raises ``AtField`` where its parameters cannot be read yet.
        """
        rows, ready = self.rows, []
        for index in rows:
            try:
                if self._clause(index)["value"] not in ([], None):
                    ready.append(index)
            except AtField:
                continue
        self.rows = tuple(ready)
        try:
            made = self.rule()
        finally:
            self.rows = rows
        for name in ("title", "why"):
            usual = KINDS[self.kind].label._asdict()
            made[name] = {tongue: text or usual[tongue] for tongue, text in made[name].items()}
        return made

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
