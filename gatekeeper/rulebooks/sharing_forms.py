"""The form that takes a rulebook file, chosen or pasted."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import TextAreaField

from gatekeeper.language import lazy, t
from gatekeeper.rulebooks.forms import DraftForm
from gatekeeper.rules.bounds import BYTES


class ImportForm(DraftForm):
    """A file or its text; with both, the file counts. It carries the revision of the draft that gives way."""

    file = FileField(lazy("规则文件（JSON）", "Rulebook file (JSON)"))
    text = TextAreaField(lazy("或者粘贴文件内容", "Or paste what is in it"))

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if not self.file.data and not (self.text.data or "").strip():
            said = t("请选择文件，或者粘贴内容", "Choose a file, or paste its text")
            self.file.errors = [said]
            return False
        return fine

    def bytes(self) -> bytes:
        """What was handed in; of a file one byte more than the largest that is taken."""
        if self.file.data:
            data: bytes = self.file.data.read(BYTES + 1)
            return data
        return (self.text.data or "").replace("\r\n", "\n").encode("utf-8", "surrogatepass")
