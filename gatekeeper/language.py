"""Two languages side by side: Chinese first, English second. A pair cannot lack one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import has_request_context, request, session
from flask_babel import Babel, LazyString, get_locale

from gatekeeper.rules.values import Text

if TYPE_CHECKING:
    from flask import Flask

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def current() -> str:
    """``zh`` or ``en``; ``zh`` outside a request."""
    locale = get_locale() if has_request_context() else None
    return "en" if locale is not None and locale.language == "en" else "zh"


def t(zh: str, en: str) -> str:
    """The one of two sentences that the person at the screen reads."""
    return en if current() == "en" else zh


def say(text: Text | Mapping[str, str]) -> str:
    """A stored pair in the request's language."""
    if isinstance(text, Mapping):
        return text[current()]
    return t(text[0], text[1])


def lazy(zh: str, en: str) -> LazyString:
    """For form labels, made before there is a request."""
    return LazyString(t, zh, en)


def _select() -> str:
    asked = request.args.get("lang")
    if asked in LOCALES:
        session["lang"] = asked
    return LOCALES.get(session.get("lang", "zh"), "zh_Hans_CN")


def init_app(app: Flask) -> None:
    Babel(app, default_locale="zh_Hans_CN", default_timezone="Asia/Shanghai", locale_selector=_select)
    app.jinja_env.globals.update(t=t, say=say, language=current)
