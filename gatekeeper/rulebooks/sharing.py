"""Rulebooks that come from elsewhere: an older version taken again, a file handed in; and the file of a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Tenant
from gatekeeper.clock import micros
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.errors import Invalid
from gatekeeper.ledger.chain import content_hash
from gatekeeper.ledger.service import act
from gatekeeper.rulebooks import drafts, service, steps
from gatekeeper.rulebooks.models import RulebookDraft, RulebookVersion
from gatekeeper.rules import codec, files
from gatekeeper.rules.faults import Faults
from gatekeeper.rules.files import FileRefused, Placed, RulebookFile
from gatekeeper.rules.values import Owner, Rule, Text
from gatekeeper.tenancy import own_id

VERSION, FILE = "version", "file"
"""Where a draft or version came from, ``origin["from"]``."""


class ImportRefused(Invalid):
    """A file that was not taken; ``faults`` has each with its line, in the order of the file."""

    def __init__(self, faults: tuple[Placed, ...]) -> None:
        self.faults = faults
        count = len(faults)
        en = f"The file was not taken: {count} fault{'' if count == 1 else 's'}"
        super().__init__("rulebook.file", Text(f"文件没有导入：有 {count} 处错误", en))


def exported(version: RulebookVersion, tenant: Tenant) -> bytes:
    """The file of a version; it names the place, the version and when it was published, and no person."""
    own = version.enterprise_id == tenant.id
    origin = {
        "township": tenant.township_name,
        "enterprise": tenant.name if own else tenant.township_name,
        "number": version.number,
        "content_hash": version.content_hash,
        "published_at": version.published_at.isoformat(timespec="seconds"),
    }
    return files.written(json.loads(version.document), origin=origin)


def take_version(
    session: Session, version: RulebookVersion, *, by: Actor, at: datetime, revision: int
) -> RulebookDraft:
    """Make a version the draft. ``revision``: of the draft that gives way, 0 for none; raises ``DraftChanged``."""
    return _taken(session, json.loads(version.document), origin_of(version), by=by, at=at, revision=revision)


def repeat(
    session: Session,
    version: RulebookVersion,
    *,
    by: Actor,
    at: datetime,
    holds_from: datetime | None = None,
    note: str = "",
    seen: int | None = None,
) -> RulebookVersion:
    """Publish an older version again as the next one; the draft stays. Raises as ``service.publish_document``."""
    document, origin = json.loads(version.document), _text(origin_of(version))
    when: dict[str, Any] = {"at": at, "holds_from": holds_from, "note": note, "seen": seen}
    return service.publish_document(session, document, owner=drafts.owner_of(session), by=by, origin=origin, **when)


def take_file(session: Session, data: bytes, *, by: Actor, at: datetime, revision: int) -> RulebookDraft:
    """Make the rulebook of a file the draft, whole or not at all; raises ``ImportRefused``, ``DraftChanged``.

    Gates of another place are taken out of the rules that allow gates, to be set in the editor.
    """
    owner = drafts.owner_of(session)
    try:
        read = files.read_file(data, owner=owner)
        _fits_here(session, read, owner)
    except FileRefused as wrong:
        raise ImportRefused(wrong.faults) from None
    document = codec.to_document(read.book)
    fingerprint = content_hash(codec.canonical(document))
    said = read.origin or {}
    here = _own_gates_only(session, document)
    origin = {
        "from": FILE,
        **said,
        "altered": bool(said) and said["content_hash"] != fingerprint,
        "content_hash": fingerprint,
        "taken_at": micros(at),
        "taken_by": by.name[:40],
        "document": here,
    }
    draft = _taken(session, here, origin, by=by, at=at, revision=revision)
    body = {"content_hash": fingerprint}
    act(session, by=by, what="rulebook.imported", subject=str(draft.enterprise_id), body=body, at=at)
    return draft


def origin_of(version: RulebookVersion) -> dict[str, Any]:
    """The origin of what is made from a version of this place."""
    return {
        "from": VERSION,
        "version": str(version.id),
        "number": version.number,
        "content_hash": version.content_hash,
    }


def _taken(
    session: Session, document: Mapping[str, Any], origin: Mapping[str, Any], *, by: Actor, at: datetime, revision: int
) -> RulebookDraft:
    draft = drafts.resume(session, revision=revision, by=by, at=at)
    drafts.current(session, draft)  # locked until the commit
    steps.forget(session, enterprise_id=draft.enterprise_id)  # an undo does not reach behind another origin
    draft.document, draft.origin = codec.canonical(document).decode(), _text(origin)
    draft.revision += 1
    draft.updated_at, draft.updated_by = at, by.id
    session.flush()
    return draft


def _fits_here(session: Session, read: RulebookFile, owner: Owner) -> None:
    """Conditions must name gates and zones of this place; an office has none of its own."""
    known = {
        "gate": _gates(session),
        "zone": {z.code for z in enterprises.zones(session, enterprise_id=own_id(session))},
    }
    faults = Faults()
    for index, rule in enumerate(read.book.rules):
        faults.rule = rule.code
        if owner == Owner.TOWNSHIP and rule.kind == "gate_allowed":
            zh, en = "镇街规则不能指定企业的门岗，请去掉这条", "A township's rules name no gates: take it out"
            faults.add(f"rules[{index}].kind", "rule.gates", zh, en)
        _strange(rule, index, known, faults)
    if faults.found:
        raise FileRefused(files.placed(faults.found, read.positions))


def _strange(rule: Rule, index: int, known: Mapping[str, set[str]], faults: Faults) -> None:
    """A fault for each condition about a gate or zone that is not here."""
    for place, clause in enumerate(rule.when):
        if clause.fact not in known:
            continue
        values = clause.value if isinstance(clause.value, (list, tuple)) else [clause.value]
        strange = [value for value in values if value not in known[clause.fact]]
        if strange and clause.fact == "zone":
            zh = f"本单位没有分区“{strange[0]}”：先建好这个代码的分区，或把文件里的代码改成本单位的"
            en = f"There is no zone “{strange[0]}” here: add a zone with this code, or put one of yours into the file"
        elif strange:
            zh = "这个条件说的是别家的门岗：请把它从文件里去掉，导入后再选本单位的门岗"
            en = "This condition names a gate of another place: take it out of the file, then choose your own gate"
        if strange:
            faults.add(f"rules[{index}].when[{place}].value", "clause.elsewhere", zh, en)


def _own_gates_only(session: Session, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without gates of other places."""
    own = _gates(session)
    rules = []
    for rule in document["rules"]:
        if rule["kind"] == "gate_allowed":
            gates = [gate for gate in rule["params"]["gates"] if gate in own]
            rule = {**rule, "params": {**rule["params"], "gates": gates}}
        rules.append(rule)
    return {**document, "rules": rules}


def _gates(session: Session) -> set[str]:
    return {str(gate.id) for gate in enterprises.gates(session, enterprise_id=own_id(session), closed=True)}


def _text(origin: Mapping[str, Any]) -> str:
    return json.dumps(origin, sort_keys=True, ensure_ascii=False)
