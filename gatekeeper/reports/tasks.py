"""Issuing a report, which the worker does: it alone opens the signing key, so each issued PDF is a witness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper import clock, jobs
from gatekeeper.access import Actor, Role
from gatekeeper.accounts import queries as accounts
from gatekeeper.crypto import KeyFault
from gatekeeper.errors import DomainError
from gatekeeper.jobs import Job
from gatekeeper.ledger import checkpoints
from gatekeeper.ledger.service import days_of
from gatekeeper.ledger.witness import Checkpoint
from gatekeeper.reports import (
    issue,
    kept,
    large,
    payload,
    pdf,
    printing,
    seal,
    service,
    town_files,
    town_service,
    town_values,
    verify,
)
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.values import Text
from gatekeeper.tenancy import Enterprise, Township, open_session


class NotSigned(DomainError):
    """There is no checkpoint for the report, so none is issued: a person must look at the machine."""

    def __init__(self) -> None:
        super().__init__(
            "report.not_signed",
            Text(
                "账本未能签名，报告没有出具；请联系平台运维运行 flask doctor，处理后再出具",
                "The book could not be signed, so no report was issued; ask the operator to run flask doctor, then try "
                "again",
            ),
        )


@jobs.task(issue.KIND)
def issue_report(installation: Any, job: Job, arguments: Mapping[str, Any]) -> dict[str, str] | None:
    """Issue the report of ``{first, last, lang, by, full}`` once, signed, with a checkpoint of now.

    Its id is the job's. One that is as good as new is answered instead. Raises ``NotSigned`` and ``TooLarge``. The job
    ends in the transaction of the report's row: killed before, the next try is alone.
    """
    at, engines, scope = clock.now(), installation.engines, Enterprise(job.enterprise_id)
    tenant = installation.find_tenant(engines, job.enterprise_id)
    first, last = (date.fromisoformat(arguments[name]) for name in ("first", "last"))
    with open_session(engines, scope) as session:
        ready = kept.as_new(session, enterprise_id=job.enterprise_id, **kept.asked(arguments), at=at)
        if ready is not None:
            return {"report": str(ready.id)}
        by = person(session, job.enterprise_id, UUID(arguments["by"]))
        made = issue.make(
            session,
            enterprise=tenant,
            first=first,
            last=last,
            lang=arguments["lang"],
            at=at,
            sign=lambda: signed(installation, job, at),
            address=verify.address(installation.settings.base_url, job.id),
            full=bool(arguments.get("full")),
            render=partial(printing.render, pdf.render, told=partial(laid_out, installation, job)),
            median=service.median(engines, tenant, first=first, last=last),
        )
    _hand_out(installation, job, _sealed(installation, made, tenant.township_name), by=by, at=at)
    return None


def _hand_out(installation: Any, job: Job, made: issue.Made, *, by: Actor, at: datetime) -> None:
    """Write the report and end the job, in one transaction."""
    folder = installation.settings.data_dir / "issued"
    with open_session(installation.engines, Enterprise(job.enterprise_id), write=True) as session:
        jobs.finish(session, job, {"report": str(job.id)}, at=clock.now())  # first: who lost the job writes no file
        issue.issue(session, made, report_id=job.id, by=by, at=at, folder=folder)


def laid_out(installation: Any, job: Job, percent: int) -> None:
    """Tell how far the layout is, which is the second half of the job; raises ``Gone`` once it was called off."""
    jobs.progress(installation, job, issue.SIGNED + percent * (99 - issue.SIGNED) // 100)


def signed(installation: Any, job: Job, at: datetime) -> Checkpoint | None:
    """The checkpoint of the report, None over an empty book; the job has come half its way."""
    try:
        signer = installation.open_signer()
        made = checkpoints.at_report(installation.engines, signer, enterprise_id=job.enterprise_id, at=at)
    except (checkpoints.Refused, KeyFault) as fault:
        jobs.log.critical("a report is not issued: %s", fault)
        raise NotSigned from fault
    jobs.progress(installation, job, issue.SIGNED)
    return made


def _sealed(installation: Any, made: issue.Made, township: str) -> issue.Made:
    """What is handed out, signed so that no byte of it can be changed unseen."""
    try:
        certificate = installation.open_certificate()
    except KeyFault as fault:
        jobs.log.critical("a report is not issued: %s", fault)
        raise NotSigned from fault
    plain = seal.sealed(made.plain, made.payload, by=certificate, name=township)
    return replace(made, plain=plain, certificate=certificate.fingerprint)


def person(session: Session, enterprise_id: UUID, user_id: UUID) -> Actor:
    """Who asked for the report, as the book names them."""
    user = accounts.user(session, enterprise_id=enterprise_id, user_id=user_id)
    return Actor(user.id, user.enterprise_id, None, user.name, user.username, Role(user.role))


@jobs.task(issue.TOWN_KIND)
def issue_town(installation: Any, job: Job, arguments: Mapping[str, Any]) -> dict[str, str] | None:
    """Issue the township's report of ``{first, last, lang, by}`` once, signed; its row is the office's.

    Its id is the job's. One that is as good as new is answered instead. Raises ``NotSigned`` and ``TooLarge``.
    """
    at, engines, scope = clock.now(), installation.engines, Enterprise(job.enterprise_id)
    office = installation.find_tenant(engines, job.enterprise_id)
    first, last = (date.fromisoformat(arguments[name]) for name in ("first", "last"))
    lang, address = arguments["lang"], verify.address(installation.settings.base_url, job.id)
    with open_session(engines, Township(office.township_id)) as session:
        ready = kept.town_as_new(session, office_id=office.id, first=first, last=last, lang=lang, at=at)
        if ready is not None:
            return {"report": str(ready.id)}
        report = town_service.build(session, office=office, first=first, last=last, at=at)
    report = replace(report, checkpoint=signed(installation, job, at))
    told = partial(laid_out, installation, job)
    plain = printing.render(town_files.render, report, told=told, lang=lang, address=address)
    with open_session(engines, scope) as session:
        keep_days = days_of(rulebooks.in_force(session, at=at))[issue.CLASS]
        by = person(session, job.enterprise_id, UUID(arguments["by"]))
    said, made_as = payload.of(report, address=address), town_values.SCHEMA
    made = issue.Made(report, said, lang, plain, keep_days, made_as=made_as)
    _hand_out(installation, job, _sealed(installation, made, office.township_name), by=by, at=at)
    return None


@jobs.task(large.KIND)
def write_log(installation: Any, job: Job, arguments: Mapping[str, Any]) -> None:
    """Write a long gate log for who asked (shape: ``large.ask``). A second try writes over the file of the first."""
    at, engines, of = clock.now(), installation.engines, UUID(arguments["of"])
    tenant = installation.find_tenant(engines, job.enterprise_id)
    with open_session(engines, Enterprise(of)) as session:
        by = person(session, of, UUID(arguments["by"]))
    told = partial(jobs.progress, installation, job)
    with open_session(engines, Enterprise(job.enterprise_id)) as session:
        data = large.write(session, arguments, enterprise=tenant, by=by, at=at, told=told)
    folder = installation.settings.data_dir / large.FOLDER
    large.keep(data, folder=folder, enterprise_id=job.enterprise_id, job_id=job.id, at=at)
