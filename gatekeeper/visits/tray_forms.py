"""The form of one entry in the tray."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired

from gatekeeper.forms import OnceForm, labelled
from gatekeeper.language import lazy
from gatekeeper.rules.values import Text
from gatekeeper.visits.folding import APPLY, SET_ASIDE
from gatekeeper.visits.forms import REASON

WAYS = {APPLY: Text("现在执行", "Carry it out now"), SET_ASIDE: Text("不执行", "Set it aside")}


class ResolveForm(OnceForm):
    """What is done with an entry that was put off, and why."""

    how = RadioField(
        lazy("怎么处理", "What to do"),
        choices=labelled(WAYS),
        validators=[DataRequired(lazy("请选择执行或不执行", "Choose whether it is carried out"))],
    )
    reason = TextAreaField(
        lazy("原因", "Reason"), validators=[DataRequired(lazy("请写明原因", "Please write the reason")), REASON]
    )


def resolve_form(event_id: UUID, **source: Any) -> ResolveForm:
    """The form of one entry of the tray; its fields begin with that entry's id."""
    return ResolveForm(prefix=str(event_id), **source)
