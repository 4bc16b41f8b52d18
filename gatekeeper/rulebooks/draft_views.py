"""The rulebook editor: a draft made rule by rule, seen as the guard will see it, then published."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import access, enterprise, session
from gatekeeper.errors import DomainError, NotFound
from gatekeeper.forms import options, shown_again
from gatekeeper.language import say, t
from gatekeeper.rulebooks import context, drafts, queries, reading, service
from gatekeeper.rulebooks.conditions import MOST
from gatekeeper.rulebooks.context import Surroundings
from gatekeeper.rulebooks.forms import DraftForm, PackForm
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rulebooks.reading import DraftRead
from gatekeeper.rulebooks.rule_form import RuleForm, rule_form
from gatekeeper.rulebooks.values import ABOUT
from gatekeeper.rulebooks.views import ADMINS, bp
from gatekeeper.rules import codec, packs, words
from gatekeeper.rules.kinds import KINDS, UNITS
from gatekeeper.rules.pack_words import about
from gatekeeper.rules.values import Owner, Text

DRAFT = "/e/<slug>/rulebook/draft"


@bp.context_processor
def names() -> dict[str, Any]:
    """Kinds and units, for the templates of this feature."""
    return {"kinds_by_code": KINDS, "about": ABOUT, "units": UNITS, "most_conditions": MOST}


@bp.get(DRAFT)
@access(*ADMINS, reads="own")
def draft(slug: str) -> Any:
    """The editor; without a draft, the page of what is in force, where one is begun."""
    found = queries.draft(session(), enterprise_id=enterprise().id)
    if found is None:
        return redirect(url_for(".show", slug=slug))
    around, read = _around(), reading.read_draft(found, _owner())
    place = context.places(session(), enterprise().id)
    books = [around.township, read.book] if around.township else [read.book]
    return render_template(
        "rulebooks/draft.html",
        draft=found,
        read=read,
        stages=reading.by_stage(read.book, place, around.township),
        steps=reading.steps(books, place),
        around=around,
        packs=[packs.load(code) for code in packs.codes()],
    )


@bp.post(DRAFT)
@access(*ADMINS, reads="own")
def begin(slug: str) -> Any:
    """Begin a draft from what is in force, or go on with the one there is."""
    service.draft(session(), by=current_user, at=clock.now())
    return redirect(url_for(".draft", slug=slug))


@bp.route(f"{DRAFT}/rules/new", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def add_rule(slug: str) -> Any:
    """A rule from scratch: its kind first, then its form."""
    around, found = _around(), _draft()
    kinds = {kind.code: kind for kind in around.kinds()}
    kind = kinds.get(request.args.get("kind", ""))
    if kind is None:
        return render_template("rulebooks/kinds.html", kinds=list(kinds.values()))
    rules, revision = _rules(found), found.revision if found else 0
    form = rule_form(kind.code, around, rules, typed=request.form, revision=revision)
    return _saved(form, slug, service.add_rule) or _form_page(form, slug, kind.code, rule=None)


@bp.route(f"{DRAFT}/rules/<rule_code>", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def edit_rule(slug: str, rule_code: str) -> Any:
    """One rule of the draft. One that somebody removed meanwhile can still be sent: it comes back."""
    found = _draft()
    rule = drafts.rule_in(found, rule_code) if found else None
    kind = rule["kind"] if rule else request.form.get("kind", "")
    if kind not in {kind.code for kind in _around().kinds()}:
        raise NotFound("rulebook.rule_unknown", Text("草稿里没有这条规则", "There is no such rule in the draft"))
    revision = found.revision if found else 0
    known: dict[str, Any] = {"typed": request.form, "rule": rule, "code": rule_code, "revision": revision}
    form = rule_form(kind, _around(), _rules(found), **known)
    return _saved(form, slug, service.save_rule) or _form_page(form, slug, kind, rule=rule)


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


@bp.route(f"{DRAFT}/packs/<pack_code>", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def add_pack(slug: str, pack_code: str) -> Any:
    """Choose rules of a pack by ticks."""
    pack, found, form = drafts.pack(pack_code), _draft(), PackForm()
    there = {rule.code for rule in _rules(found)}
    place = context.places(session(), enterprise().id)
    book = codec.parse(pack, owner=_owner(), version=pack_code)
    form.rules.choices = options((rule.code, say(rule.title)) for rule in book.rules if rule.code not in there)
    if not form.is_submitted():
        form.revision.data = str(found.revision if found else 0)
        form.rules.data = [choice.value for choice in form.rules.choices]
    return _copied(form, slug, pack_code) or _again(
        "rulebooks/pack.html", form, pack=pack, stated=about(book), stages=reading.by_stage(book, place), there=there
    )


@bp.post(f"{DRAFT}/discard")
@access(*ADMINS, reads="own")
def discard(slug: str) -> Any:
    """Throw the draft away; what is in force stays."""
    return _changed(slug, service.discard, t("草稿已丢弃，执行中的规则不变", "The draft was thrown away"), to=".show")


def _saved(form: RuleForm, slug: str, verb: Any) -> Any:
    """The answer where the rule was saved; None where the form is shown (again)."""
    if form.adjusting or not form.validate_on_submit():
        return None
    try:
        current = service.resume(session(), revision=form.shown, by=current_user, at=clock.now())
        verb(session(), current, rule=form.rule(), by=current_user, at=clock.now())
    except service.DraftChanged as changed:
        form.revision.data, form.conflict = str(changed.revision), True
        form.form_errors.append(say(changed.text))
        return None
    except DomainError as wrong:
        form.take(wrong)
        return None
    flash(t("规则已存入草稿，发布后才执行", "Saved in the draft; it holds once published"), "success")
    return redirect(url_for(".draft", slug=slug, _anchor=f"rule-{form.code}"))


def _copied(form: PackForm, slug: str, pack_code: str) -> Any:
    if not form.validate_on_submit():
        return None
    try:
        current = service.resume(session(), revision=form.shown, by=current_user, at=clock.now())
        chosen = {"pack_code": pack_code, "rule_codes": form.rules.data}
        service.add_pack_rules(session(), current, **chosen, by=current_user, at=clock.now())
    except service.DraftChanged as changed:
        form.revision.data = str(changed.revision)
        form.form_errors.append(say(changed.text))
        return None
    except DomainError as wrong:
        form.form_errors.append(say(wrong.text))
        return None
    count = len(form.rules.data)
    flash(t(f"已加入 {count} 条规则", f"{count} rules were added"), "success")
    return redirect(url_for(".draft", slug=slug))


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
    if done:
        flash(done, "success")
    return redirect(url_for(to, slug=slug, _anchor=anchor))


def _form_page(form: RuleForm, slug: str, kind: str, *, rule: dict[str, Any] | None) -> Any:
    found, place = _draft(), context.places(session(), enterprise().id)
    now = next((r for r in _rules(found) if r.code == form.code), None)
    sentence = words.sentence(now, place=place) if now else None
    return _again("rulebooks/rule.html", form, kind=kind, new=rule is None, sentence=sentence)


def _again(template: str, form: Any, **values: Any) -> Any:
    show = shown_again if form.errors else render_template
    return show(template, form=form, **values)


def _draft() -> RulebookDraft | None:
    return queries.draft(session(), enterprise_id=enterprise().id)


def _rules(found: RulebookDraft | None) -> list[Any]:
    return list(_read(found).book.rules) if found else []


def _read(found: RulebookDraft) -> DraftRead:
    return reading.read_draft(found, _owner())


def _around() -> Surroundings:
    return context.surroundings(session(), enterprise(), at=clock.now())


def _owner() -> Owner:
    return Owner.TOWNSHIP if _around().office else Owner.ENTERPRISE
