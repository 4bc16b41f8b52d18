"""Commands of people, and those that open a township or an enterprise with its first admin."""

from __future__ import annotations

import os
from uuid import UUID

import click
from flask import Flask, current_app

from gatekeeper import clock, tenancy
from gatekeeper.access import ENTERPRISE_STAFF, OPERATOR, TOWNSHIP_STAFF, Role
from gatekeeper.accounts import queries, service
from gatekeeper.cli import opened, ready
from gatekeeper.db import Engines, new_id
from gatekeeper.enterprises import cli as enterprise_cli
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises import service as enterprise_service

user = click.Group("user", help="People: add, list, disable, password.")
password_option = click.option(
    "--password-env", metavar="VARIABLE", help="Environment variable with the first password; else it is random."
)


@enterprise_cli.township.command("add")
@click.argument("name", required=False)
@click.option("--slug", help="The office's short name in addresses.")
@click.option("--admin", "--username", "admin", help="Username of the first township admin.")
@password_option
@ready
def add_township(name: str | None, slug: str | None, admin: str | None, password_env: str | None) -> None:
    """Open a township with its office and first admin; asks for what is not given."""
    name = name or click.prompt("Name of the township / 镇街名称")
    admin = admin or click.prompt("Username of its admin / 管理员用户名", default="township")
    if current_app.extensions["gate"].settings.admin_password:
        password_env = password_env or "GATE_ADMIN_PASSWORD"
    first = _first_password(password_env)
    with opened(tenancy.Enterprise(new_id()), write=True) as session:
        enterprise_service.add_township(session, name=name, slug=slug or "office", by=OPERATOR, at=clock.now())
        _add(session, admin, "镇街管理员", Role.TOWNSHIP_ADMIN, first)
    click.echo(f"{name} is open. Sign in as {service.normal_username(admin)} {_with(first, password_env)}")


@enterprise_cli.enterprise.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--township", required=True, help="Slug of the township's office.")
@click.option("--admin", required=True, help="Username of the enterprise's first admin.")
@password_option
@ready
def add_enterprise(slug: str, name: str, township: str, admin: str, password_env: str | None) -> None:
    """Open an enterprise with its first admin."""
    office = enterprises.find_tenant(_engines(), township)
    if office is None or office.township_id is None:
        raise click.ClickException(f"There is no township {township}; `flask township list` prints them.")
    first = _first_password(password_env)
    with opened(tenancy.Enterprise(new_id()), write=True) as session:
        enterprise_service.add_enterprise(
            session, township_id=office.township_id, slug=slug, name=name, by=OPERATOR, at=clock.now()
        )
        _add(session, admin, "企业管理员", Role.ENTERPRISE_ADMIN, first)
    click.echo(f"{name} is open. Sign in as {service.normal_username(admin)} {_with(first, password_env)}")


@user.command("add")
@click.argument("enterprise")
@click.argument("username")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([str(role) for role in (*ENTERPRISE_STAFF, *TOWNSHIP_STAFF)]))
@password_option
@ready
def add_user(enterprise: str, username: str, name: str, role: str, password_env: str | None) -> None:
    """Add a person to an enterprise (or office), by its slug."""
    tenant = enterprises.find_tenant(_engines(), enterprise)
    if tenant is None:
        raise click.ClickException(f"There is no enterprise {enterprise}; `flask enterprise list` prints them.")
    first = _first_password(password_env)
    with opened(tenancy.Enterprise(tenant.id), write=True) as session:
        _add(session, username, name, Role(role), first)
    click.echo(f"{service.normal_username(username)} signs in {_with(first, password_env)}")


@user.command("list")
@click.argument("enterprise")
@ready
def list_users(enterprise: str) -> None:
    """The people of an enterprise: username, role, name; disabled ones say so."""
    tenant = enterprises.find_tenant(_engines(), enterprise)
    if tenant is None:
        raise click.ClickException(f"There is no enterprise {enterprise}; `flask enterprise list` prints them.")
    with opened(tenancy.Enterprise(tenant.id)) as session:
        for found in queries.users(session, enterprise_id=tenant.id):
            click.echo(f"{found.username}\t{found.role}\t{found.name}" + ("\tdisabled" if found.disabled_at else ""))


@user.command("disable")
@click.argument("username")
@ready
def disable_user(username: str) -> None:
    """Let a person no longer sign in, and end their sessions."""
    enterprise_id, user_id = _find(username)
    with opened(tenancy.Enterprise(enterprise_id), write=True) as session:
        service.disable_user(session, user_id=user_id, by=OPERATOR, at=clock.now())
    click.echo(f"{username} can no longer sign in")


@user.command("password")
@click.argument("username")
@password_option
@ready
def reset_password(username: str, password_env: str | None) -> None:
    """Give a person a new first password, and end their sessions."""
    enterprise_id, user_id = _find(username)
    first = _first_password(password_env)
    with opened(tenancy.Enterprise(enterprise_id), write=True) as session:
        service.reset_password(session, user_id=user_id, by=OPERATOR, at=clock.now(), password=first)
    click.echo(f"{username} signs in {_with(first, password_env)}")


def _engines() -> Engines:
    engines: Engines = current_app.extensions["gate"].engines
    return engines


def _find(username: str) -> tuple[UUID, UUID]:
    found = queries.find_username(_engines(), service.normal_username(username))
    if found is None:
        raise click.ClickException(f"There is nobody called {username}; `flask user list ENTERPRISE` prints them.")
    return found


def _first_password(variable: str | None) -> service.FirstPassword:
    """The password of an environment variable, else a random one; hashed before anything is written."""
    given = os.environ.get(variable, "") if variable else ""
    if variable and not given:
        raise click.ClickException(f"The environment variable {variable} is not set.")
    if given and len(given) < service.PASSWORD_LENGTH:
        raise click.ClickException(f"A password has at least {service.PASSWORD_LENGTH} characters.")
    return service.FirstPassword(given) if given else service.FirstPassword()


def _with(first: service.FirstPassword, variable: str | None) -> str:
    """How the command tells of the password: a given one is not printed."""
    return f"with the password in {variable}" if variable else f"with the first password {first.text}"


def _add(session, username: str, name: str, role: Role, first: service.FirstPassword) -> None:  # type: ignore[no-untyped-def]
    service.add_user(
        session,
        username=username,
        name=name,
        role=role,
        by=OPERATOR,
        at=clock.now(),
        password=first.text,
        password_hash=first.hash,
    )


def init_app(app: Flask) -> None:
    """Offer the commands to ``flask``."""
    app.cli.add_command(user)
