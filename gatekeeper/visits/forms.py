"""The forms of the visit pages. Nothing typed is lost: a form that cannot be taken is shown again with its reasons."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from gatekeeper.formats import people, regions
from gatekeeper.forms import Form, OnceForm
from gatekeeper.language import lazy, say
from gatekeeper.rules.vocabulary import CARGO, PURPOSES, VERDICTS, VISITOR_KINDS, Choice



def named(choices: tuple[Choice, ...], *, empty: bool = False) -> list[tuple[str, LazyString]]:
    """A closed list of codes as the options of a field; ``empty`` puts "not chosen" first."""
    options = [(choice.code, lazy(*choice.label)) for choice in choices]
    return [("", lazy("未选", "not chosen")), *options] if empty else options


REASON = Length(max=200)


class TickList(SelectMultipleField):
    """Several of a few, as ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _region_code(form: Form, field: HiddenField) -> None:
    """The code that was picked, or the one place whose name was typed."""
    typed = form[field.name.removesuffix("_code")]
    if field.data:
        if regions.get(field.data) is None:
            raise ValidationError(lazy("请从列表里选择地区", "Choose a place from the list"))
        return
    if typed.data:
        found = regions.search(typed.data, limit=2)
        if not found:
            typed.errors = [*typed.errors, lazy("没有找到这个地区，请换一个写法", "No such place; try another spelling")]
            raise ValidationError("")
        field.data = found[0].code
        typed.data = regions.full_name(found[0].code)


class FactsFields(Form):
    """What a guard says of a visit as far as a rule in force asks for it; the rest is taken off the form."""

    visitor_kind = RadioField(lazy("来访类型", "Kind of visitor"), choices=named(VISITOR_KINDS), default="truck")
    origin = StringField(lazy("从哪里来", "Coming from"), validators=[Length(max=60)])
    origin_code = HiddenField(validators=[_region_code])
    stops = StringField(lazy("途经", "Stops on the way"), validators=[Length(max=60)])
    stops_code = HiddenField(validators=[_region_code])
    cargo = SelectField(lazy("货物", "Cargo"), choices=named(CARGO, empty=True), validators=[Optional()])
    cold_chain = BooleanField(lazy("冷链货物", "Cold chain"))
    people = IntegerField(
        lazy("车上几人", "People in the vehicle"),
        validators=[Optional(), NumberRange(1, 60, lazy("请填 1 到 60", "From 1 to 60"))],
    )
    driver = StringField(lazy("司机姓名", "Driver's name"), validators=[Length(max=40)])
    phone = StringField(lazy("司机手机", "Driver's mobile"), validators=[Length(max=20)])
    zone = SelectField(lazy("去哪个区", "Zone"), validators=[Optional()])
    purpose = SelectField(lazy("来访事由", "Purpose"), choices=named(PURPOSES, empty=True), validators=[Optional()])

    def validate_driver(self, field: StringField) -> None:
        field.data = _taken(people.name, field.data)

    def validate_phone(self, field: StringField) -> None:
        field.data = _taken(people.phone, field.data)

    def keep(self, needed: set[str], zones: list[tuple[str, str]]) -> None:
        """Take off what no rule in force asks for."""
        of_fact = {
            "visitor_kind": ("visitor_kind",),
            "origin": ("origin", "origin_code", "stops", "stops_code"),
            "cargo": ("cargo",),
            "cold_chain": ("cold_chain",),
            "people": ("people", "driver", "phone"),
            "zone": ("zone",),
            "purpose": ("purpose",),
        }
        for fact, names in of_fact.items():
            for name in names:
                if fact not in needed:
                    del self[name]
        if "zone" in self:
            self.zone.choices = [("", lazy("未选", "not chosen")), *zones]

    def facts(self) -> dict[str, Any]:
        """The facts that were given; what was left empty stays unknown."""
        given: dict[str, Any] = {}
        for name, fact in (("origin_code", "origin"), ("cargo", "cargo"), ("zone", "zone"), ("purpose", "purpose")):
            if name in self and self[name].data:
                given[fact] = self[name].data
        if "stops_code" in self and given.get("origin"):
            given["stops"] = [self.stops_code.data] if self.stops_code.data else []
        if "cold_chain" in self and ("cargo" not in self or self.cargo.data):
            given["cold_chain"] = bool(self.cold_chain.data)
        return given

    def occupants(self) -> list[dict[str, str]]:
        """The people as subjects: the first is the driver; only the driver has a name and a phone."""
        if "people" not in self or not self.people.data:
            return []
        driver = {"subject": "occupant:1", "role": "driver"}
        driver.update({k: v for k, v in (("name", self.driver.data), ("phone", self.phone.data)) if v})
        return [
            driver,
            *({"subject": f"occupant:{n}", "role": "passenger"} for n in range(2, self.people.data + 1)),
        ]


def _taken(parse: Any, text: str | None) -> str | None:
    """A personal value as its format knows it; None when left empty."""
    if not (text or "").strip():
        return None
    try:
        return str(parse(text))
    except Exception as fault:
        words = getattr(fault, "text", None)
        if words is None:
            raise
        raise ValidationError(say(words)) from None


class ArrivalForm(OnceForm, FactsFields):
    """The plate comes first and is the only thing required."""

    plate = StringField(lazy("车牌", "Plate"), validators=[Length(max=20)])
    trailer = StringField(lazy("挂车车牌", "Trailer's plate"), validators=[Length(max=20)])
    gate = SelectField(lazy("门岗", "Gate"))
    already = HiddenField()


class FactsForm(OnceForm, FactsFields):
    """What is still to be said of a visit that has arrived."""


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


class CorrectForm(ReasonForm):
    """Corrections are added, the old values stay in the book."""

    plate = StringField(lazy("车牌", "Plate"), validators=[Length(max=20)])
    origin = StringField(lazy("从哪里来", "Coming from"), validators=[Length(max=60)])
    origin_code = HiddenField(validators=[_region_code])
    cargo = SelectField(lazy("货物", "Cargo"), choices=named(CARGO, empty=True), validators=[Optional()])


class LeaveForm(OnceForm):
    """Leaving; ``confirmed`` once the open steps were shown, ``seen`` whether the guard saw it leave."""

    seen = BooleanField(lazy("亲眼看见离场", "Seen leaving"), default=True)
    confirmed = HiddenField()


class NoteForm(OnceForm):
    text = TextAreaField(
        lazy("备注", "Note"),
        validators=[DataRequired(lazy("请写内容", "Write something")), Length(max=500)],
    )


class CareForm(OnceForm):
    item = RadioField(
        lazy("暖心包", "Driver care"),
        choices=[
            ("water", lazy("饮用水", "Water")),
            ("meal", lazy("盒饭", "Meal")),
            ("mask", lazy("口罩", "Masks")),
            ("kit", lazy("暖心包", "Care kit")),
        ],
        default="kit",
    )


class LogForm(Form):
    """The search of the gate log; sent by GET, so that a search can be kept as an address."""

    class Meta:
        csrf = False

    first = DateField(lazy("从", "From"), validators=[Optional()])
    last = DateField(lazy("到", "To"), validators=[Optional()])
    plate = StringField(lazy("车牌（一部分也行）", "Plate, or a part of it"), validators=[Length(max=20)])
    verdict = SelectField(
        lazy("判定", "Verdict"),
        choices=[("", lazy("全部", "all")), *named(VERDICTS)],
    )
    gate = SelectField(lazy("门岗", "Gate"))
    person = SelectField(lazy("当班人", "On duty"))


