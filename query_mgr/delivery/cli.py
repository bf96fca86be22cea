"""`flask mail`: what the mail server hands us."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from query_mgr.delivery import intake
from query_mgr.delivery.inbound import LARGEST

mail_cli = AppGroup("mail", help="Mail that comes back.")
#: how a mail server reads a pipe's end (sysexits.h)
_REFUSED, _LATER = 65, 75


@mail_cli.command("intake")
@click.option("--recipient", default="", help="The envelope recipient, where the mail server tells it.")
def take_in(recipient: str) -> None:
    """Take in one mail from standard input: a bounce, an automatic reply, or a reply that nobody shall read."""
    try:
        row = intake.take_in(sys.stdin.buffer.read(LARGEST + 1), recipient)
    except OperationalError:
        click.echo("the database is away; keep the mail and try again", err=True)
        sys.exit(_LATER)
    click.echo(f"{row.kind}: {row.state}")
    if row.kind == "refused":
        sys.exit(_REFUSED)
