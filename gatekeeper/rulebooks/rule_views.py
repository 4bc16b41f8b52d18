"""Pages that put rules into a draft: the form of one rule with its preview, and the rules of a pack by ticks."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from gatekeeper import clock
from gatekeeper.access import access, enterprise, session
from gatekeeper.errors import DomainError, NotFound
from gatekeeper.forms import options
from gatekeeper.language import lazy, say, t
from gatekeeper.rulebooks import context, drafts, pack_rules, reading, service
from gatekeeper.rulebooks.draft_views import DRAFT, again, current_draft, surroundings
from gatekeeper.rulebooks.forms import PackForm
from gatekeeper.rulebooks.glimpse import glimpse
from gatekeeper.rulebooks.models import RulebookDraft
from gatekeeper.rulebooks.params import AtField
from gatekeeper.rulebooks.rule_fit import rule_form
from gatekeeper.rulebooks.rule_form import RuleForm
from gatekeeper.rulebooks.views import ADMINS, bp
from gatekeeper.rules import codec, words
from gatekeeper.rules.pack_words import about
from gatekeeper.rules.values import Rule, Rulebook, Text
from gatekeeper.rules.warnings import warnings


@bp.route(f"{DRAFT}/rules/new", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def add_rule(slug: str) -> Any:
    """A rule from scratch: its kind first, then its form."""
    around, found = surroundings(), current_draft()
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
    found = current_draft()
    rule = drafts.rule_in(found, rule_code) if found else None
    kind = rule["kind"] if rule else request.form.get("kind", "")
    if kind not in {kind.code for kind in surroundings().kinds()}:
        raise NotFound("rulebook.rule_unknown", Text("草稿里没有这条规则", "There is no such rule in the draft"))
    revision = found.revision if found else 0
    known: dict[str, Any] = {"typed": request.form, "rule": rule, "code": rule_code, "revision": revision}
    form = rule_form(kind, surroundings(), _rules(found), **known)
    return _saved(form, slug, service.save_rule) or _form_page(form, slug, kind, rule=rule)


@bp.route(f"{DRAFT}/packs/<pack_code>", methods=["GET", "POST"])
@access(*ADMINS, reads="own")
def add_pack(slug: str, pack_code: str) -> Any:
    """Choose rules of a pack by ticks, and for which visits they are meant."""
    pack, around = pack_rules.pack(pack_code), surroundings()
    found, place = current_draft(), context.places(session(), enterprise().id)
    there = {rule.code for rule in _rules(found)}
    book = codec.parse(pack, owner=around.owner, version=pack_code)
    form = _pack_form(found, pack, place, [rule for rule in book.rules if rule.code not in there])
    warned = warnings(book, around.here, township=around.township, place=place)
    given = {"pack": pack, "stated": about(book), "stages": reading.by_stage(book, place, warned), "there": there}
    return _copied(form, slug, pack_code) or again("rulebooks/pack.html", form, **given)


def _pack_form(found: RulebookDraft | None, pack: dict[str, Any], place: context.Place, rules: list[Rule]) -> PackForm:
    form = PackForm()
    form.rules.choices = options((rule.code, say(rule.title)) for rule in rules)
    as_written = ("", lazy("按规则包原来的条件", "As the pack says"))
    circles = [(data, lazy(whom.zh, whom.en)) for data, whom in pack_rules.circles(pack, place)]
    form.circle.choices = options([as_written, *circles])
    if not form.is_submitted():
        form.revision.data = str(found.revision if found else 0)
        form.rules.data = [rule.code for rule in rules] if "all" in request.args else []
    return form


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
        when = pack_rules.conditions_of(form.circle.data or "")
        chosen = {"pack_code": pack_code, "rule_codes": form.rules.data, "when": when}
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
    return redirect(url_for(".publish" if "publish" in request.form else ".draft", slug=slug))


def _form_page(form: RuleForm, slug: str, kind: str, *, rule: dict[str, Any] | None) -> Any:
    around, place = surroundings(), context.places(session(), enterprise().id)
    draft = _book(current_draft(), around)
    now = next((r for r in draft.rules if r.code == form.code), None)
    sentence = words.sentence(now, place=place) if now else None
    seen = glimpse(_so_far(form), draft, around, place)
    return again("rulebooks/rule.html", form, kind=kind, new=rule is None, sentence=sentence, seen=seen)


def _so_far(form: RuleForm) -> dict[str, Any] | Text:
    try:
        return form.so_far()
    except AtField as wrong:
        return Text(str(wrong), str(wrong))


def _rules(found: RulebookDraft | None) -> list[Rule]:
    return list(_book(found, surroundings()).rules)


def _book(found: RulebookDraft | None, around: context.Surroundings) -> Rulebook:
    """The rules of the draft; none where there is no draft."""
    return reading.read_draft(found, around.owner).book if found else Rulebook(around.owner, "draft", Text("", ""), ())
