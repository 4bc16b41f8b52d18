"""The base of all forms: CSRF, times in our zone, and lists that never raise a code at a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import render_template
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from gatekeeper.db import new_id
from gatekeeper.language import lazy
from gatekeeper.rules.values import Text


def needed(zh: str, en: str) -> InputRequired:
    """A field that must be filled, with the sentence that says so."""
    return InputRequired(lazy(zh, en))


def at_most(count: int) -> Length:
    """A text of at most ``count`` characters, with the sentence that says so."""
    return Length(max=count, message=lazy(f"最多 {count} 个字", f"At most {count} characters"))


def labelled(names: Mapping[Any, Text]) -> list[SelectChoice]:
    """Choices of a field from a table of names."""
    return [SelectChoice(str(code), lazy(*name)) for code, name in names.items()]


class Form(FlaskForm):
    """Every form of the product. ``columns()`` gives the typed values without token and submit."""

    def columns(self) -> dict[str, Any]:
        skip = {"csrf_token", "submit"}
        return {name: field.data for name, field in self._fields.items() if name not in skip}


class OnceForm(Form):
    """A form whose sending twice is one event: it carries the id made when it was shown."""

    event_id = HiddenField(default=lambda: str(new_id()))

    @property
    def event_uuid(self) -> UUID:
        """The id of the form; a new one where the field was tampered with."""
        try:
            return UUID(self.event_id.data or "")
        except ValueError:
            return new_id()


def shown_again(template: str, **context: Any) -> tuple[str, int]:
    """A form that could not be taken, with everything typed and the reasons; nothing is committed (422)."""
    return render_template(template, **context), 422


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a select, values as text."""
    return [SelectChoice(str(value), label) for value, label in pairs]
