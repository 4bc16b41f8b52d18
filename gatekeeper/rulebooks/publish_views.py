"""Publishing a draft or an older version again: what changes comes first, and again where somebody was quicker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import access, enterprise, session
from gatekeeper.errors import DomainError, tell
from gatekeeper.forms import shown_again
from gatekeeper.language import say, t
from gatekeeper.rulebooks import context, drafts, queries, reading, service, sharing
from gatekeeper.rulebooks.draft_views import read_now
from gatekeeper.rulebooks.forms import DraftForm, PublishForm
from gatekeeper.rulebooks.models import RulebookDraft, RulebookVersion
from gatekeeper.rulebooks.views import ADMINS, bp, own_version
from gatekeeper.rules.values import Rulebook, Text

DRAFT = "/e/<slug>/rulebook/draft"
AGAIN = "/e/<slug>/rulebook/versions/<uuid:version_id>/again"


@bp.route(f"{DRAFT}/publish", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def publish(slug: str) -> Any:
    """What changes, in words, and from when; the second press publishes."""
    found, form, seen = _draft(), PublishForm(), _last()
    if found is None and not form.is_submitted():
        return redirect(url_for(".show", slug=slug))
    if not form.is_submitted():
        form.revision.data, form.seen.data = str(found.revision if found else 0), str(seen.number if seen else 0)
    compared = form.compared
    answer = _done(form, slug, _publish_draft) if found is not None else _gone(form)
    return answer or _again("rulebooks/publish.html", form, **_what_changes(_read(found), compared))


@bp.route(AGAIN, methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def again(slug: str, version_id: UUID) -> Any:
    """An older version against the last one; it can be published again, or become the draft."""
    row, form, seen = own_version(version_id), PublishForm(), _last()
    if not form.is_submitted():
        form.seen.data = str(seen.number if seen else 0)
    compared = form.compared
    answer = _done(form, slug, lambda **given: sharing.repeat(session(), row, **given))
    shown = _what_changes(queries.rulebook_of(row), compared)
    return answer or _again("rulebooks/again.html", form, version=row, draft=_draft(), **shown)


@bp.post("/e/<slug>/rulebook/versions/<uuid:version_id>/draft")
@access(*ADMINS, reads="own")
def take(slug: str, version_id: UUID) -> Any:
    """Make an older version the draft; another draft gives way only as it was shown."""
    row, form = own_version(version_id), DraftForm()
    try:
        sharing.take_version(session(), row, by=current_user, at=clock.now(), revision=form.shown)
    except service.DraftChanged:
        flash(t("另一位管理员刚改过草稿，请看过再操作", "Somebody changed the draft: look, then try again"), "error")
        return redirect(url_for(".again", slug=slug, version_id=version_id))
    flash(t(f"草稿已换成第 {row.number} 版", f"The draft is now version {row.number}"), "success")
    return redirect(url_for(".draft", slug=slug))


def _publish_draft(**given: Any) -> RulebookVersion:
    form = PublishForm()
    current = service.resume(session(), revision=form.shown, by=current_user, at=clock.now())
    return service.publish(session(), current, **given)


def _done(form: PublishForm, slug: str, verb: Callable[..., RulebookVersion]) -> Any:
    """The answer where it was published; None where the form is shown (again)."""
    if not form.validate_on_submit():
        return None
    given = {"holds_from": form.start(), "note": form.note.data or "", "seen": form.compared}
    try:
        row = verb(by=current_user, at=clock.now(), **given)
    except service.DraftChanged as changed:
        form.revision.data = str(changed.revision)
        _renew(form, changed.text)
    except service.PublishedMeanwhile as raced:
        _renew(form, raced.text)
    except DomainError as wrong:
        if wrong.field is None:
            form.form_errors.append(say(wrong.text))
        else:
            tell(wrong, form)
    else:
        flash(t(f"第 {row.number} 版已发布", f"Version {row.number} was published"), "success")
        return redirect(url_for(".show", slug=slug))
    return None


def _gone(form: PublishForm) -> None:
    """There is nothing to publish any more: somebody published or discarded the draft."""
    text = Text(
        "您要发布的草稿已经没有了：另一位管理员刚发布或丢弃了它。您写的说明还在下面。",
        "The draft is gone: somebody published or discarded it just now. Your note is still here below.",
    )
    _renew(form, text)


def _renew(form: PublishForm, text: Text) -> None:
    """Say what happened; the next press is about what is shown now."""
    last = _last()
    form.seen.data = str(last.number if last else 0)
    form.form_errors.append(say(text))


def _what_changes(read: reading.DraftRead | Rulebook | None, compared: int) -> dict[str, Any]:
    """The difference of what is to be published to the last version, and of that to the version ``compared``."""
    now, place, last = clock.now(), context.places(session(), enterprise().id), _last()
    book = read.book if isinstance(read, reading.DraftRead) else read
    found = queries.versions(session(), enterprise_id=enterprise().id)
    before = next((queries.rulebook_of(row) for row in found if row.number == compared), None)
    standing = queries.rulebook_of(last) if last else None
    raced = last if last is not None and last.number != compared else None
    empty = Rulebook(drafts.owner_of(session()), "", (book or standing or _nothing()).title, ())
    return {
        "read": read,
        "base": last,
        "coming": last if last is not None and last.holds_from > now else None,
        "changes": context.changes(standing or empty, book, place) if book else [],
        "number": last.number + 1 if last else 1,
        "raced": raced,
        "meanwhile": context.changes(before or empty, standing, place) if raced and standing else [],
    }


def _nothing() -> Rulebook:
    return Rulebook(drafts.owner_of(session()), "", Text("", ""), ())


def _again(template: str, form: PublishForm, **values: Any) -> Any:
    show = shown_again if form.errors else render_template
    return show(template, form=form, **values)


def _read(found: RulebookDraft | None) -> reading.DraftRead | None:
    return read_now(found)[0] if found is not None else None


def _draft() -> RulebookDraft | None:
    return queries.draft(session(), enterprise_id=enterprise().id)


def _last() -> RulebookVersion | None:
    return queries.last(session(), enterprise_id=enterprise().id)
