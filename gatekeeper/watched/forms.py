"""The form of a watched plate."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from gatekeeper.forms import Form, at_most, labelled, needed
from gatekeeper.language import lazy
from gatekeeper.rules.values import Text
from gatekeeper.watched.models import What
from gatekeeper.watched.service import LONGEST_WHY

DOES: dict[str, Text] = {
    What.REFUSE.value: Text("不予进厂，报告班长", "Do not admit; tell the shift lead"),
    What.TELL.value: Text("先报告，再处理", "Call somebody before anything else"),
}
"""What the guard does when the plate comes."""


class WatchForm(Form):
    """Which plate, what the guard does when it comes, why, and until when."""

    plate = StringField(lazy("车牌", "Plate"), [needed("请填写车牌号", "Enter the plate"), Length(max=40)])
    what = RadioField(
        lazy("车来了，门卫怎么做", "When it comes, the guard"),
        [InputRequired(lazy("请选择门卫怎么做", "Choose what the guard does"))],
        choices=labelled(DOES),
    )
    why = TextAreaField(
        lazy("原因", "Reason"),
        [needed("请写明原因，门卫看得到", "Say why; the guard reads it"), at_most(LONGEST_WHY)],
        description=lazy(
            "门卫看得到。写车和事，不写姓名、电话", "The guard reads it. Write of the vehicle; no names, no numbers"
        ),
    )
    until = DateField(
        lazy("到哪一天为止", "Until"),
        [Optional()],
        description=lazy("含当天；不填就到解除为止", "That day included; empty means until it is lifted"),
    )

    def given(self) -> dict[str, Any]:
        """What ``service.add`` takes."""
        return self.columns()
