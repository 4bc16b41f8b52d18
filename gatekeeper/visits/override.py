"""Whose override is lawful: the rule names the roles, and a shift lead never overrides a refusal."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gatekeeper.access import Actor, Role
from gatekeeper.clock import from_micros
from gatekeeper.errors import Forbidden, Invalid
from gatekeeper.rulebooks import queries as rulebooks
from gatekeeper.rules.decide import decision_from_data
from gatekeeper.rules.values import Consequence, Owner, Rule, Text
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


def check(session: Session, state: State | None, entry: Recorded, *, by: Actor) -> None:
    """Raises ``Forbidden`` (``override.not_allowed``, names the rule) unless each finding is this person's to waive.

    What a finding leads to is read from the stored decision, never from what was sent.
    """
    findings = entry.body.get("findings") or []
    if not findings or state is None:
        raise Invalid("override.nothing", Text("请选择要放行的规则", "Choose the rules to override"), field="findings")
    rules = {(b.owner, r.code): r for b in rulebooks.in_force(session, at=from_micros(entry.at)) for r in b.rules}
    decision = decision_from_data(state.decisions[state.stage])
    standing = {(f.owner, f.rule, f.subject): f.consequence for f in decision.findings}
    for item in findings:
        at = (Owner(item["owner"]), item["rule"])
        rule, consequence = rules.get(at), standing.get((*at, item.get("subject") or "visit"))
        if rule is None or consequence is None or not may_override(rule, at[0], consequence, by.role):
            title = rule.title if rule else Text(item["rule"], item["rule"])
            raise Forbidden(
                "override.not_allowed",
                Text(f"您不能放行这条规则：{title.zh}", f"This rule is not yours to override: {title.en}"),
            )
