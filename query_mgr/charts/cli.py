"""`flask charts import`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from query_mgr.charts.actions import import_all
from query_mgr.charts.bulk import ndjson_files

#: files of a folder that are charts; named files are read whatever their name
SUFFIXES = {".json", ".xml", ".ccda", ".cda", ".gz", ".hl7", ".csv", ".zip"}
charts_cli = AppGroup("charts", help="Patients, stays, documents and results.")


@charts_cli.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--all-or-nothing/--good-rows",
    default=True,
    help="Of a table with wrong rows take nothing (the default), or the rows that are right and hold the others.",
)
def import_(paths: tuple[Path, ...], all_or_nothing: bool) -> None:
    """Import FHIR R4 bundles, HL7 v2 messages, C-CDA documents and CSV tables, told apart by content, plain or gzip.

    A folder stands for the files in it, sorted, and its NDJSON files for one Bulk Data export; one with an index.csv stands for the notes which that lists. A ZIP
    stands for the folder that was packed. Prints one JSON line a file; exits 1 if any was rejected.
    """
    is_clean = True
    for path in _files(paths):
        for report in import_all(path, str(path), by="cli", good_rows=not all_or_nothing):
            is_clean &= report.status != "rejected"
            click.echo(json.dumps(asdict(report), ensure_ascii=False))
    if not is_clean:
        raise SystemExit(1)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if (path / "index.csv").is_file():
            yield path / "index.csv"
        elif path.is_dir():
            if ndjson_files(path):  # one export, whose files need each other
                yield path
            yield from sorted(
                each for each in path.iterdir() if each.suffix.lower() in SUFFIXES and not ndjson_files(each)
            )
        else:
            yield path
