"""A number as a person types it, in the unit that people say."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from gatekeeper.language import t
from gatekeeper.rules.kinds import UNITS

_PLAIN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")


class Reading(StringField):
    """A reading in people's terms (36.6); ``number`` is the stored integer (366), None where nothing was typed.

    Anything else is refused with the values that the field takes; ``data`` keeps what was typed.
    """

    def __init__(
        self, *args: Any, minimum: int, maximum: int, unit: str = "count", example: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.minimum, self.maximum = UNITS[unit], minimum, maximum
        self.example = example or ("36.6" if unit == "celsius" else "")
        self.number: int | None = None

    def pre_validate(self, form: Any) -> None:
        text = unicodedata.normalize("NFKC", self.data or "").replace("。", ".").strip().rstrip("°cC度 ")
        if not text:
            return
        scaled = Decimal(text) * self.unit.scale if _PLAIN.fullmatch(text) and text.isascii() else None
        if scaled is None or scaled != int(scaled) or not self.minimum <= scaled <= self.maximum:
            raise ValidationError(self.takes())
        self.number = int(scaled)

    def takes(self) -> str:
        """Which values the field takes, in words."""
        low, high = self.unit.say(self.minimum), self.unit.say(self.maximum)
        such = t(f"，例如 {self.example}", f", such as {self.example}") if self.example else ""
        if self.unit.scale > 1:
            return t(f"请填 {low} 到 {high} 之间的数字{such}", f"A number from {low} to {high}{such}")
        return t(f"请填 {low} 到 {high} 之间的整数{such}", f"A whole number from {low} to {high}{such}")
