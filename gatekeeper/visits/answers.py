"""The questions of a visit as a form, made from what the rules demand of it and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf.file import FileField
from wtforms import Field as FormField
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import Length, Optional, ValidationError

from gatekeeper.clock import ZONE, from_micros, local, micros
from gatekeeper.formats.people import clean_text
from gatekeeper.forms import OnceForm
from gatekeeper.language import lazy, say, t
from gatekeeper.rules.decide import Question
from gatekeeper.rules.kinds import KINDS, UNITS, Field
from gatekeeper.rules.values import Answer, Text
from gatekeeper.visits.forms import TickList, named

NUMBER_WORDS = Text("请填 {low} 到 {high} 之间的数，例如 {example}", "A number from {low} to {high}, such as {example}")


class Reading(StringField):
    """A reading in people's terms (36.6); ``data`` becomes the stored integer (366)."""

    def __init__(self, *args: Any, unit: str, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.minimum, self.maximum = UNITS[unit], minimum, maximum
        self.number: int | None = None

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip().translate(str.maketrans("０１２３４５６７８９．。", "0123456789..")).rstrip("℃度cC ")
        if not text:
            return
        try:
            scaled = Decimal(text) * self.unit.scale
            number = int(scaled) if scaled == scaled.to_integral_value() and text.isascii() else None
        except (InvalidOperation, OverflowError, ValueError):
            number = None
        if number is None or not self.minimum <= number <= self.maximum:
            words = say(NUMBER_WORDS).format(
                low=self.unit.say(self.minimum),
                high=self.unit.say(self.maximum),
                example="36.6" if self.unit.code == "celsius" else self.unit.say((self.minimum + self.maximum) // 2),
            )
            raise ValidationError(words)
        self.number = number


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on the form: its fields by name of the answer's field."""

    question: Question
    prefix: str
    fields: tuple[Field, ...]


class AnswerForm(OnceForm):
    """The base; ``build`` adds the fields. ``asked`` keeps the questions in the rules' order."""

    asked: tuple[Asked, ...] = ()

    def blocks(self) -> list[tuple[Question, list[FormField]]]:
        """Each question with its form fields, for the page."""
        return [(a.question, [self[f"{a.prefix}_{f.name}"] for f in a.fields]) for a in self.asked]

    def answers(self) -> list[dict[str, Any]]:
        """The answers that were given; a question left empty stays open."""
        given = []
        for asked in self.asked:
            value = {f.name: v for f in asked.fields if (v := _value(self[f"{asked.prefix}_{f.name}"], f)) is not None}
            if not _is_given(value):
                continue
            answer = {
                "question": asked.question.code,
                "subject": asked.question.subject,
                "kind": asked.question.kind,
                "value": value,
            }
            if asked.question.kind == "number":
                answer["unit"] = asked.question.params["unit"]
            given.append(answer)
        return given


def _is_given(value: dict[str, Any]) -> bool:
    """Whether anything was answered: unticked boxes and untouched times alone are not."""
    return any(v not in (False, []) for k, v in value.items() if k not in ("started_at", "dilution")) or any(
        value.get(k) is False for k in ("ok", "stayed")
    )


def build(questions: Sequence[Question], *, at: datetime, known: dict[tuple[str, str], Answer]) -> AnswerForm:
    """A form with the fields of ``questions``, filled with what was answered before."""
    namespace: dict[str, Any] = {}
    asked = []
    for number, question in enumerate(questions):
        fields = KINDS[question.kind].answer_fields(question.params)
        before = known.get((question.code, question.subject))
        for field in fields:
            default = before.value.get(field.name) if before else None
            namespace[f"q{number}_{field.name}"] = _form_field(question, field, default, at)
        asked.append(Asked(question, f"q{number}", fields))
    form: AnswerForm = type("VisitAnswers", (AnswerForm,), namespace)()
    form.asked = tuple(asked)
    return form


def _form_field(question: Question, field: Field, default: Any, at: datetime) -> FormField:
    label, blank = lazy(*field.label), [Optional()]
    params = question.params
    if field.type == "bool":
        yes, no = _yes_no(question.kind, field.name)
        options = [("yes", lazy(*yes)), ("no", lazy(*no))]
        chosen = None if default is None else ("yes" if default else "no")
        return RadioField(label, choices=options, validators=blank, default=chosen)
    if field.type == "int" and question.kind == "number":
        shown = None if default is None else UNITS[field.unit or "count"].say(default)
        return Reading(label, unit=field.unit or "count", minimum=field.minimum, maximum=field.maximum, default=shown)
    if field.type == "int":
        preset = default if default is not None else params.get(field.name)
        return IntegerField(label, validators=blank, default=preset)
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
    if field.type == "time":
        moment = local(from_micros(default)) if default else (local(at) if field.name == "started_at" else None)
        shown = moment.replace(tzinfo=None, second=0, microsecond=0) if moment else None
        return DateTimeLocalField(label, validators=blank, default=shown, format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"])
    if field.type == "sha256":
        return FileField(label, validators=blank)
    return StringField(label, validators=[Optional(), Length(max=60)], default=default)


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
    if field.type == "time":
        return micros(data.replace(tzinfo=ZONE)) if data else None
    if field.type == "text":
        return clean_text(data, 60) or None if data else None
    if field.type == "sha256":
        return data if isinstance(data, str) else None
    return data or None


def subject_label(subject: str, state: Any) -> str:
    """Who or what a question is about, in words: the driver, passenger 2, the trailer."""
    if subject.startswith("occupant:"):
        person, number = state.people.get(subject), int(subject.split(":")[1])
        role = person.role if person else "driver"
        words = {
            "driver": t("司机", "Driver"),
            "passenger": t(f"随车人员 {number}", f"Passenger {number}"),
            "visitor": t(f"来访人 {number}", f"Visitor {number}"),
        }
        return words.get(role, role)
    if subject.startswith("trailer"):
        return t("挂车", "Trailer")
    return {"tractor": t("车头", "Tractor")}.get(subject, "")
