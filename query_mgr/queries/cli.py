"""`flask queries lint` and `check`: the compliance lint for queries made elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import AppGroup

from query_mgr.queries.checking import reading
from query_mgr.queries.checking.report import as_lines, as_table, checked
from query_mgr.queries.edition import edition_in_force
from query_mgr.queries.lint.exchange import answered_lines

queries_cli = AppGroup("queries", help="Check queries.")


@queries_cli.command("lint")
@click.argument("file", type=click.File("rb"))
def lint_file(file: BinaryIO) -> None:
    """Check the queries in FILE ("-" for standard input), one JSON object a line; one answer a line."""
    for answer in answered_lines(file, edition_in_force()):
        click.echo(json.dumps(answer, ensure_ascii=False))


@queries_cli.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(reading.FORMATS), help="As the file's name says, if left out.")
@click.option("--report", "target", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="Where the report goes: a name that ends in .csv or .jsonl.")  # fmt: skip
def check_file(file: Path, kind: str | None, target: Path) -> None:
    """Check an old query library in FILE (CSV, JSON lines or text) and write what to mend (docs/interfaces/query-check.md)."""
    if target.suffix not in (".csv", ".jsonl"):
        raise click.UsageError(f"{target}: name the report .csv or .jsonl")
    content = file.read_bytes()
    try:
        queries = reading.read(content, kind or reading.kind_of(file.name, content))
        found = checked(queries, edition_in_force())
    except reading.UnreadableError as wrong:
        raise click.ClickException(f"{file}: {wrong}") from None
    # The byte order mark lets spreadsheets read names with accents.
    text = "\ufeff" + as_table(found) if target.suffix == ".csv" else as_lines(found)
    target.write_text(text, encoding="utf-8", newline="")
    click.echo(
        f"{len(found.queries)} queries, {found.compliant} compliant, {found.unreadable} unreadable: {target}"
    )
