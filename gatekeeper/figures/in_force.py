"""What the decisions of a period were made with: rulebook versions, switched packs, rules' titles, risk lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gatekeeper.clock import start_of
from gatekeeper.figures.values import Figures, RuleFigures
from gatekeeper.risk_areas.models import RiskList
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rulebooks import switch_queries as switches
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rulebooks.switch_queries import Order
from gatekeeper.rules.values import Rule, Text


@dataclass(frozen=True, slots=True)
class BookUsed:
    """A rulebook version that judged ``visits`` visits of the period last; ``until`` None: none is to follow it."""

    owner: str
    number: int
    title: Text
    holds_from: datetime
    published_by: str
    content_hash: str
    visits: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PackUsed:
    """A pack that the township had switched on and that judged ``visits`` visits; ``until`` None: it goes on."""

    title: Text
    holds_from: datetime
    until: datetime | None
    ordered_by: str
    content_hash: str
    visits: int


@dataclass(frozen=True, slots=True)
class ListUsed:
    """A risk list that was used for ``visits`` visits; areas by level as the list counts them."""

    hash: str
    update_time: datetime
    high: int
    middle: int
    low: int
    visits: int


@dataclass(frozen=True, slots=True)
class InForce:
    """``rules`` by (owner, code), as the newest version used names them."""

    books: tuple[BookUsed, ...]
    packs: tuple[PackUsed, ...]
    lists: tuple[ListUsed, ...]
    rules: Mapping[tuple[str, str], Rule]

    def title(self, owner: str, code: str) -> Text:
        """The title of a rule; its code where no version that may be read holds it."""
        rule = self.rules.get((owner, code))
        return rule.title if rule else Text(code, code)

    def why(self, owner: str, code: str) -> Text:
        """The plain reason of a rule; empty where no version that may be read holds it."""
        rule = self.rules.get((owner, code))
        return rule.why if rule else Text("", "")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with its words and its figures."""

    title: Text
    why: Text
    figures: RuleFigures


def lines(figures: Figures, known: InForce) -> tuple[RuleLine, ...]:
    """The rules of ``figures`` with their words, in the same order."""
    return tuple(
        RuleLine(known.title(rule.owner, rule.code), known.why(rule.owner, rule.code), rule) for rule in figures.rules
    )


def of(session: Session, figures: Figures) -> InForce:
    """What was in force for the visits of ``figures``; six statements at most."""
    used = {**dict(figures.township_versions), **dict(figures.enterprise_versions)}
    ids = [UUID(version) for version in used]
    rows = session.scalars(
        select(RulebookVersion)
        .where(RulebookVersion.id.in_(ids))
        .order_by(RulebookVersion.owner.desc(), RulebookVersion.number)
    ).all()
    rules: dict[tuple[str, str], Rule] = {}
    ends = _ends(session, rows)
    books = []
    for row in rows:
        book = rulebooks.rulebook_of(row)
        rules.update({(row.owner, rule.code): rule for rule in book.rules})
        books.append(
            BookUsed(
                owner=row.owner,
                number=row.number,
                title=book.title,
                holds_from=row.holds_from,
                published_by=row.published_by_name,
                content_hash=row.content_hash,
                visits=used[str(row.id)],
                until=ends.get(row.id),
            )
        )
    packs = []
    for order in switches.of(session, ids=[UUID(switch) for switch, _ in figures.switches], at=start_of(figures.last)):
        rules.update({(order.book.owner.value, rule.code): rule for rule in order.book.rules})
        packs.append(_pack(order, dict(figures.switches)[str(order.switch.id)]))
    return InForce(tuple(books), tuple(packs), _lists(session, dict(figures.risk_lists)), rules)


def _ends(session: Session, rows: Sequence[RulebookVersion]) -> dict[UUID, datetime]:
    """When the next version of the same owner took over from each of ``rows``, as far as one did or is to."""
    query = select(RulebookVersion.enterprise_id, RulebookVersion.number, RulebookVersion.holds_from).where(
        RulebookVersion.enterprise_id.in_({row.enterprise_id for row in rows})
    )
    every = [(owner, number, at) for owner, number, at in session.execute(query)] if rows else []
    found = {}
    for row in rows:
        later = [at for owner, number, at in every if owner == row.enterprise_id and number > row.number]
        if later:
            found[row.id] = max(min(later), row.holds_from)
    return found


def _pack(order: Order, visits: int) -> PackUsed:
    row = order.switch
    return PackUsed(order.title, row.holds_from, order.until, row.made_by_name, row.content_hash, visits)


def _lists(session: Session, used: Mapping[str, int]) -> tuple[ListUsed, ...]:
    query = select(RiskList.hash, RiskList.update_time, RiskList.high, RiskList.middle, RiskList.low).where(
        RiskList.hash.in_(list(used))
    )
    found = [ListUsed(*row, used[row[0]]) for row in session.execute(query.order_by(RiskList.update_time))]
    return tuple(found)
