"""Choosing what of the gate log goes into a file."""

from __future__ import annotations

from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from gatekeeper.forms import Form, options
from gatekeeper.language import lazy
from gatekeeper.reports.columns import CODES, COLUMNS
from gatekeeper.rules.vocabulary import VERDICTS

ALL = ("", lazy("全部", "all"))
NEEDED = InputRequired(lazy("请选择日期", "Choose a day"))


class Ticks(SelectMultipleField):
    """Several of many, as ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class LogFileForm(Form):
    """The search of the gate log and the columns; sent by GET, so that a file can be asked for again."""

    class Meta:
        csrf = False

    first = DateField(lazy("从", "From"), [NEEDED])
    last = DateField(lazy("到", "To"), [NEEDED])
    plate = StringField(lazy("车牌（一部分也行）", "Plate, or a part of it"), [Length(max=20)])
    verdict = SelectField(
        lazy("判定", "Verdict"),
        choices=options([ALL, *((choice.code, lazy(*choice.label)) for choice in VERDICTS)]),
        default="",
    )
    gate = SelectField(lazy("门岗", "Gate"), default="")
    person = SelectField(lazy("当班人", "On duty"), default="")
    columns = Ticks(
        lazy("列", "Columns"),
        choices=options([(column.code, lazy(*column.name)) for column in COLUMNS]),
        default=CODES,
    )
