"""Forms of the rulebook editor: what every change of the draft carries, a choice from a pack, publishing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from gatekeeper.forms import Form, options
from gatekeeper.language import lazy, t
from gatekeeper.rulebooks.fields import TickList

SHANGHAI = ZoneInfo("Asia/Shanghai")


class DraftForm(Form):
    """Whatever changes the draft carries the revision that was shown."""

    revision = HiddenField(default="0")

    @property
    def shown(self) -> int:
        """The draft's revision when the form was shown; 0 where none was."""
        text = self.revision.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


class PackForm(DraftForm):
    """Which rules of a pack are copied into the draft."""

    rules = TickList(lazy("要加的规则", "Rules to add"), least=1)
    circle = SelectField(
        lazy("用于哪些来访", "For which visits"),
        filters=[lambda chosen: chosen or ""],
        description=lazy(
            "对勾选的每条都一样；规则里货物等其他条件保留",
            "The same for every rule ticked; its conditions about cargo and such stay",
        ),
    )


class PublishForm(DraftForm):
    """From when the new version holds; ``seen`` is the number of the version it was compared with, 0 for none."""

    seen = HiddenField(default="0")
    when = RadioField(
        lazy("从什么时候起执行", "From when it holds"),
        choices=options([("now", lazy("立即", "now")), ("later", lazy("指定时间", "from a time"))]),
        default="now",
    )
    holds_from = DateTimeLocalField(
        lazy("执行时间", "Holds from"),
        [Optional()],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        description=lazy("北京时间；选“指定时间”时填写", "Beijing time; only with “from a time”"),
    )
    note = StringField(
        lazy("说明", "Note"),
        [Length(max=200, message=lazy("最多 200 个字", "At most 200 characters"))],
        description=lazy("为什么改，以后查版本时看得到", "Why it changed; it stands beside the version"),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if self.when.data == "later" and self.holds_from.data is None and not self.holds_from.errors:
            said = t("请填写执行时间", "Enter the time from which it holds")
            self.holds_from.errors = [said]
            return False
        return fine

    @property
    def compared(self) -> int:
        """The number of the version that the difference was shown against; -1 where the field was tampered with."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1

    def start(self) -> datetime | None:
        """The chosen time (aware, UTC); None for now."""
        if self.when.data != "later" or self.holds_from.data is None:
            return None
        return self.holds_from.data.replace(tzinfo=SHANGHAI).astimezone(UTC)
