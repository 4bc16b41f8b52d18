"""What the book notes besides its figures, on screen: late and corrected entries, erasures, care, unmanned gates."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request

from gatekeeper import clock
from gatekeeper.access import access, enterprise, session
from gatekeeper.figures import entries, manning
from gatekeeper.figures.asked import period, presets
from gatekeeper.figures.entries import Note
from gatekeeper.reports import service, words
from gatekeeper.reports.views import READERS, bp

PAGE = 100
TOLD = ("sent_late", "admitted_again", "before_list", "corrected", "erased", "late", "attention")
"""The kinds of note that have a number of their own on the page."""


@bp.get("/e/<slug>/figures/record")
@access(*READERS)
def record(slug: str) -> Any:
    """The notes of a period, or those of one kind, each with its visit."""
    form, first, last, good = period()
    kind = request.args.get("kind", "")
    values: dict[str, Any] = {"form": form, "first": first, "last": last, "good": good, "presets": presets(slug)}
    values |= {"words": words, "kind": kind if kind in words.NOTES else "", "told": TOLD}
    if good:
        values |= _noted(first, last, values["kind"], max(1, request.args.get("page", 1, type=int)))
    return render_template("reports/record.html", **values), 200 if good else 422


def _noted(first: date, last: date, kind: str, page: int) -> dict[str, Any]:
    """The figures of the notes, those to be shown, and how long nobody was at a gate."""
    here, now = enterprise().id, clock.now()
    noted = entries.notes(session(), enterprise_id=here, first=first, last=last)
    listed = [note for note in noted if (note.kind == kind if kind else note.kind in service.LISTED)]
    start = PAGE * (page - 1)
    return {
        "care": entries.told(noted).care,
        "times": {name: _count(noted, name) for name in TOLD},
        "notes": listed[start : start + PAGE],
        "count": len(listed),
        "page": page,
        "start": start,
        "unmanned": manning.hours(session(), enterprise_id=here, first=first, last=last, at=now),
    }


def _count(noted: list[Note], kind: str) -> int:
    """Corrections one by one, the others by visit: as the report counts them (docs/figures.md)."""
    found = [note.visit_id for note in noted if note.kind == kind]
    return len(found) if kind == "corrected" else len(set(found))
