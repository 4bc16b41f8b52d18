"""Forms of registrations: a visit announced, and a reason for declining it."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from gatekeeper.clock import today
from gatekeeper.forms import Form, options
from gatekeeper.language import lazy
from gatekeeper.registrations.service import LONGEST_REASON
from gatekeeper.risk_areas import queries as risk_areas
from gatekeeper.rules.vocabulary import CARGO


class AnnounceForm(Form):
    """Which plate comes on which day, from where, with what."""

    plate = StringField(
        lazy("车牌", "Plate"),
        validators=[InputRequired(lazy("请填写车牌号", "Enter the plate")), Length(max=40)],
    )
    day = DateField(
        lazy("来访日期", "Day of the visit"),
        default=today,
        validators=[InputRequired(lazy("请选择日期", "Choose a day"))],
    )
    origin = StringField(lazy("从哪里来", "Coming from"), validators=[Length(max=60)])
    origin_code = HiddenField()
    cargo = SelectField(
        lazy("货物", "Cargo"),
        choices=options([("", lazy("未说明", "not said")), *((each.code, lazy(*each.label)) for each in CARGO)]),
        validators=[Optional()],
    )
    needs_township = BooleanField(lazy("需镇街批准", "Needs the township's approval"))

    def announcement(self) -> dict[str, Any]:
        """What ``service.announce`` takes; raises ``Invalid`` for a place that is not clear."""
        return {
            "plate": self.plate.data,
            "day": self.day.data,
            "origin": risk_areas.place(self.origin.data, self.origin_code.data, field="origin"),
            "cargo": self.cargo.data or None,
            "needs_township": bool(self.needs_township.data),
        }


class DeclineForm(Form):
    """Whoever announced it reads the reason."""

    reason = TextAreaField(
        lazy("原因", "Reason"),
        validators=[
            InputRequired(lazy("请写明不批准的原因", "Say why it is declined")),
            Length(max=LONGEST_REASON, message=lazy("最多 200 个字", "At most 200 characters")),
        ],
    )
