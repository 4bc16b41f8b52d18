"""The page behind the code on a report, for anybody, and withdrawing a report."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import (
    PUBLIC,
    TOWNSHIP_STAFF,
    Role,
    access,
    engines,
    find_tenant,
)
from gatekeeper.errors import DomainError, NotFound, tell
from gatekeeper.language import t
from gatekeeper.reports import town_values, verify
from gatekeeper.reports.forms import WithdrawForm
from gatekeeper.reports.verify import Shown
from gatekeeper.reports.views import bp, writing
from gatekeeper.rules.values import Text


class TooMany(DomainError):
    """More than a person asks for: one process counts by address and minute, in memory."""

    status = 429


A_MINUTE = 60
ADDRESSES = 10_000


class Softener:
    """Lets each address ask ``A_MINUTE`` times a minute; forgets everything with the minute."""

    def __init__(self) -> None:
        self.minute, self.asked = 0, Counter[str]()

    def take(self, address: str, *, at: datetime) -> None:
        """Raises ``TooMany``."""
        minute = int(at.timestamp()) // 60
        if minute != self.minute or len(self.asked) > ADDRESSES:
            self.minute, self.asked = minute, Counter()
        self.asked[address] += 1
        if self.asked[address] > A_MINUTE:
            raise TooMany("verify.too_many", Text("查询太频繁，请一分钟后再试", "Too many look-ups; wait a minute"))


@bp.get("/v/<code>")
@access(PUBLIC)
def check(code: str) -> Any:
    """Whether a report is genuine, superseded or withdrawn; 404 with a plain page for an unknown one."""
    softener: Softener = current_app.extensions.setdefault("gate_verify", Softener())
    softener.take(request.remote_addr or "", at=clock.now())
    shown = _shown(code)
    return render_template("reports/verify.html", shown=shown), 200 if shown else 404


def _shown(code: str) -> Shown | None:
    found = verify.place(engines(), code)
    tenant = found and find_tenant(found[0])
    if not found or tenant is None:
        return None
    enterprise_id, report_id = found
    return verify.show(
        engines(), enterprise_id=enterprise_id, report_id=report_id, township=tenant.township_name, demo=tenant.demo
    )


@bp.post("/e/<slug>/reports/issued/<uuid:report_id>/withdraw")
@access(Role.ENTERPRISE_ADMIN, *TOWNSHIP_STAFF)
def withdraw(slug: str, report_id: UUID) -> Any:
    """Withdraw an issued report; the page behind its code says so at once."""
    form, back = WithdrawForm(), ".index"
    try:
        with writing() as acting:
            why = form.why.data if form.validate_on_submit() else ""
            row = verify.withdraw(acting, report_id=report_id, why=why, by=current_user, at=clock.now())
            back = ".town" if row.made_as == town_values.SCHEMA else back
            flash(t(f"报告 {row.number} 已撤回", f"Report {row.number} is withdrawn"), "success")
    except NotFound:
        raise
    except DomainError as wrong:
        tell(wrong)
    return redirect(url_for(back, slug=slug))
