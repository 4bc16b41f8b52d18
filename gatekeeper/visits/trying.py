"""A draft tried before it is published: the worker judges the visits of the last days, whoever asked sees its progress.

An enterprise's draft is tried on its own visits, a township's on those of all its enterprises, each with its own rules
beside the township's. The result is JSON in the job's row and holds no personal value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper import jobs
from gatekeeper.access import Actor
from gatekeeper.clock import day_of
from gatekeeper.errors import DomainError
from gatekeeper.jobs import Job
from gatekeeper.rulebooks import drafts, reading
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rules.values import Owner, Rulebook, Text
from gatekeeper.tenancy import own_id
from gatekeeper.visits.dry_run import Tally, Trial
from gatekeeper.visits.dry_run_reading import BATCH, Reading, visits_of
from gatekeeper.visits.proof import uncollected

KIND = "dry_run"
"""The kind of the jobs that try a draft."""

SHORTEST, USUAL, LONGEST = 1, 30, 90
"""Days of visits that a draft is tried on."""


class NoDraft(DomainError):
    """There is nothing to try."""

    def __init__(self) -> None:
        super().__init__(
            "rulebook.no_draft", Text("草稿已发布或丢弃，没有可试的", "The draft was published or discarded meanwhile")
        )


class FaultyDraft(DomainError):
    """A rule of the draft is not whole: without it the answer would be about another draft."""

    def __init__(self, faults: Sequence[Text]) -> None:
        zh, en = faults[0]
        super().__init__("rulebook.draft_faulty", Text(f"请先改好草稿：{zh}", f"Mend the draft first: {en}"))


def _readable(draft: RulebookDraft, owner: Owner) -> Rulebook:
    """The rules of the draft; raises ``FaultyDraft``."""
    read = reading.read_draft(draft, owner)
    if read.faults:
        raise FaultyDraft(read.faults)
    return read.book


def ask(session: Session, *, days: int, by: Actor, at: datetime) -> Job:
    """Let the worker try the draft as it stands on the last ``days``; asked again while it is open, it is one job.

    Raises ``NoDraft`` and ``FaultyDraft``.
    """
    draft = rulebooks.draft(session, enterprise_id=own_id(session))
    if draft is None:
        raise NoDraft
    _readable(draft, drafts.owner_of(session))
    arguments = {"days": days, "revision": draft.revision}
    return jobs.enqueue(session, KIND, key=f"{draft.revision}:{days}", arguments=arguments, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last run that was asked for. ``result`` None: it has not ended, or failed: ``why`` then says why."""

    job_id: UUID
    days: int
    revision: int
    state: str
    progress: int
    result: Mapping[str, Any] | None
    why: Text | None

    @property
    def is_open(self) -> bool:
        return self.state in jobs.OPEN


def last(session: Session, *, enterprise_id: UUID) -> Attempt | None:
    """What was asked for last; None where nothing was, or it was called off."""
    query = select(Job).where(Job.enterprise_id == enterprise_id, Job.kind == KIND, Job.state != jobs.CANCELLED)
    job = session.scalars(query.order_by(Job.made_at.desc(), Job.id.desc()).limit(1)).one_or_none()
    if job is None:
        return None
    asked = json.loads(job.arguments)
    result = json.loads(job.result) if job.result else None
    why = jobs.why(job) if job.state == jobs.FAILED else None
    revision = result["revision"] if result else asked["revision"]
    return Attempt(job.id, asked["days"], revision, job.state, job.progress, result, why)


class Place(NamedTuple):
    """An enterprise on whose visits a draft is tried: ``open`` begins a reading session of its own scope."""

    enterprise_id: UUID
    open: Callable[[], AbstractContextManager[Session]]


def days_before(at: datetime, days: int) -> tuple[date, date]:
    """(first, last) of the last ``days``, today among them."""
    today = day_of(at)
    return today - timedelta(days=days - 1), today


def run(
    draft: RulebookDraft,
    *,
    owner: Owner,
    places: Sequence[Place],
    days: int,
    at: datetime,
    told: Callable[[int], object] = lambda percent: None,
) -> dict[str, Any]:
    """Judge the visits of the last ``days`` with and without ``draft``; ``told`` hears how many percent are done.

    Answers what ``Tally.to_data`` does, the draft's revision, the days, and the titles of the rules it names, as
    (zh, en) by code in ``titles``. Raises ``FaultyDraft``.
    """
    book = _readable(draft, owner)
    first, until = days_before(at, days)
    tally, titles = Tally(), {}
    waiting = []
    for place in places:
        with place.open() as session:
            waiting.append(visits_of(session, enterprise_id=place.enterprise_id, first=first, last=until))
    total, done = sum(map(len, waiting)), 0
    for place, ids in zip(places, waiting, strict=True):
        if not ids:
            continue
        with place.open() as session, uncollected():
            trial, books = _trial(session, draft.enterprise_id, book, at)
            titles.update({rule.code: list(rule.title) for each in books for rule in each.rules})
            source, left = Reading(session, place.enterprise_id, books, first=first), iter(ids)
            while batch := list(islice(left, BATCH)):
                for visit, stages in source.visits(batch):
                    tally.add(str(place.enterprise_id), str(visit), trial, stages)
                done += len(batch)
                told(done * 100 // total)
    made = tally.to_data()
    named = {code for code, *_ in (*made["rules"], *made["asked"])}
    return {
        **made,
        "revision": draft.revision,
        "first": first.isoformat(),
        "last": until.isoformat(),
        "titles": {code: title for code, title in titles.items() if code in named},
    }


def _trial(session: Session, owner_id: UUID, draft: Rulebook, at: datetime) -> tuple[Trial, list[Rulebook]]:
    """The books on both sides at the session's enterprise, where ``draft`` would take the place of ``owner_id``'s."""
    books = rulebooks.in_force(session, at=at)
    replaced = rulebooks.of_enterprise(session, enterprise_id=owner_id, at=at)
    version = str(replaced.id) if replaced else None
    now = next((book for book in books if book.version == version), None)
    beside = [book for book in books if book is not now]
    return Trial(beside=beside, now=now, draft=draft), [*books, draft]


def summary(result: Mapping[str, Any], *, days: int) -> Text:
    """过去 30 天：多 14 次待定，多 2 次劝返. Each visit stands under where it would end now; relief is named too."""
    gone: dict[tuple[bool, str], int] = {}
    for _, was, now, count in result["moves"]:
        worse = _ORDER.index(now) > _ORDER.index(was)
        gone[worse, now] = gone.get((worse, now), 0) + count
    told = [Text(say.zh.format(count), say.en.format(count)) for at, say in _SAID.items() if (count := gone.get(at))]
    if not told:
        told = [Text("没有一次来访的判定会变", "no verdict would change")]
    zh, en = "，".join(one.zh for one in told), ", ".join(one.en for one in told)
    return Text(f"过去 {days} 天：{zh}", f"Last {days} {'day' if days == 1 else 'days'}: {en}")


_ORDER = ("admit", "hold", "refuse")
_SAID: Mapping[tuple[bool, str], Text] = {
    (True, "hold"): Text("多 {} 次待定", "{} more held"),
    (True, "refuse"): Text("多 {} 次劝返", "{} more refused"),
    (False, "admit"): Text("多 {} 次放行", "{} more admitted"),
    (False, "hold"): Text("{} 次由劝返改为待定", "{} held instead of refused"),
}
