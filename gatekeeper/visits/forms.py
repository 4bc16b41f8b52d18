"""The forms of the visit pages. Nothing typed is lost: a form that cannot be taken is shown again with its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from gatekeeper.errors import Invalid
from gatekeeper.formats import people
from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.forms import Form, OnceForm, options
from gatekeeper.language import lazy, say
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rules.vocabulary import CARGO, PURPOSES, VERDICTS, VISITOR_KINDS, Choice
from gatekeeper.visits.history import CARE
from gatekeeper.visits.reading import Reading


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


class FactsFields(Places):
    """What a guard says of a visit as far as a rule in force asks for it; the rest is taken off the form."""

    visitor_kind = RadioField(lazy("来访类型", "Kind of visitor"), choices=named(VISITOR_KINDS), default="truck")
    origin = StringField(lazy("从哪里来", "Coming from"), validators=[Length(max=60)])
    origin_code = HiddenField()
    stops = StringField(lazy("途经", "Stops on the way"), validators=[Length(max=200)])
    stops_code = HiddenField()
    cargo = SelectField(lazy("货物", "Cargo"), choices=named(CARGO, empty=True), validators=[Optional()])
    cold_chain = BooleanField(lazy("冷链货物", "Cold chain"))
    people = Reading(lazy("几个人（含司机）", "How many people, driver included"), minimum=1, maximum=60, example="1")
    driver = StringField(lazy("司机姓名", "Driver's name"), validators=[Length(max=40)])
    phone = StringField(lazy("司机手机", "Driver's mobile"), validators=[Length(max=20)])
    zone = SelectField(lazy("去哪个区", "Zone"), validators=[Optional()])
    purpose = SelectField(lazy("来访事由", "Purpose"), choices=named(PURPOSES, empty=True), validators=[Optional()])

    def validate_origin(self, field: StringField) -> None:
        self.place(field, self.origin_code)

    def validate_stops(self, field: StringField) -> None:
        """Several places, one after the other; the codes are kept in the hidden field, with commas."""
        typed, code, found = field.data or "", self.stops_code.data or "", []
        picked = code if risk_areas.path(code) == typed else None
        for words in filter(str.strip, BETWEEN_PLACES.split(typed)):
            try:
                code = risk_areas.place(words, picked, field="stops") or ""
            except Invalid as refused:
                raise ValidationError(say(refused.text)) from None
            found.append(code)
        self.stops_code.data = ",".join(dict.fromkeys(found))

    def validate_driver(self, field: StringField) -> None:
        _checked(people.name, field.data)

    def validate_phone(self, field: StringField) -> None:
        _checked(people.phone, field.data)

    def validate_people(self, field: Reading) -> None:
        if not field.data and (self.driver.data or self.phone.data):
            raise ValidationError(field.takes())

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
            self.zone.choices = options([("", lazy("未选", "not chosen")), *zones])

    def facts(self) -> dict[str, Any]:
        """The facts that were given; what was left empty stays unknown."""
        given: dict[str, Any] = {}
        for name, fact in (("origin_code", "origin"), ("cargo", "cargo"), ("zone", "zone"), ("purpose", "purpose")):
            if name in self and self[name].data:
                given[fact] = self[name].data
        if "stops_code" in self and given.get("origin"):
            given["stops"] = self.stops_code.data.split(",") if self.stops_code.data else []
        if "cold_chain" in self and (self.cold_chain.data or "cargo" not in self or self.cargo.data):
            given["cold_chain"] = bool(self.cold_chain.data)
        return given

    def occupants(self, *, walking: bool = False) -> list[dict[str, str]]:
        """The people as subjects: the first is the driver; only the first has a name and a phone."""
        if "people" not in self or not self.people.number:
            return []
        first = {"subject": "occupant:1", "role": "visitor" if walking else "driver"}
        first.update({"name": people.name(self.driver.data)} if (self.driver.data or "").strip() else {})
        first.update({"phone": people.phone(self.phone.data)} if (self.phone.data or "").strip() else {})
        role = "visitor" if walking else "passenger"
        others = range(2, self.people.number + 1)
        return [first, *({"subject": f"occupant:{n}", "role": role} for n in others)]


def _checked(parse: Callable[[str], str], text: str | None) -> None:
    """Refuse a personal value that its format does not know; an empty one is fine."""
    if (text or "").strip():
        try:
            parse(text or "")
        except FormatInvalid as fault:
            raise ValidationError(say(fault.text)) from None


class ArrivalForm(OnceForm, FactsFields):
    """The plate comes first and is the only thing required."""

    plate = StringField(lazy("车牌", "Plate"), validators=[Length(max=20)])
    trailer = StringField(lazy("挂车车牌", "Trailer's plate"), validators=[Length(max=20)])
    gate = SelectField(lazy("门岗", "Gate"))
    already = HiddenField()
    asks_kind = False

    def keep(self, needed: set[str], zones: list[tuple[str, str]]) -> None:
        """As in every form; the kind of visitor can always be said, since somebody on foot has no plate."""
        self.asks_kind = "visitor_kind" in needed
        super().keep(needed | {"visitor_kind"}, zones)


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


class CorrectForm(ReasonForm, Places):
    """Corrections are added, the old values stay in the book."""

    plate = StringField(lazy("车牌", "Plate"), validators=[Length(max=20)])
    origin = StringField(lazy("从哪里来", "Coming from"), validators=[Length(max=60)])
    origin_code = HiddenField()
    cargo = SelectField(lazy("货物", "Cargo"), choices=named(CARGO, empty=True), validators=[Optional()])

    def validate_origin(self, field: StringField) -> None:
        self.place(field, self.origin_code)


class LeaveForm(OnceForm):
    """Leaving; ``confirmed`` once the open steps were shown, ``seen`` whether the guard saw it leave."""

    seen = BooleanField(lazy("亲眼看见离场", "I saw it leave"), default=True)
    confirmed = HiddenField()


class NoteForm(OnceForm):
    text = TextAreaField(
        lazy("备注", "Note"),
        validators=[DataRequired(lazy("请写内容", "Write something")), Length(max=500)],
    )


class CareForm(OnceForm):
    item = RadioField(
        lazy("暖心包", "Driver care"),
        choices=options((code, lazy(*name)) for code, name in CARE.items()),
        default="kit",
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
    gate = SelectField(lazy("门岗", "Gate"))
    person = SelectField(lazy("当班人", "On duty"))
