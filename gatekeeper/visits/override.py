"""Whose override is lawful: the rule names the roles, and a shift lead never overrides a refusal."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.access import Role
from gatekeeper.errors import Forbidden, Invalid
from gatekeeper.rules.decide import decision_from_data
from gatekeeper.rules.values import Consequence, Owner, Rule, Rulebook, Text
from gatekeeper.visits.state import Recorded, State


def may_override(rule: Rule, owner: Owner, consequence: str, role: Role) -> bool:
    """Whether ``role`` may waive a finding of ``rule`` with this consequence (docs/rules.md: who may override).

    A hold: whom the rule names. A refusal: the enterprise admin where the enterprise's own rule names them; of a
    township's rule only whom that rule names, and never a shift lead.
    """
    if role.value not in rule.overridable_by:
        return False
    if consequence == Consequence.REFUSE:
        return role != Role.SHIFT_LEAD and (owner == Owner.TOWNSHIP or role == Role.ENTERPRISE_ADMIN)
    return True


def check(books: Iterable[Rulebook], state: State | None, entry: Recorded) -> None:
    """Raises ``Forbidden`` (``override.not_allowed``, names the rule) unless all findings are for its maker to waive.

    ``books`` judge the visit. What a finding leads to is read from the stored decision, never from what was sent.
    """
    findings = entry.body.get("findings") or []
    if not findings or state is None:
        raise Invalid("override.nothing", Text("请选择要放行的规则", "Choose the rules to override"), field="findings")
    role = Role(entry.by["role"])
    rules = {(book.owner, rule.code): rule for book in books for rule in book.rules}
    decision = decision_from_data(state.decisions[state.stage])
    standing = {(f.owner, f.rule, f.subject): f.consequence for f in decision.findings}
    for item in findings:
        at = (Owner(item["owner"]), item["rule"])
        rule, consequence = rules.get(at), standing.get((*at, item.get("subject") or "visit"))
        if rule is None or consequence is None or not may_override(rule, at[0], consequence, role):
            title = rule.title if rule else Text(item["rule"], item["rule"])
            raise Forbidden(
                "override.not_allowed",
                Text(f"您不能放行这条规则：{title.zh}", f"This rule is not yours to override: {title.en}"),
            )
