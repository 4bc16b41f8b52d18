"""``flask ledger``: the book proves itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask, current_app
from sqlalchemy import select

from gatekeeper import tenancy
from gatekeeper.access import Tenant, find_tenant
from gatekeeper.cli import opened, ready
from gatekeeper.enterprises.models import Enterprise
from gatekeeper.ledger import queries, signer, witness
from gatekeeper.ledger.cli import ledger, tenant_of
from gatekeeper.ledger.merkle import Head
from gatekeeper.ledger.queries import Fault, Standing
from gatekeeper.visits import proof

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _books(slug: str | None) -> list[Tenant]:
    """The enterprise of ``slug``, or every one of the installation."""
    if slug is not None:
        return [tenant_of(slug)]
    with opened(tenancy.Platform()) as session:
        ids = session.scalars(select(Enterprise.enterprise_id).order_by(Enterprise.slug)).all()
    return [tenant for tenant in map(find_tenant, ids) if tenant is not None]


@ledger.command()
@click.argument("enterprise", required=False)
@click.option("--against", type=FILE, help="A checkpoint (JSON) or a report (PDF) that was kept elsewhere.")
@click.option("--public-key", "key_file", type=FILE, help="PEM of the key that signed it (default: this machine's).")
@ready
def verify(enterprise: str | None, against: Path | None, key_file: Path | None) -> None:
    """Check the chain and compare the projections; exit 1 at the first fault."""
    entries = visits = 0
    books = _books(enterprise)
    if against is not None:
        _stands_as_signed(against, _public_key(key_file), {tenant.id for tenant in books} if enterprise else None)
    for tenant in books:
        with opened(tenancy.Enterprise(tenant.id)) as session:
            found = proof.verify(session, enterprise_id=tenant.id)
        if isinstance(found, Fault):
            click.echo(f"{tenant.slug} {found.seq or '-'} {found.reason}")
            raise SystemExit(1)
        entries, visits = entries + found.entries, visits + found.visits
        click.echo(f"{tenant.slug}: {found.entries} entries, {found.visits} visits")
    click.echo(f"sound: {entries} entries, {visits} visits")


def _public_key(file: Path | None) -> Ed25519PublicKey:
    installed: Any = current_app.extensions["gate"].settings.signing_key_file
    try:
        found = witness.public_key_of(file.read_bytes()) if file else signer.public_key(installed)
    except witness.NoWitness as wrong:
        raise click.ClickException(str(wrong)) from None
    if found is None:
        raise click.ClickException(f"There is no {signer.public_file(installed)}; name the key with --public-key.")
    return found


def _stands_as_signed(file: Path, key: Ed25519PublicKey, only: set[UUID] | None) -> None:
    """Exit 1 where a checkpoint is not sound, or a book (one of ``only``) no longer stands as it says."""
    try:
        checkpoint = witness.read(file.read_bytes())
    except witness.NoWitness as wrong:
        raise click.ClickException(f"{file.name}: {wrong}") from None
    wrong = witness.fault(checkpoint, key)
    if wrong is not None:
        click.echo(f"{file.name} - {wrong}")
        raise SystemExit(1)
    claims = [claim for claim in checkpoint.claims if only is None or UUID(claim[0]) in only]
    if not claims:
        raise click.ClickException(f"{file.name}: its checkpoint is of another enterprise.")
    for claim in claims:
        _stands(claim)
    click.echo(f"checkpoint {checkpoint.n}: what it signed still stands, books: {len(claims)}")


def _stands(claim: Head) -> None:
    book, seq, digest = claim
    tenant = find_tenant(UUID(book))
    with opened(tenancy.Enterprise(UUID(book))) as session:
        fault = queries.stands(session, enterprise_id=UUID(book), wanted=Standing(seq, digest))
    if fault is not None:
        click.echo(f"{tenant.slug if tenant else book} {fault.seq} {fault.reason}")
        raise SystemExit(1)


@ledger.command()
@click.argument("enterprise", required=False)
@ready
def replay(enterprise: str | None) -> None:
    """Judge every stored decision again from its stored facts; exit 1 at a difference."""
    failed = False
    for tenant in _books(enterprise):
        with opened(tenancy.Enterprise(tenant.id)) as session:
            counts, first = proof.tally(proof.replay(session, enterprise_id=tenant.id))
        at = f", first at {tenant.slug} {first}" if first else ""
        words = ", ".join(f"{name} {counts[name]}" for name in ("equal", "different", "erased"))
        click.echo(f"{tenant.slug}: {words}{at}")
        failed = failed or first is not None
    if failed:
        raise SystemExit(1)


@ledger.command()
@click.argument("enterprise", required=False)
@ready
def rebuild(enterprise: str | None) -> None:
    """Make the projections anew from the book."""
    for tenant in _books(enterprise):
        with opened(tenancy.Enterprise(tenant.id), write=True) as session:
            click.echo(f"{tenant.slug}: {proof.rebuild(session, enterprise_id=tenant.id)} visits")


def init_app(app: Flask) -> None:
    app.cli.add_command(ledger)
