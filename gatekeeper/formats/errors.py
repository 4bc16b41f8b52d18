"""The one refusal of this package."""

from __future__ import annotations

from gatekeeper.rules.values import Text


class FormatInvalid(ValueError):
    """Something written does not have the shape its field asks for.

    ``code`` is stable (``phone.length``), ``text`` tells the person at that screen what to do.
    """

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text
