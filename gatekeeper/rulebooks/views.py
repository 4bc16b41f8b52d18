"""Reading rulebooks: what is in force, every version, and what changed between two."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import EVERYONE, Role, access, enterprise, session
from gatekeeper.errors import NotFound
from gatekeeper.language import t
from gatekeeper.pages import navigation
from gatekeeper.rulebooks import context, queries, reading
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules.values import Text

bp = Blueprint("rulebooks", __name__)

ADMINS = (Role.ENTERPRISE_ADMIN, Role.TOWNSHIP_ADMIN)

navigation("rulebooks.show", *EVERYONE, label=lambda: t("规则", "Rules"))


@bp.get("/e/<slug>/rulebook")
@access(*EVERYONE)
def show(slug: str) -> Any:
    """What is in force here: the place's own rules, and the township's beside them."""
    now, place = clock.now(), context.places(session(), enterprise().id)
    own = queries.of_enterprise(session(), enterprise_id=enterprise().id, at=now)
    above = context.township_version(session(), enterprise(), at=now)
    return render_template(
        "rulebooks/show.html",
        own=_read(own, place),
        township=_read(above, place),
        coming=_coming(),
        draft=queries.draft(session(), enterprise_id=enterprise().id) if may_edit() else None,
        may_edit=may_edit(),
        at_office=context.office_of(session(), enterprise()) == enterprise().id,
    )


@bp.get("/e/<slug>/rulebook/versions")
@access(*EVERYONE)
def versions(slug: str) -> Any:
    """Every version of this place, newest first."""
    found = queries.versions(session(), enterprise_id=enterprise().id)
    now = queries.of_enterprise(session(), enterprise_id=enterprise().id, at=clock.now())
    return render_template("rulebooks/versions.html", versions=found, in_force=now, may_edit=may_edit())


@bp.get("/e/<slug>/rulebook/versions/<uuid:version_id>")
@access(*EVERYONE)
def version(slug: str, version_id: UUID) -> Any:
    """One version, as it was published."""
    row = shown_version(version_id)
    place = context.places(session(), enterprise().id)
    own = row.enterprise_id == enterprise().id
    allowed = {"may_take": own and may_edit(), "may_export": current_user.role in ADMINS}
    return render_template("rulebooks/version.html", version=row, book=_read(row, place), **allowed)


@bp.get("/e/<slug>/rulebook/compare")
@access(*EVERYONE)
def compare(slug: str) -> Any:
    """What changed between two versions, in words."""
    try:
        old, new = (shown_version(UUID(request.args.get(name, ""))) for name in ("a", "b"))
    except ValueError:
        found = queries.versions(session(), enterprise_id=enterprise().id)
        return render_template("rulebooks/compare.html", versions=found, old=None, new=None, changes=[])
    place = context.places(session(), enterprise().id)
    made = context.changes(queries.rulebook_of(old), queries.rulebook_of(new), place)
    found = queries.versions(session(), enterprise_id=old.enterprise_id)
    return render_template("rulebooks/compare.html", versions=found, old=old, new=new, changes=made)


def may_edit() -> bool:
    """Whether the person may change the rulebook of this address."""
    return current_user.role in ADMINS and current_user.enterprise_id == enterprise().id


def shown_version(version_id: UUID) -> RulebookVersion:
    """A version of this place or of its township; any other is not found."""
    row = queries.version(session(), version_id=version_id)
    if row.enterprise_id not in (enterprise().id, context.office_of(session(), enterprise())):
        raise NotFound("rulebook.unknown", Text("没有这个规则版本", "There is no such rulebook version"))
    return row


def own_version(version_id: UUID) -> RulebookVersion:
    """A version of this place; any other is not found."""
    row = queries.version(session(), version_id=version_id)
    if row.enterprise_id != enterprise().id:
        raise NotFound("rulebook.unknown", Text("没有这个规则版本", "There is no such rulebook version"))
    return row


def _coming() -> list[RulebookVersion]:
    """Versions that do not hold yet: the township's, then the place's own."""
    owners = dict.fromkeys((context.office_of(session(), enterprise()), enterprise().id))
    found = [queries.last(session(), enterprise_id=owner) for owner in owners if owner]
    return [row for row in found if row is not None and row.holds_from > clock.now()]


def _read(row: RulebookVersion | None, place: context.Place) -> dict[str, Any] | None:
    if row is None:
        return None
    book = queries.rulebook_of(row)
    return {"version": row, "title": book.title, "stages": reading.by_stage(book, place)}


from gatekeeper.rulebooks import (  # noqa: E402  the blueprint's other pages
    draft_views,  # noqa: F401
    order_views,  # noqa: F401
    publish_views,  # noqa: F401
    rule_views,  # noqa: F401
    sharing_views,  # noqa: F401
    switch_views,  # noqa: F401
)
