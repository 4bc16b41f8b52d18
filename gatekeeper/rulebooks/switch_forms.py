"""Forms of the township's switch: a pack put on enterprises, ended early, and the alert level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from wtforms import DateTimeLocalField, RadioField, SelectField, StringField
from wtforms.validators import Optional

from gatekeeper.clock import ZONE
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.forms import Form, at_most, needed, options
from gatekeeper.language import lazy, t
from gatekeeper.rulebooks.fields import TickList, Whole
from gatekeeper.rulebooks.models import Reach

MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def moment(field: DateTimeLocalField) -> datetime | None:
    """The time that was picked, on Beijing's clock; None where none was."""
    return field.data.replace(tzinfo=ZONE).astimezone(UTC) if field.data else None


class ReasonForm(Form):
    """Why an order is given or ended."""

    reason = StringField(
        lazy("原因", "Reason"),
        [needed("请写明原因，企业看得到", "Say why; the enterprises read it"), at_most(200)],
        description=lazy("企业看得到，写明依据", "The enterprises read it; name what it rests on"),
    )


class LevelForm(ReasonForm):
    """The alert level from a time on."""

    level = Whole(lazy("预警等级", "Alert level"), minimum=0, maximum=10, required=True)
    holds_from = DateTimeLocalField(
        lazy("从什么时候起", "From"),
        [Optional()],
        format=MINUTES,
        description=lazy("北京时间；不填就是现在", "Beijing time; empty means now"),
    )


class SwitchForm(ReasonForm):
    """Whom a pack is put on, from when until when, and why."""

    reach = RadioField(lazy("对谁启用", "For whom"), default=Reach.ALL.value)
    cluster = SelectField(lazy("产业集群", "Cluster"), default="")
    named = TickList(lazy("企业", "Enterprises"))
    holds_from = DateTimeLocalField(
        lazy("开始时间", "From"),
        [Optional()],
        format=MINUTES,
        description=lazy("北京时间；不填就是现在", "Beijing time; empty means now"),
    )
    holds_until = DateTimeLocalField(
        lazy("结束时间", "Until"),
        [Optional()],
        format=MINUTES,
        description=lazy(
            "到时自动结束；不填就一直执行到手动结束", "It ends by itself; empty means until it is switched off"
        ),
    )

    def offer(self, places: Sequence[Enterprise]) -> None:
        """The choices among the open enterprises of the township, each with how many it reaches."""
        clusters = Counter(place.cluster for place in places if place.cluster)
        groups = [
            (Reach.ALL.value, t(f"全部企业（{len(places)} 家）", f"All enterprises ({len(places)})")),
            (Reach.CLUSTER.value, t("一个产业集群", "One cluster")),
            (Reach.NAMED.value, t("逐家勾选", "Those ticked")),
        ]
        self.reach.choices = options(one for one in groups if clusters or one[0] != Reach.CLUSTER)
        self.cluster.choices = options(
            [("", t("请选择", "choose")), *((name, f"{name} ({count})") for name, count in sorted(clusters.items()))]
        )
        self.named.choices = options((place.enterprise_id, place.name) for place in places)

    def given(self) -> dict[str, Any]:
        """What ``switch_on`` takes of it."""
        return {
            "reach": self.reach.data,
            "cluster": self.cluster.data or None,
            "named": [UUID(value) for value in self.named.data or ()],
            "holds_from": moment(self.holds_from),
            "holds_until": moment(self.holds_until),
            "reason": self.reason.data,
        }
