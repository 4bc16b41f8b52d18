"""The questions of a visit as a form, made from what the rules demand of it and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_wtf.file import FileField
from wtforms import Field as FormField
from wtforms import RadioField, SelectField, StringField
from wtforms.fields import DateField, DateTimeLocalField
from wtforms.validators import Length, Optional, ValidationError

from gatekeeper.clock import ZONE, from_micros, local, micros
from gatekeeper.formats.people import clean_text
from gatekeeper.forms import OnceForm, options
from gatekeeper.language import lazy, t
from gatekeeper.rules.decide import Question
from gatekeeper.rules.kinds import KINDS, Field
from gatekeeper.rules.kinds.plain import UNITS
from gatekeeper.rules.values import Answer, Text
from gatekeeper.visits.forms import TickList, named
from gatekeeper.visits.reading import Reading
from gatekeeper.visits.state import State

NOT_ALONE = ("started_at", "dilution")
"""Fields that are filled in beforehand: with nothing beside them they are no answer."""


FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""Between these a certificate may end."""
READ_IN = {"number": "unit", "text": "format"}
"""The parameter that an answer carries with it: what it is read in, which says how personal it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on the form: its fields, the beginning of their names, and what was answered before."""

    question: Question
    prefix: str
    fields: tuple[Field, ...]
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """One question as the page shows it: the fields that its rules want, and ``more`` that may be noted besides."""

    question: Question
    fields: tuple[FormField, ...]
    more: tuple[FormField, ...]


class AnswerForm(OnceForm):
    """The base; ``build`` adds the fields. ``asked`` keeps the questions in the rules' order."""

    asked: tuple[Asked, ...] = ()

    def subjects(self) -> list[tuple[str, list[Block]]]:
        """The questions by whom they are asked of, each subject once, for the page."""
        found: dict[str, list[Block]] = {}
        for asked in self.asked:
            spare = _not_wanted(asked.question)
            fields = tuple(self[asked.prefix + field.name] for field in asked.fields if field.name not in spare)
            more = tuple(self[asked.prefix + field.name] for field in asked.fields if field.name in spare)
            found.setdefault(asked.question.subject, []).append(Block(asked.question, fields, more))
        return list(found.items())

    def typed(self, asked: Asked) -> dict[str, Any]:
        """What was filled in for a question; a list that was ticked before and is empty now was emptied."""
        found = {field.name: _value(self[asked.prefix + field.name], field) for field in asked.fields}
        emptied = {name: [] for name, value in asked.before.items() if value and isinstance(value, (list, tuple))}
        return {**emptied, **{name: value for name, value in found.items() if value is not None}}

    def validate(self, extra_validators: Any = None) -> bool:
        """As every form; a negative test also says when it was taken, since its rule counts from there."""
        right = super().validate(extra_validators)
        for asked in self.asked:
            value = {**asked.before, **self.typed(asked)}
            if asked.question.kind == "test" and value.get("result") == "negative" and not value.get("sampled_at"):
                field = self[f"{asked.prefix}sampled_at"]
                field.errors = [*field.errors, t("请填写采样时间", "Give the time of sampling")]
                right = False
        return right

    def answers(self) -> list[dict[str, Any]]:
        """The answers that were given or changed; a question left empty stays open."""
        given = []
        for asked in self.asked:
            typed = self.typed(asked)
            value = {**asked.before, **typed}
            if value == asked.before or not (asked.before or _is_given(typed)):
                continue
            answer = {
                "question": asked.question.code,
                "subject": asked.question.subject,
                "kind": asked.question.kind,
                "value": value,
            }
            if asked.question.kind in READ_IN:
                answer["unit"] = asked.question.params[READ_IN[asked.question.kind]]
            given.append(answer)
        return given


def _is_given(value: Mapping[str, Any]) -> bool:
    """Whether anything was answered: what the form filled in by itself is no answer alone."""
    return any(v != [] for name, v in value.items() if name not in NOT_ALONE)


def build(
    questions: Sequence[Question],
    *,
    at: datetime,
    known: Mapping[tuple[str, str], Answer],
    prefix: str,
    **source: Any,
) -> AnswerForm:
    """A form with the fields of ``questions``, filled with what was answered before, except what is personal.

    A field's name is made of its question and subject, so that an answer never slides to another question when the
    questions changed meanwhile. ``source``: ``formdata=None`` for a form that was not sent.
    """
    namespace: dict[str, Any] = {}
    asked = []
    for question in questions:
        fields = _asked_for(question)
        answer = known.get((question.code, question.subject))
        before = dict(answer.value) if answer else {}
        start = f"{question.code}--{question.subject}--{question.kind}--"
        for field in fields:
            default = None if field.personal else before.get(field.name)
            namespace[start + field.name] = _form_field(question, field, default, at)
        asked.append(Asked(question, start, fields, before))
    form: AnswerForm = type("VisitAnswers", (AnswerForm,), namespace)(prefix=prefix, **source)
    form.asked = tuple(asked)
    return form


def _asked_for(question: Question) -> tuple[Field, ...]:
    """The fields of an answer, without the validity of a code where no rule wants it: a guard has 20 seconds."""
    fields = KINDS[question.kind].answer_fields(question.params)
    if question.kind == "code_check" and not question.params["valid_until_required"]:
        return tuple(field for field in fields if field.name != "valid_until")
    return fields


def _not_wanted(question: Question) -> frozenset[str]:
    """Fields that no rule behind the question looks at: they stand folded away, for a guard has 20 seconds."""
    params = question.params
    if question.kind != "disinfection":
        return frozenset()
    spare = {"dilution"} if params["dilution"] is None else set()
    spare |= {"started_at", "finished_at"} if not params["contact_minutes"] else set()
    return frozenset(spare | {name for name in ("operator", "protective_clothing") if not params[name]})


def _form_field(question: Question, field: Field, default: Any, at: datetime) -> FormField:
    label, blank = lazy(*field.label), [Optional()]
    params = question.params
    if field.type == "bool":
        yes, no = _yes_no(question.kind, field.name)
        keys = options([("yes", lazy(*yes)), ("no", lazy(*no))])
        chosen = None if default is None else ("yes" if default else "no")
        return RadioField(label, choices=keys, validators=blank, default=chosen)
    if field.type == "int":
        unit, preset = field.unit or "count", default if default is not None else params.get(field.name)
        shown = None if preset is None else UNITS[unit].say(preset)
        return Reading(label, unit=unit, minimum=field.minimum, maximum=field.maximum, default=shown)
    if field.type == "choice":
        allowed = params.get(f"{field.name}s") or None
        choices = [c for c in field.choices if allowed is None or c.code in allowed or c.code == default]
        if len(choices) > 5:
            return SelectField(label, choices=named(tuple(choices), empty=True), validators=blank, default=default)
        return RadioField(label, choices=named(tuple(choices)), validators=blank, default=default)
    if field.type == "choices":
        wanted = params.get(field.name) or ()
        choices = [c for c in field.choices if not wanted or c.code in wanted]
        return TickList(label, choices=named(tuple(choices)), validators=blank, default=default or [])
    if question.kind == "certificate":
        return DateField(
            label, validators=[*blank, _sensible], default=local(from_micros(default)).date() if default else None
        )
    if field.type == "time":
        moment = local(from_micros(default)) if default else (local(at) if field.name == "started_at" else None)
        shown = moment.replace(tzinfo=None, second=0, microsecond=0) if moment else None
        shapes = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
        return DateTimeLocalField(label, validators=blank, default=shown, format=shapes)
    if field.type == "sha256":
        return FileField(label, validators=blank)
    return StringField(label, validators=[Optional(), Length(max=min(field.maximum, 200))], default=default)


def _sensible(form: Any, field: FormField) -> None:
    """The last day of a certificate: one that nobody mistyped."""
    if field.data and not FIRST <= field.data <= LAST:
        raise ValidationError(t("请核对年份", "Please check the year"))


def _yes_no(kind: str, name: str) -> tuple[Text, Text]:
    if kind == "stay_in_cab":
        return Text("一直在车内", "Stayed in the cab"), Text("下过车", "Left the cab")
    if name == "protective_clothing":
        return Text("穿戴齐全", "Worn"), Text("没有穿", "Not worn")
    if kind == "document_handoff":
        return Text("已确认", "Confirmed"), Text("未确认", "Not confirmed")
    return Text("是", "Yes"), Text("否", "No")


def _value(form_field: FormField, field: Field) -> Any:
    """The stored value of one field; None when it was left empty."""
    data = form_field.data
    if field.type == "bool":
        return {"yes": True, "no": False}.get(data)
    if isinstance(form_field, Reading):
        return form_field.number
    if isinstance(form_field, DateField):
        return micros(datetime.combine(data, time.max, ZONE)) if data else None
    if field.type == "time":
        return micros(data.replace(tzinfo=ZONE)) if data else None
    if field.type == "text":
        return clean_text(data, min(field.maximum, 200)) or None if data else None
    if field.type == "sha256":
        return data if isinstance(data, str) else None
    if field.type == "choice" and data not in {choice.code for choice in field.choices}:
        return None
    return data or None


def subject_label(subject: str, state: State) -> str:
    """Who or what a question is about, in words: the driver, passenger 2, the trailer."""
    if subject.startswith("occupant:"):
        person, number = state.people.get(subject), int(subject.split(":")[1])
        role = person.role if person else "driver"
        words = {
            "driver": t("司机", "Driver"),
            "passenger": t(f"随车人员 {number - 1}", f"Passenger {number - 1}"),
            "visitor": t(f"来访人 {number}", f"Visitor {number}"),
        }
        return words.get(role, role)
    if subject.startswith("trailer"):
        return t("挂车", "Trailer")
    return t("车辆", "Vehicle") if subject == "tractor" else t("本次来访", "The visit")
