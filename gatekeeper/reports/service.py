"""Making a report: figures, lists, and what was in force, read in one pass over the visits of the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper import tenancy
from gatekeeper.access import Tenant
from gatekeeper.db import Engines
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.figures import entries, in_force, manning
from gatekeeper.figures import queries as figure_queries
from gatekeeper.figures import service as figures
from gatekeeper.figures.entries import Note
from gatekeeper.figures.in_force import InForce
from gatekeeper.figures.queries import Found, Seen
from gatekeeper.figures.values import Figures, Rate
from gatekeeper.figures.words import place_name
from gatekeeper.ledger import checkpoints
from gatekeeper.ledger import queries as ledger
from gatekeeper.ledger.witness import Checkpoint
from gatekeeper.reports import periods, queries, sample
from gatekeeper.reports.values import (
    Details,
    Issuer,
    Median,
    NoteLine,
    OverrideLine,
    Reason,
    Report,
    VisitLine,
)
from gatekeeper.rules import words
from gatekeeper.rules.values import Consequence, Finding, Owner, State, Text

FEWEST = 5
"""Of fewer enterprises with visits no median is told: it would be the rate of a neighbour who can be guessed."""

LISTED = ("late", "sent_late", "admitted_again", "before_list", "corrected", "attention")
"""The kinds of note that stand in a list; the others are counted alone."""


def build(
    session: Session,
    *,
    enterprise: Tenant,
    first: date,
    last: date,
    at: datetime,
    key: str | None = None,
    median: Median | None = None,
) -> Report:
    """The report of one enterprise from ``first`` to ``last``, both included; reads only.

    ``at`` is when it is made, ``key`` the fingerprint that a checkpoint is printed with. The same book, period
    and number always give the same figures (docs/figures.md). After an enterprise was closed there is nothing to
    count: ``last`` is its last day then; raises ``Invalid`` (``period.closed``) for days after it alone.
    """
    closed = periods.closed_on(session, enterprise_id=enterprise.id)
    last = periods.until_closed(first, last, closed)
    tally = figures.Tally(first, last)
    listed: list[Seen] = []
    people: Counter[str] = Counter()
    for seen in figure_queries.visits(session, enterprise_id=enterprise.id, first=first, last=last):
        tally.add(seen)
        people[seen.kind or "other"] += seen.people
        if _is_listed(seen):
            listed.append(seen)
    counted = tally.figures(voided=figure_queries.voided(session, enterprise_id=enterprise.id, first=first, last=last))
    standing = ledger.head(session, enterprise_id=enterprise.id)
    known = in_force.of(session, counted)
    lines = list(_lines(session, enterprise.id, listed, known))
    noted = entries.notes(session, enterprise_id=enterprise.id, first=first, last=last)
    day = timedelta(days=1)
    earlier = figures.count(session, enterprise_id=enterprise.id, first=first - (last - first) - day, last=first - day)
    made = Report(
        number=f"{enterprise.slug.upper()}-{first:%Y%m%d}-{last:%Y%m%d}-{standing.seq}",
        issuer=Issuer(
            enterprise.slug, enterprise.name, enterprise.kind, enterprise.township_name, enterprise.demo, closed
        ),
        first=first,
        last=last,
        seq=standing.seq,
        book_hash=standing.hash,
        made_at=at,
        figures=counted,
        before=earlier.compliance,
        rules=in_force.lines(counted, known),
        books=known.books,
        packs=known.packs,
        lists=known.lists,
        details=_details(session, enterprise.id, first, last, list(zip(listed, lines, strict=True)), known, noted),
        entries=entries.told(noted),
        people_by_kind=tuple((kind, people[kind]) for kind, _ in counted.by_kind),
        rules_before=earlier.rules,
        median=median,
        unmanned=manning.hours(session, enterprise_id=enterprise.id, first=first, last=last, at=at),
    )
    covering = checkpoints.covering(session, enterprise_id=enterprise.id, seq=standing.seq, key=key)
    return witnessed(session, made, covering, enterprise_id=enterprise.id)


def witnessed(session: Session, report: Report, checkpoint: Checkpoint | None, *, enterprise_id: UUID) -> Report:
    """The report with its checkpoint, and with the sample that this draws; None: with neither."""
    if checkpoint is None:
        return replace(report, checkpoint=None, sample=None)
    drawn = sample.draw(
        session,
        enterprise_id=enterprise_id,
        slug=report.issuer.slug,
        first=report.first,
        last=report.last,
        seq=report.seq,
        root=checkpoint.said["root"],
    )
    return replace(report, checkpoint=checkpoint, sample=drawn)


def median(engines: Engines, enterprise: Tenant, *, first: date, last: date) -> Median | None:
    """The rate in the middle of the township's enterprises with visits to count; None where they are few.

    Of an even number the lower one, so that it is the rate of one of them. Reads as the township, in its own session.
    """
    if enterprise.township_id is None:
        return None
    sums: dict[UUID, list[int]] = {}
    with tenancy.open_session(engines, tenancy.Township(enterprise.township_id)) as session:
        for row in figure_queries.day_sums(session, first=first, last=last):
            one = sums.setdefault(row.enterprise_id, [0, 0])
            one[0], one[1] = one[0] + row.compliant, one[1] + row.counted
    rates = sorted((Rate(met, of) for met, of in sums.values() if of), key=lambda rate: (rate.share or 0, rate.of))
    return Median(rates[(len(rates) - 1) // 2], len(rates)) if len(rates) >= FEWEST else None


def visits(session: Session, *, enterprise_id: UUID, counted: Figures) -> Iterator[VisitLine]:
    """Every visit that ``counted`` counts, by arrival; streams, 500 at a time."""
    stream = figure_queries.visits(session, enterprise_id=enterprise_id, first=counted.first, last=counted.last)
    return lines_of(session, enterprise_id, stream, counted)


def lines_of(session: Session, enterprise_id: UUID, seen: Iterable[Seen], counted: Figures) -> Iterator[VisitLine]:
    """The lines of some of the visits that ``counted`` counts, in their order."""
    return _lines(session, enterprise_id, seen, in_force.of(session, counted))


def _is_exception(seen: Seen) -> bool:
    failed = seen.counted and not seen.compliant
    return failed or any(finding.state == "violated" for finding in seen.findings)


def _is_listed(seen: Seen) -> bool:
    waits = seen.state in ("at_gate", "inside")
    return waits or seen.risk_level == "high" or seen.against_verdict or _is_exception(seen)


def _details(
    session: Session,
    enterprise_id: UUID,
    first: date,
    last: date,
    pairs: list[tuple[Seen, VisitLine]],
    known: InForce,
    noted: list[Note],
) -> Details:
    def those(fits: Callable[[Seen], bool]) -> tuple[VisitLine, ...]:
        return tuple(line for seen, line in pairs if fits(seen))

    written = queries.overrides(session, enterprise_id=enterprise_id, first=first, last=last)
    return Details(
        exceptions=those(_is_exception),
        overrides=tuple(
            OverrideLine(
                at=item.at,
                arrived_at=item.arrived_at,
                plate=item.plate,
                rules=tuple(known.title(owner, rule) for owner, rule in item.findings),
                by=item.by,
                role=item.role,
                reason=item.reason,
            )
            for item in written
        ),
        against_verdict=those(lambda seen: seen.against_verdict),
        high_risk=those(lambda seen: seen.risk_level == "high"),
        too_long=those(figures.over_limit),
        not_left=those(lambda seen: seen.state in ("at_gate", "inside")),
        notes=tuple(
            NoteLine(note.kind, note.arrived_at, note.plate, note.at, note.by, note.what, note.when)
            for note in noted
            if note.kind in LISTED
        ),
    )


def _lines(session: Session, enterprise_id: UUID, seen: Iterable[Seen], known: InForce) -> Iterator[VisitLine]:
    gates = {gate.id: gate.name for gate in enterprises.gates(session, enterprise_id=enterprise_id, closed=True)}
    stream = iter(seen)
    while batch := list(islice(stream, queries.CHUNK)):
        ids = [item.id for item in batch]
        names = queries.names(session, enterprise_id=enterprise_id, visit_ids=ids)
        deciders = queries.deciders(session, enterprise_id=enterprise_id, visit_ids=ids)
        for item in batch:
            people = names.get(item.id, ())
            yield _line(item, gates.get(item.gate_id, ""), people, deciders.get(item.id, ""), known)


def _line(seen: Seen, gate: str, names: tuple[str, ...], decided_by: str, known: InForce) -> VisitLine:
    return VisitLine(
        id=seen.id,
        arrived_at=seen.arrived_at,
        plate=seen.plate or "",
        plate_class=seen.plate_class or "",
        trailers=seen.trailers,
        kind=seen.kind or "other",
        people=seen.people,
        names=names,
        origin=place_name(seen.origin).zh if seen.origin else "",
        risk_level=seen.risk_level or "",
        cargo=seen.cargo or "",
        gate=gate,
        guard=seen.guard_name,
        arrival_verdict=seen.arrival_verdict,
        verdict=seen.verdict,
        state=seen.state,
        admitted_at=seen.admitted_at,
        closed_at=seen.closed_at,
        decided_by=decided_by,
        compliant=seen.compliant if seen.counted else None,
        overdue=seen.overdue,
        against_verdict=seen.against_verdict,
        overridden=seen.overridden,
        corrected=seen.corrected,
        reasons=tuple(_reason(finding, names, known) for finding in seen.faults),
        late=seen.late,
    )


def _reason(found: Found, names: tuple[str, ...], known: InForce) -> Reason:
    finding = Finding(
        Owner(found.owner),
        found.version,
        found.rule,
        found.subject,
        State(found.state),
        Consequence(found.consequence),
        found.reason,
        found.data,
    )
    return Reason(
        owner=found.owner,
        rule=found.rule,
        title=known.title(found.owner, found.rule),
        who=_who(found.subject, names),
        state=found.state,
        text=words.reason(finding),
    )


def _who(subject: str, names: tuple[str, ...]) -> Text:
    """The subject of a finding in words; a person by the masked name. Empty for the visit as a whole."""
    kind, _, number = subject.partition(":")
    if kind == "occupant" and number.isdigit():
        index = int(number) - 1
        name = names[index] if 0 <= index < len(names) and names[index] != "—" else ""
        return Text(name or f"人员 {number}", name or f"person {number}")
    if kind == "trailer":
        return Text(f"挂车 {number}", f"trailer {number}")
    return Text("", "")
