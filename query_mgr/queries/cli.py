"""`flask queries lint`: the compliance lint for queries made elsewhere."""

from __future__ import annotations

import json
from typing import BinaryIO

import click
from flask.cli import AppGroup

from query_mgr.queries.lint.exchange import answered_lines

queries_cli = AppGroup("queries", help="Check queries.")


@queries_cli.command("lint")
@click.argument("file", type=click.File("rb"))
def lint_file(file: BinaryIO) -> None:
    """Check the queries in FILE ("-" for standard input), one JSON object a line; one answer a line."""
    for answer in answered_lines(file):
        click.echo(json.dumps(answer, ensure_ascii=False))
