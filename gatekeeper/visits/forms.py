"""The forms of the visit pages. Nothing typed is lost: a form that cannot be taken is shown again with its reasons."""

from __future__ import annotations

import re

from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from gatekeeper.errors import Invalid
from gatekeeper.forms import Form, OnceForm, options
from gatekeeper.language import lazy, say
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rules.vocabulary import CARGO, VERDICTS, Choice
from gatekeeper.visits.narrowing import SOME


def named(choices: tuple[Choice, ...], *, empty: bool = False) -> list[SelectChoice]:
    """A closed list of codes as the options of a field; ``empty`` puts "not chosen" first."""
    pairs = [(choice.code, lazy(*choice.label)) for choice in choices]
    return options([("", lazy("未选", "not chosen")), *pairs] if empty else pairs)


REASON = Length(max=200)


class TickList(SelectMultipleField):
    """Several of a few, as ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


BETWEEN_PLACES = re.compile("[、，,;；\n]+")


class Places(Form):
    """Places that are typed by name or picked from the list under the field."""

    def place(self, typed: StringField, code: HiddenField) -> None:
        """Put the code of what was typed or picked into ``code``; a pick that was typed over since does not count."""
        words = " ".join((typed.data or "").split())
        picked = code.data if code.data and words and risk_areas.path(code.data) == words else None
        try:
            code.data = risk_areas.place(words, picked, field=typed.short_name) or ""
        except Invalid as refused:
            code.data = ""
            raise ValidationError(say(refused.text)) from None
        typed.data = risk_areas.path(code.data) if code.data else ""


class ReasonForm(OnceForm):
    """An act with a reason: turning away, voiding."""

    reason = TextAreaField(
        lazy("原因", "Reason"), validators=[DataRequired(lazy("请写明原因", "Please write the reason")), REASON]
    )


class OverrideForm(ReasonForm):
    """Which findings are waived; the choices are those that this person may waive."""

    findings = TickList(
        lazy("放行哪些规则", "Which rules"),
        validators=[DataRequired(lazy("请至少选一条规则", "Choose at least one rule"))],
    )


class CorrectForm(ReasonForm, Places):
    """Corrections are added, the old values stay in the book."""

    plate = StringField(lazy("车牌", "Plate"), validators=[Length(max=20)])
    origin = StringField(lazy("从哪里来", "Coming from"), validators=[Length(max=60)])
    origin_code = HiddenField()
    cargo = SelectField(lazy("货物", "Cargo"), choices=named(CARGO, empty=True), validators=[Optional()])

    def validate_origin(self, field: StringField) -> None:
        self.place(field, self.origin_code)


class NoteForm(OnceForm):
    text = TextAreaField(
        lazy("备注", "Note"),
        validators=[DataRequired(lazy("请写内容", "Write something")), Length(max=500)],
    )


ALL = ("", lazy("全部", "all"))


class LogForm(Form):
    """The search of the gate log; sent by GET, so that a search can be kept as an address."""

    class Meta:
        csrf = False

    first = DateField(lazy("从", "From"), validators=[Optional()])
    last = DateField(lazy("到", "To"), validators=[Optional()])
    plate = StringField(lazy("车牌（一部分也行）", "Plate, or a part of it"), validators=[Length(max=20)])
    verdict = SelectField(
        lazy("判定", "Verdict"),
        choices=[*options([ALL]), *named(VERDICTS)],
    )
    some = SelectField(
        lazy("哪些来访", "Which visits"),
        choices=options([ALL, *((code, lazy(*name)) for code, (name, _) in SOME.items())]),
    )
    gate = SelectField(lazy("门岗", "Gate"))
    person = SelectField(lazy("当班人", "On duty"))
