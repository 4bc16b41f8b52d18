"""Forms of risk areas: an official list handed in, and a place looked up."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from gatekeeper.forms import Form
from gatekeeper.language import lazy


class ListForm(Form):
    """One file as it was published."""

    file = FileField(
        lazy("名单文件（JSON）", "List file (JSON)"),
        validators=[FileRequired(lazy("请选择名单文件", "Choose the file of the list"))],
    )


class LookupForm(Form):
    """A place whose level is asked; sent by GET."""

    class Meta:
        csrf = False

    place = StringField(
        lazy("地区", "Place"), validators=[InputRequired(lazy("请填写地区", "Enter a place")), Length(max=60)]
    )
    place_code = HiddenField()
