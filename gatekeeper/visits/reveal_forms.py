"""The forms of a look at what is masked, and of the search for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from gatekeeper.formats import people
from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.formats.people import clean_text
from gatekeeper.forms import Form, OnceForm, labelled
from gatekeeper.language import lazy, say, t
from gatekeeper.visits.forms import REASON, TickList
from gatekeeper.visits.reveal_words import CLASSES, OTHER, PURPOSES

PREFIX = "look"


class RevealForm(OnceForm):
    """What to see and what for; the choices are what the visit still holds for this person."""

    classes = TickList(
        lazy("看什么", "What to see"),
        validators=[DataRequired(lazy("请选择要看的内容", "Choose what to see"))],
    )
    purpose = RadioField(
        lazy("用途", "What for"),
        choices=labelled(PURPOSES),
        validators=[DataRequired(lazy("请选择用途", "Choose what it is for"))],
    )
    text = StringField(lazy("说明", "In words"), validators=[REASON])

    def validate_text(self, field: StringField) -> None:
        field.data = clean_text(field.data or "", 200)
        if self.purpose.data == OTHER and not field.data:
            raise ValidationError(t("请写明用途", "Say what it is for"))


def reveal_form(classes: Sequence[str], **source: Any) -> RevealForm:
    """The form of a visit page; what alone can be seen is ticked. ``formdata=None``: as it is before it was sent."""
    form = RevealForm(prefix=PREFIX, **source)
    form.classes.choices = labelled({cls: CLASSES[cls] for cls in classes})
    if not form.is_submitted() and len(classes) == 1:
        form.classes.data = list(classes)
    return form


class PersonForm(Form):
    """A full mobile number; sent by POST, so that it stands in no address and no log."""

    phone = StringField(lazy("手机号（完整 11 位）", "Mobile number, all 11 digits"), validators=[Length(max=20)])

    def validate_phone(self, field: StringField) -> None:
        try:
            field.data = people.phone(field.data or "")
        except FormatInvalid as fault:
            raise ValidationError(say(fault.text)) from None
