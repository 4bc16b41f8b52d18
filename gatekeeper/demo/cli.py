"""``flask demo``: an invented township, played through the same door as real events."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from gatekeeper import clock
from gatekeeper.cli import prepare
from gatekeeper.crypto import KeyFault, hash_password, new_password
from gatekeeper.demo import play, world
from gatekeeper.errors import DomainError

DEFAULT_ENTERPRISES = 3
MOST_VISITS = 5000


@click.command("demo")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Play this day whole (default: yesterday and today).")
@click.option("--visits", type=click.IntRange(1, MOST_VISITS), help="Arrivals of the cement plant on each whole day.")
@click.option("--enterprises", type=click.IntRange(1, 500), default=DEFAULT_ENTERPRISES, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--risk-areas", "lists", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of lists."
)
@with_appcontext
def demo(day: datetime | None, visits: int | None, enterprises: int, seed: int, lists: Path | None) -> None:
    """Make or extend the demo township; deterministic for a seed."""
    installation = current_app.extensions["gate"]
    at = clock.now()
    try:
        prepare(installation)
        fresh = world.township(installation.engines) is None
        password = installation.settings.demo_password or new_password()
        password_hash = hash_password(password)
        built = world.build(installation.engines, count=enterprises, password_hash=password_hash, at=at)
    except KeyFault as fault:
        raise click.ClickException(str(fault)) from None
    except DomainError as fault:
        raise click.ClickException(f"{fault.text.en} / {fault.text.zh}") from None
    today = clock.day_of(at)
    days = [day.date()] if day else [today - timedelta(days=1), today]
    if days[-1] > today:
        raise click.BadParameter(f"{days[-1]} has not come yet; choose a day up to {today}.", param_hint="--day")
    if lists is not None:
        count = len(play.adopt_lists(installation.engines, sorted(lists.glob("*.json")), last=days[-1]))
        click.echo(f"risk lists in force up to {days[-1]}: {count}")
    else:
        play.adopt_own(installation.engines, days[0])
    for one in built:
        for played in days:
            arrivals = visits if visits and one.place.kind == "cement" else one.place.visits
            written = play.play_day(installation.engines, one, played, seed=seed, count=arrivals, until=at)
            play.end_sweep(installation.engines, one, min(at, clock.start_of(played + timedelta(days=2))))
            click.echo(
                f"{one.place.slug} {played}: {written} events" if written else f"{one.place.slug} {played}: played"
            )
    _accounts(fresh, password, [one.place.slug for one in built], at)


def _accounts(fresh: bool, password: str, slugs: list[str], at: datetime) -> None:
    names = [f"{role}@{slug}" for slug in slugs[:3] for role in ("guard", "lead", "admin")]
    click.echo(f"accounts: {' '.join([*names, 'inspector', 'township'])}")
    if fresh:
        note = " (GATE_DEMO_PASSWORD)" if os.environ.get("GATE_DEMO_PASSWORD") else ""
        click.echo(f"password of all: {password}{note}")
    else:
        click.echo("password: as printed when the demo was made")


def init_app(app: Flask) -> None:
    app.cli.add_command(demo)
