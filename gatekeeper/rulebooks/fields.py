"""Fields of the rule form that speak as people do: 37.3 instead of 373, whole numbers with their range, ticks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from wtforms import SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from gatekeeper.forms import options
from gatekeeper.language import lazy, say, t
from gatekeeper.rules.kinds import Unit
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import Choice

_WHOLE = re.compile(r"-?\d{1,9}")
_DECIMAL = re.compile(r"(-?)(\d{1,9})(?:[.](\d{1,6}))?")


def caption(text: Text) -> Any:
    """A name of the vocabulary as the label of a field: capital letter in English."""
    return lazy(text.zh, text.en[:1].upper() + text.en[1:])


def named(choices: Iterable[Choice]) -> list[SelectChoice]:
    """A closed list of codes as the options of a field."""
    return options((choice.code, caption(choice.label)) for choice in choices)


def at_most(count: int) -> Length:
    return Length(max=count, message=lazy(f"最多 {count} 个字", f"At most {count} characters"))


def typed(text: str | None) -> str:
    """What was typed, with full-width digits and points made plain."""
    return unicodedata.normalize("NFKC", text or "").replace("。", ".").strip()


class TickList(SelectMultipleField):
    """Several of a few, as ticks. ``least``: how many must be ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, least: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least = least

    def pre_validate(self, form: Any) -> None:
        known = {choice.value for choice in self.iter_choices()}
        if any(code not in known for code in self.data or ()):
            raise ValidationError(t("请从选项里选", "Choose from the list"))
        if len(self.data or ()) < self.least:
            raise ValidationError(t("请至少选一项", "Tick at least one"))


class Whole(StringField):
    """A whole number from ``minimum`` to ``maximum``; ``number`` is None where it was left empty."""

    def __init__(self, *args: Any, minimum: int, maximum: int, required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.minimum, self.maximum, self.required = minimum, maximum, required
        self.flags.required = required

    @property
    def number(self) -> int | None:
        return int(typed(self.data)) if _WHOLE.fullmatch(typed(self.data)) else None

    def pre_validate(self, form: Any) -> None:
        low, high, found = self.minimum, self.maximum, self.number
        if not typed(self.data):
            if self.required:
                raise ValidationError(t(f"请填 {low} 到 {high} 的整数", f"Enter a whole number, {low} to {high}"))
        elif found is None or not low <= found <= high:
            raise ValidationError(t(f"请填 {low} 到 {high} 的整数", f"A whole number, {low} to {high}, please"))


class Quantity(StringField):
    """A limit as people say it; the form's ``unit_of`` names its unit when it is read."""

    def stored(self, unit: Unit) -> int | None:
        """The limit in the unit's steps (37.3 °C: 373); None where it was left empty. Raises ``ValidationError``."""
        text = typed(self.data)
        if not text:
            return None
        found = _DECIMAL.fullmatch(text)
        steps = len(str(unit.scale)) - 1
        fraction = (found[3] or "") if found else ""
        if found is not None and not fraction[steps:].strip("0"):
            value = int(found[2]) * unit.scale + int((fraction[:steps] or "0").ljust(steps, "0") if steps else 0)
            value = -value if found[1] else value
            if unit.limit_lowest <= value <= unit.limit_highest:
                return value
        raise ValidationError(say(range_of(unit)))


def range_of(unit: Unit) -> Text:
    """Which limits a unit takes: 35 to 42 ℃, one decimal."""
    low, high = plainly(unit.limit_lowest, unit), plainly(unit.limit_highest, unit)
    if unit.scale == 1:
        zh, en = "请填 {} 到 {} 的整数", "A whole number, {} to {}"
        return Text(zh.format(low, high), en.format(low, high))
    example = plainly(unit.limit_lowest + 23, unit)
    return Text(
        f"请填 {low} 到 {high}{unit.symbol.zh}，最多一位小数，如 {example}",
        f"Enter {low} to {high}{unit.symbol.en}, at most one decimal, such as {example}",
    )


def plainly(value: int, unit: Unit) -> str:
    """A stored limit as people write it: 373 -> 37.3, 370 -> 37."""
    whole, rest = divmod(value, unit.scale)
    return f"{whole}.{rest}" if rest else str(whole)
