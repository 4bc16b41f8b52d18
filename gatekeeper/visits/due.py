"""When a visit counts as overdue (docs/figures.md: 超时)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.rules.decide import applies
from gatekeeper.rules.values import Rulebook
from gatekeeper.visits.state import INSIDE, State

MINUTE = 60 * 1_000_000
GATE_MINUTES = 120
"""At the gate without a decision to act on."""
INSIDE_MINUTES = 12 * 60
"""Inside where no dwell rule says otherwise."""


def due_at(books: Sequence[Rulebook], state: State, facts: Mapping[str, Any]) -> int | None:
    """Microseconds UTC at which the visit becomes overdue; None once it is closed.

    Inside, the shortest dwell limit that applies counts.
    """
    if state.closed:
        return None
    if state.status != INSIDE or state.admitted_at is None:
        return state.arrived_at + GATE_MINUTES * MINUTE
    limits = [
        rule.params["minutes"]
        for book in books
        for rule in book.rules
        if rule.kind == "dwell_limit" and applies(rule, facts)
    ]
    return state.admitted_at + min(limits, default=INSIDE_MINUTES) * MINUTE
