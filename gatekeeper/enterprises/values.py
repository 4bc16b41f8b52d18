"""Names of the codes of enterprises, and what other features show and ask on the admin's home."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gatekeeper.access import Tenant
from gatekeeper.enterprises.models import EnterpriseKind, Size
from gatekeeper.rules.values import Text
from gatekeeper.rules.vocabulary import VISITOR_KINDS

KINDS: dict[str, Text] = {
    EnterpriseKind.FACTORY: Text("工厂", "Factory"),
    EnterpriseKind.CHECKPOINT: Text("公路卡口", "Checkpoint"),
    EnterpriseKind.SERVICE_STATION: Text("货车服务站", "Service station"),
}
"""The kinds that a township admin may add."""

SIZES: dict[str, Text] = {
    Size.LARGE: Text("大型", "Large"),
    Size.MEDIUM: Text("中型", "Medium"),
    Size.SMALL: Text("小型", "Small"),
}

VISITORS: dict[str, Text] = {kind.code: kind.label for kind in VISITOR_KINDS}
"""Kinds of visitor that a gate may be limited to."""


@dataclass(frozen=True, slots=True)
class TodayFigure:
    """One number on the admin's home: of what, and where its visits are listed."""

    label: Text
    value: int
    href: str


TodaySource = Callable[[Session, Tenant, date], Iterable[TodayFigure]]
TODAY: list[TodaySource] = []
"""What features to the right show on the admin's home; each adds its own with ``on_today``."""


def on_today(source: TodaySource) -> TodaySource:
    """Show the figures of ``source`` on the admin's home; a decorator."""
    if source not in TODAY:
        TODAY.append(source)
    return source


TO_ACKNOWLEDGE = Text("待确认", "To acknowledge")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that waits for the admin: what, and where it is done; ``word`` stands before it."""

    text: Text
    act: Text
    href: str
    word: Text = TO_ACKNOWLEDGE


NoticeSource = Callable[[Session, Tenant], Iterable[Notice]]
NOTICES: list[NoticeSource] = []
"""What features to the right ask of the admin on the home page; each adds its own with ``on_home``."""


def on_home(source: NoticeSource) -> NoticeSource:
    """Show the notices of ``source`` on the admin's home; a decorator."""
    if source not in NOTICES:
        NOTICES.append(source)
    return source
