"""`flask clinical assert`: what sentences say of a concept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from query_mgr.clinical.locate import said_in

clinical_cli = AppGroup("clinical", help="Clinical text.")


@clinical_cli.command("assert")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def assert_(file: Path) -> None:
    """Print one JSON line a row of FILE: tab-separated, concept then sentence, with or without a header line.

    A concept that the sentence does not hold is judged by the whole sentence, and noted on stderr. Nothing is printed
    where a line cannot be read.
    """
    for number, concept, sentence in list(_rows(file)):
        said, is_held = said_in(sentence, concept)
        if not is_held:
            click.echo(f"{file}:{number}: the sentence does not hold the concept; judged as a whole", err=True)
        click.echo(json.dumps({"concept": concept, **asdict(said)}))


def _rows(file: Path) -> Iterator[tuple[int, str, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    columns = {"concept": 0, "sentence": 1}
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.split("\t")
        if number == 1 and {"concept", "sentence"} <= {one.strip().lower() for one in cells}:
            columns = {one.strip().lower(): place for place, one in enumerate(cells)}
        elif line.strip():
            if len(cells) <= max(columns["concept"], columns["sentence"]):
                raise click.UsageError(
                    f"{file}:{number}: needs two columns, concept and sentence, with a tab between"
                )
            yield number, cells[columns["concept"]].strip(), cells[columns["sentence"]].strip()
