"""The fields of an enterprise, for every form that opens or changes one."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectField, StringField, ValidationError

from gatekeeper.enterprises.values import KINDS, SIZES
from gatekeeper.formats import people
from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.forms import Form, at_most, labelled, needed
from gatekeeper.language import lazy, say


class DetailsForm(Form):
    """What is known of an enterprise. A credit code whose check character is wrong is asked back once."""

    credit_code = StringField(
        lazy("统一社会信用代码", "Unified social credit code"),
        description=lazy("营业执照上的 18 位代码", "The 18 characters on the business licence"),
    )
    confirmed = BooleanField(lazy("已对照营业执照，代码无误", "Compared with the licence: the code is right"))
    cluster = StringField(
        lazy("产业集群", "Industry cluster"), [at_most(40)], description=lazy("如 五金、纺织、建材", "Such as hardware")
    )
    size = SelectField(lazy("规模", "Size"), choices=labelled(SIZES), default="small")
    exporter = BooleanField(lazy("出口企业", "Exporter"))

    doubtful = False
    """Whether the code's check character is wrong and nobody has confirmed it yet."""

    def validate_credit_code(self, field: StringField) -> None:
        if not (field.data or "").strip():
            return
        try:
            field.data, warning = people.credit_code(field.data)
        except FormatInvalid as wrong:
            raise ValidationError(say(wrong.text)) from None
        if warning is not None and not self.confirmed.data:
            self.doubtful = True
            raise ValidationError(say(warning))

    def details(self) -> dict[str, Any]:
        """The values that ``service.change_enterprise`` takes, name left out."""
        return {
            "credit_code": self.credit_code.data,
            "cluster": self.cluster.data,
            "size": self.size.data,
            "exporter": self.exporter.data,
        }


class NamedDetailsForm(DetailsForm):
    """As the township admin sees it: with the name."""

    name = StringField(
        lazy("企业名称", "Name of the enterprise"), [needed("请填写企业名称", "Enter a name"), at_most(80)]
    )


class EnterpriseForm(NamedDetailsForm):
    """A new enterprise; ``slug`` is its part of every address."""

    slug = StringField(
        lazy("网址简称", "Short name in addresses"),
        [needed("请填写网址简称，如 shuini", "Enter a short name, such as shuini"), at_most(40)],
        description=lazy("2 至 40 个小写字母、数字或连字符，以后不能改", "2 to 40 of a-z, 0-9 and hyphens; it stays"),
    )
    kind = SelectField(lazy("类别", "Kind"), choices=labelled(KINDS), default="factory")
