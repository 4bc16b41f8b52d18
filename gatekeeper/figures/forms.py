"""The period of the board and of the figures."""

from __future__ import annotations

from wtforms import DateField
from wtforms.validators import InputRequired

from gatekeeper.forms import Form
from gatekeeper.language import lazy

NEEDED = InputRequired(lazy("请选择日期", "Choose a day"))


class PeriodForm(Form):
    """Two days, sent by GET: a period is an address that can be kept."""

    class Meta:
        csrf = False

    first = DateField(lazy("从", "From"), [NEEDED])
    last = DateField(lazy("到", "To"), [NEEDED])
