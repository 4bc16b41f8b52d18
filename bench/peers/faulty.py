"""The program with a fault on its way to the book, for an experiment that must notice it.

``GATE_FAULT``: ``slow`` waits a little in every transaction, ``unwritten`` answers but commits nothing.
"""

from __future__ import annotations

import os
import time
from typing import Any

from gatekeeper import create_app
from gatekeeper.brief import BriefSession
from gatekeeper.visits import sync

WAIT_SECONDS = 0.02
FAULT = os.environ.pop("GATE_FAULT")
recorded = sync.recorded


def slowly(*given: Any, **named: Any) -> Any:
    found = recorded(*given, **named)
    time.sleep(WAIT_SECONDS)
    return found


if FAULT == "slow":
    sync.recorded = slowly
elif FAULT == "unwritten":
    BriefSession.commit = BriefSession.rollback  # type: ignore[method-assign]
app = create_app()
