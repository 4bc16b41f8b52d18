"""The period and the file of a report."""

from __future__ import annotations

from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from gatekeeper.forms import Form, labelled
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


class WithdrawForm(Form):
    """Why an issued report is withdrawn, from a list that anybody may read."""

    why = SelectField(
        lazy("撤回原因", "Why it is withdrawn"), choices=labelled({"": Text("请选择", "Choose"), **REASONS})
    )
