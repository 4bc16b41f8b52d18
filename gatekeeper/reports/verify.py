"""What anybody may know of an issued report: whether it stands, and its digests; no name, count or plate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import directory
from gatekeeper.access import Actor
from gatekeeper.db import Engines
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.ledger.service import act
from gatekeeper.reports.models import IssuedReport
from gatekeeper.reports.values import SCHEMA
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import Enterprise, Unscoped, open_session, own_id

OTHERS = 50
"""Issues of the same period that a file is compared with, the newest first."""

REASONS: dict[str, Text] = {
    "corrected": Text("账本已更正，另行出具", "The book was corrected since; another report takes its place"),
    "wrong_period": Text("期间选错", "It is of the wrong period"),
    "wrong_rules": Text("当时使用的规则有误", "The rules that were used were wrong"),
    "ordered": Text("镇街要求撤回", "The township asked for it"),
    "other": Text("其他原因", "Another reason"),
}
"""Why a report is withdrawn: a closed list, since it is shown to anybody."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a report; ``sha256`` is that of the file."""

    id: UUID
    made_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An issued report as anybody may see it. ``state`` is genuine, superseded or withdrawn.

    ``later`` is the issue that took its place, ``others`` are all other issues of the same days.
    """

    issue: Issue
    state: str
    figures_digest: str
    payload_digest: str
    certificate: str
    township: str
    demo: bool
    later: Issue | None
    others: tuple[Issue, ...]
    withdrawn_at: datetime | None
    why: Text | None


def address(base_url: str, report_id: UUID) -> str:
    """Where a report is checked; printed on it."""
    return f"{base_url}/v/{report_id}"


def place(engines: Engines, code: str) -> tuple[UUID, UUID] | None:
    """(enterprise, report) of what stands behind ``/v/``; None for anything that is no issued report."""
    try:
        key = str(UUID(code))
    except ValueError:
        return None
    with open_session(engines, Unscoped()) as session:
        return directory.find(session, directory.Kind.REPORT, key)


def show(engines: Engines, *, enterprise_id: UUID, report_id: UUID, township: str, demo: bool) -> Shown | None:
    """What anybody may know of a report of ``place``."""
    with open_session(engines, Enterprise(enterprise_id)) as session:
        row = session.get(IssuedReport, (enterprise_id, report_id))
        if row is None:
            return None
        others = _others(session, row)
        later = next((one for one in others if _takes_place(one, row)), None)
        state = "withdrawn" if row.withdrawn_at else "superseded" if later else "genuine"
        return Shown(
            issue=_issue(row),
            state=state,
            figures_digest=row.figures_digest,
            payload_digest=row.payload_digest or "",
            certificate=row.certificate or "",
            township=township,
            demo=demo,
            later=later and _issue(later),
            others=tuple(_issue(one) for one in others),
            withdrawn_at=row.withdrawn_at,
            why=REASONS.get(row.withdrawn_why) if row.withdrawn_why else None,
        )


def _issue(row: IssuedReport) -> Issue:
    return Issue(row.id, row.made_at, row.sha256)


def _others(session: Session, row: IssuedReport) -> list[IssuedReport]:
    query = select(IssuedReport).where(
        IssuedReport.enterprise_id == row.enterprise_id,
        IssuedReport.first == row.first,
        IssuedReport.last == row.last,
        IssuedReport.id != row.id,
        IssuedReport.payload_digest.is_not(None),
    )
    return list(session.scalars(query.order_by(IssuedReport.made_at.desc(), IssuedReport.id.desc()).limit(OTHERS)))


def _takes_place(other: IssuedReport, row: IssuedReport) -> bool:
    """Whether ``other`` is a later issue of ``row``, which is not withdrawn itself.

    A translation is none, nor is the same with the log behind it (or without), while its figures are the same.
    """
    if other.withdrawn_at is not None or other.lang != row.lang:
        return False
    if other.figures_digest == row.figures_digest and (other.made_as or SCHEMA) != (row.made_as or SCHEMA):
        return False
    return (other.made_at, other.id) > (row.made_at, row.id)


def withdraw(session: Session, *, report_id: UUID, why: str, by: Actor, at: datetime) -> IssuedReport:
    """Withdraw an issued report of the session's enterprise: its page says so from now on, and the book too.

    ``why`` is a code of ``REASONS``. Raises ``NotFound``, ``report.reason`` (422) or ``report.withdrawn`` (409).
    """
    query = select(IssuedReport).where(IssuedReport.enterprise_id == own_id(session), IssuedReport.id == report_id)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("report.unknown", Text("没有这份报告", "There is no such report"))
    if why not in REASONS:
        raise Invalid("report.reason", Text("请选择撤回原因", "Choose why it is withdrawn"), field="why")
    if row.withdrawn_at is not None:
        raise DomainError("report.withdrawn", Text("这份报告已经撤回", "This report is withdrawn already"))
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = at, by.id, why
    session.flush()
    act(session, by=by, what="report.withdrawn", subject=str(row.id), body={"number": row.number, "why": why}, at=at)
    return row
