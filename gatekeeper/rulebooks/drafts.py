"""The draft of a rulebook: one per enterprise, changed rule by rule. It judges nobody until it is published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gatekeeper.access import Actor
from gatekeeper.enterprises.models import Enterprise, EnterpriseKind
from gatekeeper.errors import DomainError, Invalid, NotFound
from gatekeeper.ledger.service import act
from gatekeeper.rulebooks import queries, steps
from gatekeeper.rulebooks.checking import checked
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rules import codec
from gatekeeper.rules.values import Owner, Stage, Text
from gatekeeper.rules.vocabulary import STAGES, label
from gatekeeper.tenancy import own_id

EMPTY_TITLE = {"zh": "门岗规则", "en": "Gate rules"}
STAGE_ORDER = {stage.value: rank for rank, stage in enumerate(Stage)}

CHANGED = Text(
    "另一位管理员刚改过草稿。您填写的内容还在，请看一眼现在的草稿，再提交一次。",
    "Somebody changed the draft meanwhile. What you entered is still here: look at the draft, then send again.",
)


class DraftChanged(DomainError):
    """Somebody else changed, published or discarded the draft since it was shown; ``revision`` is its present one,
    0 where there is none any more."""

    def __init__(self, revision: int) -> None:
        super().__init__("rulebook.draft_changed", CHANGED)
        self.revision = revision


def owner_of(session: Session) -> Owner:
    """Whose rules the session's enterprise writes: an office's are the township's, all others their own."""
    row = session.get(Enterprise, own_id(session))
    office = row is not None and row.kind == EnterpriseKind.TOWNSHIP_OFFICE
    return Owner.TOWNSHIP if office else Owner.ENTERPRISE


def draft(session: Session, *, by: Actor, at: datetime) -> RulebookDraft:
    """The enterprise's draft; where there is none, one made from the last published version, or an empty book."""
    found = queries.draft(session, enterprise_id=own_id(session))
    return found if found is not None else _begun(session, by=by, at=at)


def _begun(session: Session, *, by: Actor, at: datetime) -> RulebookDraft:
    last = queries.last(session, enterprise_id=own_id(session))
    document = last.document if last else _text({"schema": codec.SCHEMA, "title": EMPTY_TITLE, "rules": []})
    made = RulebookDraft(
        enterprise_id=own_id(session),
        document=document,
        based_on=last.id if last else None,
        revision=_first_revision(at),
        updated_at=at,
        updated_by=by.id,
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:  # two people opened the editor at once: both get the first one's draft
        found = queries.draft(session, enterprise_id=own_id(session))
        if found is None:
            raise
        return found
    return made


def _first_revision(at: datetime) -> int:
    """Where revisions of a new draft begin: beyond those of every earlier draft, which grew slower than the seconds."""
    return int(at.timestamp()) % 1_000_000_000 + 1


def resume(session: Session, *, revision: int, by: Actor, at: datetime) -> RulebookDraft:
    """The draft that was shown with ``revision``; 0 begins one where there is none. Raises ``DraftChanged``."""
    found = queries.draft(session, enterprise_id=own_id(session))
    if found is None and revision == 0:
        return _begun(session, by=by, at=at)
    if found is None or found.revision != revision:
        raise DraftChanged(found.revision if found else 0)
    return found


def document_of(draft: RulebookDraft) -> dict[str, Any]:
    """The draft's document, fresh: changing it changes nothing."""
    document: dict[str, Any] = json.loads(draft.document)
    return document


def in_order(rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rules by stage, in the order of a visit; within a stage as they stand."""
    return sorted(rules, key=lambda rule: STAGE_ORDER.get(rule["stage"], len(STAGE_ORDER)))


def rule_in(draft: RulebookDraft, code: str) -> dict[str, Any] | None:
    """One rule of the draft as data; None where it is not there (any more)."""
    return next((dict(rule) for rule in document_of(draft)["rules"] if rule["code"] == code), None)


def save_rule(
    session: Session,
    draft: RulebookDraft,
    *,
    rule: Mapping[str, Any],
    at_code: str | None = None,
    by: Actor,
    at: datetime,
    revision: int | None = None,
) -> RulebookDraft:
    """Put ``rule`` in the place of the rule ``at_code`` (None: of its own code; a new code goes to the end).

    ``revision`` is the draft's when the form was shown. Raises ``DraftChanged``, ``RulebookRefused`` (every fault
    with its rule and field), ``NotFound`` where ``at_code`` is gone.
    """
    document = locked(session, draft, revision)
    rules = document["rules"]
    place = _place(rules, at_code if at_code is not None else rule["code"])
    if place is None:
        if at_code is not None:
            raise NotFound("rulebook.rule_unknown", Text("草稿里没有这条规则", "There is no such rule in the draft"))
        rules.append(dict(rule))
    else:
        rules[place] = dict(rule)
    did = ("加了", "added") if place is None else ("改了", "changed")
    return store(session, draft, document, what=_about(*did, rule), by=by, at=at)


def add_rule(
    session: Session,
    draft: RulebookDraft,
    *,
    rule: Mapping[str, Any],
    by: Actor,
    at: datetime,
    revision: int | None = None,
) -> RulebookDraft:
    """Put a new rule at the end; a code that is taken is made unique."""
    document = locked(session, draft, revision)
    document["rules"].append({**rule, "code": free_code(document, str(rule["code"]))})
    return store(session, draft, document, what=_about("加了", "added", rule), by=by, at=at)


def remove_rule(
    session: Session, draft: RulebookDraft, *, code: str, by: Actor, at: datetime, revision: int | None = None
) -> RulebookDraft:
    """Take one rule out; one that is gone already is no error."""
    document = locked(session, draft, revision)
    place = _place(document["rules"], code)
    if place is None:
        return draft
    gone = document["rules"].pop(place)
    return store(session, draft, document, what=_about("移出了", "took out", gone), by=by, at=at)


def move_rule(
    session: Session, draft: RulebookDraft, *, code: str, up: bool, by: Actor, at: datetime, revision: int | None = None
) -> RulebookDraft:
    """Change places with the neighbour of the same stage; the first stays first, the last stays last."""
    document = locked(session, draft, revision)
    rules = document["rules"] = [dict(rule) for rule in in_order(document["rules"])]
    here = _place(rules, code)
    if here is None:
        raise NotFound("rulebook.rule_unknown", Text("草稿里没有这条规则", "There is no such rule in the draft"))
    there = here + (-1 if up else 1)
    if 0 <= there < len(rules) and rules[there]["stage"] == rules[here]["stage"]:
        rules[here], rules[there] = rules[there], rules[here]
    moved = rules[there] if 0 <= there < len(rules) else rules[here]
    return store(session, draft, document, what=_about("移动了", "moved", moved), by=by, at=at)


def order_rules(
    session: Session,
    draft: RulebookDraft,
    *,
    stage: str,
    codes: Sequence[str],
    by: Actor,
    at: datetime,
    revision: int | None = None,
) -> RulebookDraft:
    """Put the rules of one stage into the order of ``codes``.

    Raises ``DraftChanged``, ``Invalid`` (``rulebook.order``) unless ``codes`` names each rule of the stage once.
    """
    document = locked(session, draft, revision)
    rules = {rule["code"]: rule for rule in document["rules"]}
    here = [code for code, rule in rules.items() if rule["stage"] == stage]
    if sorted(here) != sorted(codes):
        raise Invalid(
            "rulebook.order",
            Text("顺序和草稿里的规则对不上，请刷新页面", "These are not the rules of the draft: load the page anew"),
        )
    document["rules"] = [rule for rule in rules.values() if rule["stage"] != stage] + [rules[code] for code in codes]
    name = label(STAGES, stage)
    what = Text(f"调整了“{name.zh}”的顺序", f"put “{name.en}” into another order")
    return store(session, draft, document, what=what, by=by, at=at)


def undo(
    session: Session, draft: RulebookDraft, *, by: Actor, at: datetime, revision: int | None = None
) -> RulebookDraft:
    """Take back the last change; without one nothing happens. Raises ``DraftChanged``."""
    locked(session, draft, revision)
    document = steps.take(session, enterprise_id=draft.enterprise_id)
    if document is not None:
        _write(session, draft, document, by=by, at=at)
    return draft


def discard(session: Session, draft: RulebookDraft, *, by: Actor, at: datetime, revision: int | None = None) -> None:
    """Throw the draft away; what is in force stays. Raises ``DraftChanged``."""
    locked(session, draft, revision)
    end(session, draft)
    act(session, by=by, what="rulebook.draft_discarded", subject=str(draft.enterprise_id), at=at)


def current(session: Session, draft: RulebookDraft, *, revision: int | None = None) -> dict[str, Any]:
    """The draft's document in order, locked until the commit. Raises ``DraftChanged``."""
    document = locked(session, draft, revision)
    document["rules"] = in_order(document["rules"])
    return document


def end(session: Session, draft: RulebookDraft) -> None:
    """The draft is gone: it was published or thrown away."""
    steps.forget(session, enterprise_id=draft.enterprise_id)
    session.delete(draft)
    session.flush()


def free_code(document: Mapping[str, Any], wanted: str) -> str:
    """``wanted``, with the next number behind it where a rule has that code."""
    there = {rule["code"] for rule in document["rules"]}
    number, code = 2, wanted
    while code in there:
        number, code = number + 1, f"{wanted}_{number}"
    return code


def _place(rules: Sequence[Mapping[str, Any]], code: str) -> int | None:
    return next((place for place, rule in enumerate(rules) if rule["code"] == code), None)


def locked(session: Session, draft: RulebookDraft, revision: int | None) -> dict[str, Any]:
    """The document as it stands, the row locked until the commit; raises ``DraftChanged``."""
    query = select(RulebookDraft).where(RulebookDraft.enterprise_id == draft.enterprise_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or (revision is not None and found.revision != revision):
        raise DraftChanged(found.revision if found else 0)
    return document_of(found)


def store(
    session: Session, draft: RulebookDraft, document: dict[str, Any], *, what: Text, by: Actor, at: datetime
) -> RulebookDraft:
    """Write a changed document, keeping the former one to undo ``what``; one that is equal changes nothing.

    Raises ``RulebookRefused``.
    """
    document["rules"] = in_order(document["rules"])
    checked(document, owner=owner_of(session))
    if _text(document) != draft.document:
        steps.keep(session, draft, what=what)
        _write(session, draft, _text(document), by=by, at=at)
    return draft


def _write(session: Session, draft: RulebookDraft, document: str, *, by: Actor, at: datetime) -> None:
    draft.document = document
    draft.revision += 1
    draft.updated_at, draft.updated_by = at, by.id
    session.flush()


def _about(zh: str, en: str, rule: Mapping[str, Any]) -> Text:
    return Text(f"{zh}“{steps.short(rule['title']['zh'])}”", f"{en} “{steps.short(rule['title']['en'])}”")


def _text(document: Mapping[str, Any]) -> str:
    return codec.canonical(document).decode()
