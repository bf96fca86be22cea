"""`flask answers verify`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from query_mgr.respond.verified import problems

answers_cli = AppGroup("answers", help="Signed answers.")


@answers_cli.command("verify")
@click.argument("ref", default="")
@click.option("--all", "every", is_flag=True, help="Every query that was ever sent.")
def verify(ref: str, every: bool) -> None:
    """Compute every hash of signed answers again; exit 1 and name what differs first.

    REF is a query's reference, as its page or its mail shows it.
    """
    if bool(ref) == every:
        raise click.UsageError("Name one query, or say --all.")
    queries = answers = broken = 0
    for query, answer, found in problems(ref):
        queries, answers = queries + 1, answers + (answer is not None)
        if found:
            broken += 1
            click.echo(f"query {query.ref} (mail {query.mail_ref}): {found}", err=True)
    if ref and not queries:
        raise click.UsageError(f"No query that was sent has the reference {ref}.")
    if broken:
        raise SystemExit(1)
    click.echo(f"intact: {queries} queries as sent, {answers} signed answers")
