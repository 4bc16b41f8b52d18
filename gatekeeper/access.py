"""Who may open which page. A view without ``@access`` stops the start.

The order of refusals: not signed in -> sign-in page; another tenant's address -> 404; a wrong role -> 403.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from flask import abort, current_app, g, redirect, request, url_for
from flask_login import UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gatekeeper import brief, errors, tenancy
from gatekeeper.db import Engines

if TYPE_CHECKING:
    from flask import Flask


class Role(StrEnum):
    """What a person may do; the codes of the domain."""

    GUARD = "guard"
    SHIFT_LEAD = "shift_lead"
    ENTERPRISE_ADMIN = "enterprise_admin"
    INSPECTOR = "inspector"
    TOWNSHIP_ADMIN = "township_admin"
    OPERATOR = "operator"


PUBLIC = "public"
"""For ``@access(PUBLIC)``: anybody, signed in or not."""

DESK = "desk"
"""For ``@access(DESK)``: an enrolled phone that signs what it sends; nobody is signed in."""

ENTERPRISE_STAFF = (Role.GUARD, Role.SHIFT_LEAD, Role.ENTERPRISE_ADMIN)
TOWNSHIP_STAFF = (Role.INSPECTOR, Role.TOWNSHIP_ADMIN)
EVERYONE = (*ENTERPRISE_STAFF, *TOWNSHIP_STAFF)


@dataclass(frozen=True)
class Actor(UserMixin):
    """A person who acts, as a plain value. ``township_id`` is None for the operator only."""

    id: UUID
    enterprise_id: UUID
    township_id: UUID | None
    name: str
    username: str
    role: Role
    session_id: UUID | None = None
    token: str = ""
    must_change_password: bool = False

    def get_id(self) -> str:
        return self.token

    @property
    def is_township_staff(self) -> bool:
        return self.role in TOWNSHIP_STAFF


OPERATOR = Actor(tenancy.PLATFORM_ID, tenancy.PLATFORM_ID, None, "operator", "operator", Role.OPERATOR)
"""Who acts on the command line."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """The enterprise of an address. ``township_id`` is None for the platform only."""

    id: UUID
    slug: str
    name: str
    kind: str
    township_id: UUID | None
    township_name: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SignedDesk:
    """An enrolled phone whose signature fits its request: where it stands, the people it names, the JSON it sent."""

    enterprise_id: UUID
    id: UUID
    gate_id: UUID
    revoked: bool
    people: Mapping[str, Actor]
    data: Any


class Desks(Protocol):
    """How ``access`` finds an enrolled phone; ``accounts.desks`` is it."""

    def signer(self, engines: Engines, *, desk_id: str, signature: str, body: bytes) -> UUID | None: ...

    def signed(self, session: Session, *, desk_id: UUID, body: bytes) -> SignedDesk | None: ...


FindTenant = Callable[[Engines, str | UUID], Tenant | None]


def engines() -> Engines:
    return current_app.extensions["gate"].engines


def session() -> Session:
    """The session of this request: scoped by ``@access``, writing for POST, committed at the request's edge."""
    if "session" not in g:
        g.session = tenancy.make_session(engines(), g.scope, write=g.writing)
    return g.session


def enterprise() -> Tenant:
    """The enterprise of the address ``/e/<slug>/...``."""
    return g.tenant


@contextmanager
def acting_on(enterprise_id: UUID) -> Iterator[Session]:
    """A writing session under one enterprise of the actor's township, for the listed downward verbs; else 404."""
    tenant = find_tenant(enterprise_id)
    if tenant is None or tenant.township_id != current_user.township_id or not current_user.is_township_staff:
        abort(404)
    with tenancy.open_session(engines(), tenancy.Enterprise(tenant.id), write=True) as acting:
        yield acting


def find_tenant(key: str | UUID) -> Tenant | None:
    return current_app.extensions["gate"].find_tenant(engines(), key)


def access(
    *roles: Role | str, reads: str | None = None, writes: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Open a view to ``roles`` (or ``PUBLIC``) and bind its session to what they may see.

    ``reads="township"`` is for pages of the office that read all enterprises of the township (and write by
    ``acting_on`` only); ``reads="own"`` for pages that nobody opens at another place than their own. Else staff of
    the township on an enterprise's page read under ``Township``. ``writes=False``: a desk's request that only reads.
    """
    if not roles:
        raise ValueError("name the roles, or PUBLIC")
    if reads not in (None, "own", "township"):
        raise ValueError("reads is 'own' or 'township'")

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**arguments: Any) -> Any:
            answer = _admit(frozenset(roles), arguments.get("slug"), reads, writes)
            return current_app.ensure_sync(view)(**arguments) if answer is None else answer

        guarded.gate_access, guarded.gate_reads = frozenset(roles), reads  # type: ignore[attr-defined]
        return guarded

    return decorate


def _admit(roles: frozenset[Role | str], slug: str | None, reads: str | None, writes: bool) -> Any:
    """None when the view may run, else the answer instead of it; binds scope and tenant."""
    g.scope, g.writing, g.tenant = tenancy.Unscoped(), False, None
    if PUBLIC in roles:
        return None
    if DESK in roles:
        return _admit_desk(writes)
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.sign_in", next=request.path if request.method == "GET" else None))
    if current_user.must_change_password and request.endpoint not in ("accounts.password", "accounts.sign_out"):
        return redirect(url_for("accounts.password"))
    _bind(slug, reads)
    if current_user.role not in roles:
        abort(403)
    return None


def _admit_desk(writes: bool) -> Any:
    """Bind the scope of an enrolled phone whose signature fits; else 401. ``g.desk`` says who it is.

    Who does not sign gets no transaction, which on SQLite is a lock for everybody.
    """
    desks, body = current_app.extensions["gate"].desks, request.get_data()
    desk_id, signature = request.headers.get("X-Gate-Desk", ""), request.headers.get("X-Gate-Signature", "")
    home = desks.signer(engines(), desk_id=desk_id, signature=signature, body=body)
    if home is None:
        abort(401)
    g.scope, g.writing = tenancy.Enterprise(home), writes
    if writes:
        g.session = brief.make_brief(engines(), g.scope)
    g.desk = desks.signed(session(), desk_id=UUID(desk_id), body=body)
    if g.desk is None:
        abort(401)
    return None


def _bind(slug: str | None, reads: str | None) -> None:
    """Find the tenant of the address and bind the scope; 404 for whom the place does not exist."""
    own, of_township = current_user.enterprise_id, current_user.is_township_staff
    tenant = find_tenant(slug if slug is not None else own)
    if tenant is None:
        abort(404)
    mine = tenant.id == own
    if not mine and (not of_township or tenant.township_id != current_user.township_id or reads == "township"):
        abort(404)
    if (reads == "own" and not mine) or (reads == "township" and not of_township):
        abort(403)
    if mine and reads != "township":
        g.scope = tenancy.Enterprise(own)
        g.writing = request.method not in ("GET", "HEAD", "OPTIONS")
    else:
        g.scope = tenancy.Township(current_user.township_id)
    g.tenant = tenant


def seal(app: Flask) -> None:
    """The last step of ``create_app``: every view has said whom it is for, or there is no start."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        if not getattr(app.view_functions[rule.endpoint], "gate_access", None):
            raise RuntimeError(f"{rule.endpoint} ({rule.rule}) has no @access")

    @app.after_request
    def commit(response: Any) -> Any:
        """The one commit of a request; an answer is given only for what is on the disk."""
        opened = g.pop("session", None)
        if opened is None:
            return response
        try:
            if g.writing and response.status_code < 400:
                opened.commit()
        except Exception as error:
            return errors.failed(error)
        finally:
            _end(opened)
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        opened = g.pop("session", None)
        if opened is not None:
            _end(opened)


def _end(opened: Session) -> None:
    """Roll back what was not committed; a connection that broke is thrown away."""
    try:
        opened.close()
    except SQLAlchemyError:
        opened.invalidate()
