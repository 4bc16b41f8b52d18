"""What the gate does in jobs."""

from __future__ import annotations

from gatekeeper.visits import dry_run_tasks, rejudge_tasks  # noqa: F401 - they register their tasks
