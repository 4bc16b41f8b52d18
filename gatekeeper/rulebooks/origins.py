"""Where a draft or version came from and what was changed since, in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.clock import from_micros, local
from gatekeeper.rulebooks import context, queries, reading
from gatekeeper.rulebooks.context import Place
from gatekeeper.rulebooks.models import RulebookDraft, RulebookVersion
from gatekeeper.rulebooks.sharing import VERSION
from gatekeeper.rules import codec
from gatekeeper.rules.codec import RulebookInvalid
from gatekeeper.rules.values import Owner, Rulebook, Text


@dataclass(frozen=True, slots=True)
class Origin:
    """``said``: from where; ``count``: how much was changed, or that it is as it came; ``changes``: each change.

    ``version``: the version of this place that it repeats; None for a file.
    """

    said: Text
    count: Text
    changes: list[Text]
    version: UUID | None


def origin(session: Session, row: RulebookVersion | RulebookDraft, place: Place) -> Origin | None:
    """The origin of a version or draft; None where it was written here."""
    if row.origin is None:
        return None
    known: dict[str, Any] = json.loads(row.origin)
    if known["from"] == VERSION:
        source = queries.version(session, version_id=UUID(known["version"]))
        before = queries.rulebook_of(source)
        said = Text(f"取自第 {source.number} 版", f"Taken from version {source.number}")
        changes = context.changes(before, _book(row, before.owner), place)
        return Origin(said, _count(changes), changes, source.id)
    owner = Owner(row.owner) if isinstance(row, RulebookVersion) else Owner.ENTERPRISE
    try:
        before = codec.parse(known["document"], owner=owner, version="")
    except RulebookInvalid:  # written for an earlier vocabulary
        return Origin(_file(known), Text("", ""), [], None)
    changes = context.changes(before, _book(row, owner), place)
    return Origin(_file(known), _count(changes), changes, None)


def _book(row: RulebookVersion | RulebookDraft, owner: Owner) -> Rulebook:
    return queries.rulebook_of(row) if isinstance(row, RulebookVersion) else reading.read_draft(row, owner).book


def _file(known: dict[str, Any]) -> Text:
    day = local(from_micros(known["taken_at"])).strftime("%Y-%m-%d %H:%M")
    who = known["taken_by"]
    if "enterprise" not in known:
        zh, en = "来自没有注明来源的文件", "From a file that names no origin"
        return Text(f"{zh}，{who} {day} 导入", f"{en}, brought in by {who}, {day}")
    published = local(datetime.fromisoformat(known["published_at"])).strftime("%Y-%m-%d")
    same = known["enterprise"] == known["township"]
    zh = known["township"] if same else f"{known['township']} {known['enterprise']}"
    en = known["township"] if same else f"{known['enterprise']}, {known['township']}"
    altered = ("；文件导出后改过", "; the file was changed after it was exported") if known["altered"] else ("", "")
    return Text(
        f"来自{zh}的第 {known['number']} 版规则（{published} 发布），{who} {day} 导入{altered[0]}",
        f"From {en}: version {known['number']}, published {published}, brought in by {who}, {day}{altered[1]}",
    )


def _count(changes: list[Text]) -> Text:
    if not changes:
        return Text("没有改动", "unchanged")
    count = len(changes)
    return Text(f"改了 {count} 处", f"{count} change{'' if count == 1 else 's'} since")
