"""Who was on duty against what the book says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatekeeper.clock import micros
from gatekeeper.desk.entries import ACTS
from gatekeeper.desk.models import Duty
from gatekeeper.visits.published import BY, NAME, RECEIVED, SEQ, compare, rows


def _said(row: Duty) -> Mapping[str, Any]:
    """What the act of a row says of it; its note stands in the book alone."""
    return {
        "gate": str(row.gate_id),
        "desk": str(row.desk_id),
        "at": micros(row.at),
        "n": row.n,
        "code": row.code,
        "handover": str(row.handover_id) if row.handover_id else None,
        "supplies": json.loads(row.supplies or "{}"),
        "open": row.open_count,
        BY: str(row.user_id),
        NAME: row.user_name,
        RECEIVED: micros(row.received_at),
        SEQ: row.seq,
    }


for _kind, _what in ACTS.items():
    compare(_what, "duties", rows(Duty, "id", _said, Duty.kind == _kind))
