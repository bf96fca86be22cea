"""`flask charts client`: who may post charts."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from query_mgr.charts.fhir_api import clients

client_cli = AppGroup("client", help="Systems that may post charts to /fhir.")


@client_cli.command("add")
@click.argument("name")
def add(name: str) -> None:
    """Make a client and print its key, which is shown this once only."""
    try:
        key = clients.add(name, by="cli")
    except clients.ClientError as error:
        raise click.ClickException(str(error)) from None
    click.echo(key)
    click.echo("Give it to the sender as 'Authorization: Bearer KEY'; it is not shown again.", err=True)


@client_cli.command("list")
def list_() -> None:
    """Print name, state, day of making and last use of each client."""
    for one in clients.everyone():
        used = f"last used {one.last_used_at:%Y-%m-%d %H:%M} UTC" if one.last_used_at else "never used"
        state = f"disabled {one.disabled_at:%Y-%m-%d}" if one.disabled_at else "may post"
        click.echo(f"{one.name}\t{state}\tmade {one.created_at:%Y-%m-%d} by {one.created_by}\t{used}")


@client_cli.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Let a client in no more."""
    try:
        clients.disable(name, by="cli")
    except clients.ClientError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{name} is disabled")
