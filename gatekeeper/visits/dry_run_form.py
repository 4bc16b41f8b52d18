"""How many days of visits a draft is tried on."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from gatekeeper.forms import Form
from gatekeeper.language import lazy
from gatekeeper.visits.trying import LONGEST, SHORTEST, USUAL

TAKES = lazy(f"请填 {SHORTEST} 到 {LONGEST} 之间的整数", f"A whole number from {SHORTEST} to {LONGEST}")


class TryForm(Form):
    """The days before now, today among them."""

    days = IntegerField(
        lazy("用过去几天的来访来试", "Days of visits to try it on"),
        default=USUAL,
        validators=[InputRequired(TAKES), NumberRange(SHORTEST, LONGEST, TAKES)],
    )
