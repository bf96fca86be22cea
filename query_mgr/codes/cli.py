"""`flask codes load` and `flask codes search`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from query_mgr.codes import loader
from query_mgr.codes.search import search

codes_cli = AppGroup("codes", help="Code sets.")


@codes_cli.command("load")
def load() -> None:
    """Load the ICD-10-CM edition that comes with query_mgr."""
    count = loader.load_default("cli")
    click.echo(f"ICD-10-CM {loader.EDITION}: {f'{count} codes loaded' if count else 'unchanged'}")


@codes_cli.command("search")
@click.argument("words", nargs=-1, required=True)
def find(words: tuple[str, ...]) -> None:
    """Search codes as the page does."""
    for hit in search(" ".join(words)):
        click.echo(f"{hit.code:10}{'' if hit.is_billable else '(header) '}{hit.title}")
