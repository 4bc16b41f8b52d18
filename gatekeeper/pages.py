"""What every page has: security headers, CSRF, health, filters for times and durations, and the navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, Request, Response, current_app, g, jsonify, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_compress import Compress
from flask_login import current_user
from flask_wtf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from gatekeeper import clock, heartbeat, schema
from gatekeeper.access import DESK, PUBLIC, Role, access, engines
from gatekeeper.language import t

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


COMPRESSED = ("text/javascript", "text/css", "application/json", "application/manifest+json", "image/svg+xml")
"""What goes out compressed: files, and what a phone is told. Never a page: its length would tell of its token."""


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str
    active: bool


NAVIGATION: list[tuple[str, tuple[Role, ...], Callable[[], str]]] = []
"""(endpoint, roles, label) of the pages in the head of every screen; each feature adds its own with ``navigation``."""

ORDER = (
    *("enterprises.today", "figures.board", "visits.queue", "visits.tray", "visits.log", "registrations.coming"),
    *("watched.show", "rulebooks.orders", "rulebooks.switches"),
    *("registrations.approvals", "rulebooks.show", "risk_areas.show", "figures.show", "reports.index", "reports.town"),
    *(
        "enterprises.every",
        "enterprises.gates",
        "accounts.enrolled_desks",
        "accounts.users",
        "enterprises.settings",
        "visits.looks",
    ),
)
"""From left to right: the day's work, what is looked up, what is set up once. Others follow as they were added."""


def navigation(endpoint: str, *roles: Role, label: Callable[[], str]) -> None:
    """Offer ``endpoint`` (which takes the home's slug) to ``roles`` in the head of every page."""
    if all(known != (endpoint, roles) for *known, _ in [(e, r, x) for e, r, x in NAVIGATION]):
        NAVIGATION.append((endpoint, roles, label))


def _links() -> list[Link]:
    if g.get("home") is None or not current_user.is_authenticated:
        return []
    place = {endpoint: index for index, endpoint in enumerate(ORDER)}
    return [
        Link(label(), url_for(endpoint, slug=g.home.slug), request.endpoint == endpoint)
        for endpoint, roles, label in sorted(NAVIGATION, key=lambda link: place.get(link[0], len(ORDER)))
        if current_user.role in roles
    ]


UPLOADS: dict[str, tuple[int, tuple[Role | str, ...]]] = {}
"""Bytes of the largest file and the roles of each endpoint that takes one; features add theirs with ``upload``."""

ROOM_FOR_THE_FORM = 256 * 1024
"""Beside the file. More than a form without one has: of a file's bytes the parser holds two reads of 64 KB at once."""


def upload(endpoint: str, *roles: Role | str, largest: int) -> None:
    """Let ``roles`` send ``endpoint`` a file of at most ``largest`` bytes; every other form stays small."""
    UPLOADS[endpoint] = (largest, roles)


def _make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form's token is read, which happens before every view."""
    largest, roles = UPLOADS.get(endpoint or "", (0, ()))
    if largest and (DESK in roles or (current_user.is_authenticated and current_user.role in roles)):
        request.max_content_length = largest + ROOM_FOR_THE_FORM
        request.max_form_memory_size = ROOM_FOR_THE_FORM


def hm(moment: datetime | None) -> str:
    """14:05, at the gate."""
    return "" if moment is None else clock.local(moment).strftime("%H:%M")


def when(moment: datetime | None) -> str:
    """今天 14:05, or 4月18日 14:05, with the year where it is another one."""
    if moment is None:
        return ""
    day, today = clock.day_of(moment), clock.today()
    if day == today:
        return t("今天 ", "today ") + hm(moment)
    return f"{day_label(day, today)} {hm(moment)}"


def day_label(day: date, today: date | None = None) -> str:
    """4月18日 / 18 Apr, with the year where it is not this one."""
    today = today or clock.today()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    if day.year == today.year:
        return t(f"{day.month}月{day.day}日", f"{day.day} {months[day.month - 1]}")
    return t(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {months[day.month - 1]} {day.year}")


def minutes(count: float | None) -> str:
    """1 小时 20 分 / 1 h 20 min."""
    if count is None:
        return ""
    hours, rest = divmod(round(count), 60)
    if not hours:
        return t(f"{rest} 分钟", f"{rest} min")
    return t(f"{hours} 小时 {rest} 分", f"{hours} h {rest} min")


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _let_go(response: Response) -> Response:
    """A file that is compressed is read whole and replaced; it is closed with the answer all the same."""
    close = getattr(response.response, "close", None)
    if close is not None:
        response.call_on_close(close)
    return response


@access(PUBLIC)
def healthz() -> Response:
    """Alive."""
    return jsonify(status="ok")


@access(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Ready: the database answers at the version this program needs, and a worker lives (or may still come up)."""
    try:
        schema.check(engines().read)
    except (SQLAlchemyError, schema.SchemaFault) as fault:
        return jsonify(status="not ready", reason=type(fault).__name__), 503
    if heartbeat.lives(current_app.extensions["gate"].settings.data_dir, at=clock.now()):
        return jsonify(status="ready"), 200
    if clock.now() - current_app.config["STARTED_AT"] < heartbeat.STALE:
        return jsonify(status="starting", waits_for="worker"), 200
    return jsonify(status="not ready", reason="worker"), 503


class _NoCookie(SecureCookieSession):
    """Neither read nor written."""


class _Cookies(SecureCookieSessionInterface):
    """The cookie session of browsers; what a desk sends has none."""

    def __init__(self, of_desks: frozenset[str]) -> None:
        self.of_desks = of_desks

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.environ["PATH_INFO"] in self.of_desks:
            return _NoCookie()
        return super().open_session(app, request)

    def is_null_session(self, obj: object) -> bool:
        return isinstance(obj, _NoCookie) or super().is_null_session(obj)


def exempt_desks(app: Flask) -> None:
    """What a desk sends is signed and belongs to no browser session: it carries no form token and reads no cookie."""
    of_desks = set()
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if DESK in getattr(view, "gate_access", ()):
            app.extensions["csrf"].exempt(view)
            of_desks.add(rule.rule)
    app.session_interface = _Cookies(frozenset(of_desks))


def init_app(app: Flask) -> None:
    CSRFProtect(app)
    app.config.update(COMPRESS_MIMETYPES=list(COMPRESSED), COMPRESS_ALGORITHM=["br", "gzip"])
    app.config.update(COMPRESS_ALGORITHM_STREAMING=["br"], COMPRESS_BR_LEVEL=5)  # files are sent as streams
    Compress(app)
    app.after_request(_let_go)
    proxies = app.extensions["gate"].settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.url_value_preprocessor(_make_room)
    app.after_request(_secure)
    app.jinja_env.filters.update(hm=hm, when=when, minutes=minutes, day=day_label)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def page_values() -> dict[str, Any]:
        tenant = g.get("tenant")
        return {
            "tenant": tenant,
            "nav": _links(),
            "demo": bool(tenant and tenant.demo),
            "Role": Role,
        }
