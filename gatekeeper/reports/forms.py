"""The period and the file of a report."""

from __future__ import annotations

from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import InputRequired

from gatekeeper.forms import Form, labelled, options
from gatekeeper.language import lazy
from gatekeeper.reports.verify import REASONS
from gatekeeper.rules.values import Text

NEEDED = InputRequired(lazy("请选择日期", "Choose a day"))


class ReportForm(Form):
    """Two days, sent by GET; which file is the button that was pressed."""

    class Meta:
        csrf = False

    first = DateField(lazy("从", "From"), [NEEDED])
    last = DateField(lazy("到", "To"), [NEEDED])


class IssueForm(Form):
    """Two days, sent by POST: the report is made, kept and named in the book."""

    first = DateField(lazy("从", "From"), [NEEDED])
    last = DateField(lazy("到", "To"), [NEEDED])
    full = BooleanField(lazy("附上每次来访的台账", "With every visit as a log"))


class WithdrawForm(Form):
    """Why an issued report is withdrawn, from a list that anybody may read."""

    why = SelectField(
        lazy("撤回原因", "Why it is withdrawn"), choices=labelled({"": Text("请选择", "Choose"), **REASONS})
    )


HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class ScheduleForm(Form):
    """When a report is made by itself, and in which language."""

    hour = SelectField(lazy("几点", "At"), choices=options(HOURS), default="6")
    lang = SelectField(lazy("语言", "Language"), choices=options([("zh", "中文"), ("en", "English")]), default="zh")
