"""Forms of people, sign-in and passwords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo

from gatekeeper.access import Role
from gatekeeper.enterprises.details import EnterpriseForm
from gatekeeper.forms import Form, at_most, needed
from gatekeeper.language import lazy, say
from gatekeeper.rules.values import Text

LONGEST_PASSWORD = 200

ROLES: dict[str, Text] = {
    Role.GUARD: Text("门卫", "Guard"),
    Role.SHIFT_LEAD: Text("班长", "Shift lead"),
    Role.ENTERPRISE_ADMIN: Text("企业管理员", "Enterprise admin"),
    Role.INSPECTOR: Text("镇街督查员", "Inspector"),
    Role.TOWNSHIP_ADMIN: Text("镇街管理员", "Township admin"),
}


def _name() -> StringField:
    return StringField(lazy("姓名", "Name"), [needed("请填写姓名", "Enter the name"), at_most(40)])


def _username() -> StringField:
    return StringField(
        lazy("用户名", "Username"),
        [needed("请填写用户名", "Enter a username"), at_most(60)],
        description=lazy("登录时用，如 wang@shuini；以后不能改", "For signing in, such as wang@shuini; it stays"),
    )


class SignInForm(Form):
    """Name and password. Nothing here says whether a name is known."""

    username = StringField(lazy("用户名", "Username"), [needed("请填写用户名", "Enter your username"), at_most(200)])
    password = PasswordField(
        lazy("密码", "Password"), [needed("请填写密码", "Enter your password"), at_most(LONGEST_PASSWORD)]
    )


class PasswordForm(Form):
    """One's own password, set anew."""

    old = PasswordField(
        lazy("原密码", "Old password"), [needed("请填写原密码", "Enter the old one"), at_most(LONGEST_PASSWORD)]
    )
    new = PasswordField(
        lazy("新密码", "New password"),
        [needed("请填写新密码", "Enter a new one"), at_most(LONGEST_PASSWORD)],
        description=lazy("至少 10 个字符，可以是一句话", "At least 10 characters; a sentence will do"),
    )
    again = PasswordField(
        lazy("再输一次新密码", "The new one again"),
        [EqualTo("new", lazy("两次输入的新密码不一样", "The two new passwords differ"))],
    )


class PinForm(Form):
    """One's own PIN, set anew; the password says that it is oneself."""

    password = PasswordField(
        lazy("登录密码", "Your password"),
        [needed("请填写登录密码", "Enter your password"), at_most(LONGEST_PASSWORD)],
    )
    pin = PasswordField(
        lazy("新 PIN", "New PIN"),
        [needed("请填写 PIN", "Enter a PIN"), at_most(20)],
        description=lazy("4 至 6 位数字，不要用生日和顺号", "4 to 6 digits; no birthday, no run"),
        render_kw={"inputmode": "numeric"},
    )
    again = PasswordField(
        lazy("再输一次 PIN", "The PIN again"),
        [EqualTo("pin", lazy("两次输入的 PIN 不一样", "The two PINs differ"))],
        render_kw={"inputmode": "numeric"},
    )


class UserForm(Form):
    """A person that is there already."""

    name = _name()
    role = SelectField(lazy("岗位", "Role"))

    def offer(self, roles: Iterable[Role]) -> UserForm:
        """Let the form choose from these roles."""
        self.role.choices = [SelectChoice(str(role), say(ROLES[role])) for role in roles]
        return self


class NewUserForm(UserForm):
    """A new person."""

    username = _username()


class NewAdminForm(Form):
    """The admin of an enterprise, added by the township."""

    username = _username()
    name = _name()


class DeskForm(Form):
    """A phone to enrol: at which gate, and what it is called."""

    gate = SelectField(lazy("门岗", "Gate"))
    name = StringField(
        lazy("手机名称", "Name of the phone"),
        [needed("请给这台手机起个名字", "Give the phone a name"), at_most(40)],
        description=lazy("如 1号门手机", "Such as Gate 1 phone"),
    )


class NewEnterpriseForm(EnterpriseForm):
    """A new enterprise with its first admin."""

    admin_username = StringField(
        lazy("用户名", "Username"),
        [needed("请填写用户名", "Enter a username"), at_most(60)],
        description=lazy("登录时用，如 admin@shuini", "For signing in, such as admin@shuini"),
    )
    admin_name = _name()

    def enterprise(self) -> dict[str, Any]:
        """The values that ``enterprises.service.add_enterprise`` takes."""
        return {"slug": self.slug.data, "name": self.name.data, "kind": self.kind.data, **self.details()}
