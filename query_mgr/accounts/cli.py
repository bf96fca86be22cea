"""`flask accounts create-user`: the first person of a real installation."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_security.utils import hash_password

from query_mgr.accounts import actions

accounts_cli = AppGroup("accounts", help="People who sign in.")


@accounts_cli.command("create-user")
@click.argument("email")
@click.option("--name", prompt=True, help="As it stands under a query.")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@click.password_option(help="At least 12 characters; asked for when not given.")
def create_user(email: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Create a user with one or more roles."""
    if len(password) < 12:
        raise click.ClickException("the password must have at least 12 characters")
    try:
        user = actions.create_user(email, name, list(roles), by="cli", password_hash=hash_password(password))
    except actions.AccountError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"created {user.email} ({', '.join(sorted(roles))})")
