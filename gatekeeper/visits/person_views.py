"""The search for a person. The number is sent by POST, so that it stands in no address, history or log."""

from __future__ import annotations

from flask import render_template

from gatekeeper.access import Role, access, enterprise, session
from gatekeeper.forms import shown_again
from gatekeeper.visits import person
from gatekeeper.visits.reveal_forms import PersonForm
from gatekeeper.visits.views import bp, gate_names


@bp.route("/e/<slug>/people", methods=["GET", "POST"])
@access(Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN, reads="own")
def people(slug: str) -> str | tuple[str, int]:
    """The visits of whoever has this phone number, masked."""
    form, found = PersonForm(), None
    if form.validate_on_submit():
        found = person.visits_of(session(), enterprise_id=enterprise().id, value=form.phone.data or "")
    show = shown_again if form.errors else render_template
    return show("visits/people.html", form=form, found=found, gates=gate_names(), most=person.MOST)
