"""Forms of gates and zones."""

from __future__ import annotations

from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from gatekeeper.enterprises.values import VISITORS
from gatekeeper.forms import Form, at_most, labelled, needed
from gatekeeper.language import lazy


class GateForm(Form):
    """An entrance and the kinds of visitor it takes."""

    name = StringField(
        lazy("门岗名称", "Name of the gate"),
        [needed("请填写门岗名称，如 1号门", "Enter a name, such as Gate 1"), at_most(40)],
    )
    accepts = SelectMultipleField(
        lazy("只接待", "Only for"),
        choices=labelled(VISITORS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=lazy("都不勾选：各类来访都可进", "None ticked: every kind of visitor may use it"),
    )


class ZoneForm(Form):
    """A part of the site with the code that rules name."""

    code = StringField(
        lazy("编号", "Code"),
        [needed("请填写编号，如 A", "Enter a code, such as A"), at_most(20)],
        description=lazy("字母、数字或连字符；规则用它指明分区，以后不能改", "Letters, digits, hyphens; rules name it"),
    )
    name = StringField(
        lazy("分区名称", "Name of the zone"),
        [needed("请填写分区名称，如 原料堆场", "Enter a name, such as Raw materials"), at_most(40)],
    )


class ZoneNameForm(Form):
    """A zone that is there already: its code stays."""

    name = StringField(lazy("分区名称", "Name of the zone"), [needed("请填写分区名称", "Enter a name"), at_most(40)])
