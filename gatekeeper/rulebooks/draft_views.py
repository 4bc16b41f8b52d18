"""The rulebook editor: a draft made rule by rule, seen as the guard will see it, then published."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import access, enterprise, session
from gatekeeper.errors import DomainError
from gatekeeper.forms import shown_again
from gatekeeper.language import say, t
from gatekeeper.rulebooks import context, queries, reading, service, steps
from gatekeeper.rulebooks.conditions import MOST
from gatekeeper.rulebooks.context import Surroundings
from gatekeeper.rulebooks.forms import DraftForm
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rulebooks.reading import DraftRead
from gatekeeper.rulebooks.values import ABOUT
from gatekeeper.rulebooks.views import ADMINS, bp
from gatekeeper.rules import packs
from gatekeeper.rules.kinds import KINDS, UNITS

DRAFT = "/e/<slug>/rulebook/draft"


@bp.context_processor
def names() -> dict[str, Any]:
    """Kinds, units and packs, for the templates of this feature."""
    vocabulary = {"kinds_by_code": KINDS, "about": ABOUT, "units": UNITS, "most_conditions": MOST}
    return {**vocabulary, "packs": lambda: [packs.load(code) for code in packs.codes()]}


@bp.get(DRAFT)
@access(*ADMINS, reads="own")
def draft(slug: str) -> Any:
    """The editor; without a draft, the page of what is in force, where one is begun."""
    found = queries.draft(session(), enterprise_id=enterprise().id)
    if found is None:
        return redirect(url_for(".show", slug=slug))
    read, around, place = read_now(found)
    books = [around.township, read.book] if around.township else [read.book]
    return render_template(
        "rulebooks/draft.html",
        draft=found,
        read=read,
        stages=reading.by_stage(read.book, place, read.warned),
        steps=reading.steps(books, place),
        pace=reading.pace(books),
        undo=steps.last(session(), enterprise_id=enterprise().id),
        at_office=around.office,
    )


@bp.post(DRAFT)
@access(*ADMINS, reads="own")
def begin(slug: str) -> Any:
    """Begin a draft from what is in force, or go on with the one there is."""
    service.draft(session(), by=current_user, at=clock.now())
    return redirect(url_for(".draft", slug=slug))


@bp.post(f"{DRAFT}/rules/<rule_code>/remove")
@access(*ADMINS, reads="own")
def remove_rule(slug: str, rule_code: str) -> Any:
    """Take a rule out of the draft."""
    return _changed(
        slug, service.remove_rule, t("规则已移出草稿", "The rule was taken out of the draft"), code=rule_code
    )


@bp.post(f"{DRAFT}/rules/<rule_code>/move")
@access(*ADMINS, reads="own")
def move_rule(slug: str, rule_code: str) -> Any:
    """Change places with the rule before or after it in its stage."""
    up = request.form.get("to") == "up"
    return _changed(slug, service.move_rule, "", anchor=f"rule-{rule_code}", code=rule_code, up=up)


@bp.post(f"{DRAFT}/order")
@access(*ADMINS, reads="own")
def order_rules(slug: str) -> Any:
    """The rules of one stage in another order: their codes, parted by commas."""
    codes = [code for code in request.form.get("order", "").split(",") if code]
    return _changed(slug, service.order_rules, "", stage=request.form.get("stage", ""), codes=codes)


@bp.post(f"{DRAFT}/undo")
@access(*ADMINS, reads="own")
def undo(slug: str) -> Any:
    """Take back the last change of the draft."""
    return _changed(slug, service.undo, t("已撤销", "Undone"))


@bp.post(f"{DRAFT}/discard")
@access(*ADMINS, reads="own")
def discard(slug: str) -> Any:
    """Throw the draft away; what is in force stays."""
    return _changed(slug, service.discard, t("草稿已丢弃，执行中的规则不变", "The draft was thrown away"), to=".show")


def _changed(slug: str, verb: Any, done: str, *, to: str = ".draft", anchor: str | None = None, **what: Any) -> Any:
    """A button of the editor: do it, or say that somebody changed the draft."""
    form = DraftForm()
    try:
        current = queries.draft(session(), enterprise_id=enterprise().id)
        if current is None:
            raise service.DraftChanged(0)
        verb(session(), current, by=current_user, at=clock.now(), revision=form.shown, **what)
    except service.DraftChanged:
        flash(t("另一位管理员刚改过草稿，请看过再操作", "Somebody changed the draft: look, then try again"), "error")
        return redirect(url_for(".draft", slug=slug))
    except DomainError as wrong:
        flash(say(wrong.text), "error")
        return redirect(url_for(".draft", slug=slug))
    if done:
        flash(done, "success")
    return redirect(url_for(to, slug=slug, _anchor=anchor))


def again(template: str, form: Any, **values: Any) -> Any:
    show = shown_again if form.errors else render_template
    return show(template, form=form, **values)


def currentcurrent_draft() -> RulebookDraft | None:
    return queries.draft(session(), enterprise_id=enterprise().id)


def read_now(found: RulebookDraft) -> tuple[DraftRead, Surroundings, context.Place]:
    """The draft with every warning, what surrounds it, and the names of its places."""
    around, place = surroundings(), context.places(session(), enterprise().id)
    given = {"here": around.here, "township": around.township, "place": place}
    return reading.read_draft(found, around.owner, **given), around, place


def surroundings() -> Surroundings:
    """What the editor of this address offers."""
    return context.surroundings(session(), enterprise(), at=clock.now())


def current_draft() -> RulebookDraft | None:
    """The draft of this address; None where nobody works on one."""
    return queries.draft(session(), enterprise_id=enterprise().id)
