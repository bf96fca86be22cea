"""`flask clinical assert`: what sentences say of a concept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from query_mgr.clinical.assertions import Said, said_of

clinical_cli = AppGroup("clinical", help="Clinical text.")


@clinical_cli.command("assert")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def assert_(file: Path) -> None:
    """Print one JSON line a row of FILE: tab-separated, concept then sentence, with or without a header line.

    A concept that the sentence does not hold is asserted plainly and noted on stderr.
    """
    for number, concept, sentence in _rows(file):
        span = find(concept, sentence)
        if span is None:
            click.echo(f"{file}:{number}: the sentence does not hold the concept", err=True)
        said = said_of(sentence, span) if span else Said()
        click.echo(json.dumps({"concept": concept, **asdict(said)}, ensure_ascii=False))


def _rows(file: Path) -> Iterator[tuple[int, str, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    columns = {"concept": 0, "sentence": 1}
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.rstrip("\r").split("\t")
        if number == 1 and {"concept", "sentence"} <= {one.strip().lower() for one in cells}:
            columns = {one.strip().lower(): place for place, one in enumerate(cells)}
        elif line.strip():
            if len(cells) <= max(columns["concept"], columns["sentence"]):
                raise click.UsageError(
                    f"{file}:{number}: needs two columns, concept and sentence, with a tab between"
                )
            yield number, cells[columns["concept"]].strip(), cells[columns["sentence"]].strip()


def find(concept: str, sentence: str) -> tuple[int, int] | None:
    """Return where a sentence holds a concept: as whole words in any case and spacing, else anywhere; None if nowhere."""
    words = [re.escape(word) for word in concept.split()]
    if not words:
        return None
    pattern = r"\s+".join(words)
    found = re.search(rf"(?<!\w){pattern}(?!\w)", sentence, re.I) or re.search(pattern, sentence, re.I)
    return found.span() if found else None
