"""`flask charts import`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

from query_mgr.charts.actions import import_all
from query_mgr.charts.bulk import ndjson_files
from query_mgr.charts.intake import console, replay
from query_mgr.charts.intake.runs import Run
from query_mgr.charts.intake.words import advice, left
from query_mgr.platform.db import rehearsal

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
@click.option("--dry-run", is_flag=True, help="Say what would become of the files, and keep nothing.")
def import_(paths: tuple[Path, ...], all_or_nothing: bool, dry_run: bool) -> None:
    """Import FHIR R4 bundles, HL7 v2 messages, C-CDA documents and CSV tables, told apart by content, plain or gzip.

    A folder stands for the files in it, sorted, and its NDJSON files for one Bulk Data export; one with an index.csv
    stands for the notes which that lists. A ZIP stands for the folder that was packed. Prints one JSON line a file;
    exits 1 if any was rejected.
    """
    is_clean, files, status = True, list(_files(paths)), ""
    run = Run(len(files), feed="files", by="cli") if len(files) > 1 and not dry_run else None
    bar = Bar(len(files))
    for path in files:
        reports = import_all(path, str(path), by="cli", good_rows=not all_or_nothing)
        with rehearsal() if dry_run else nullcontext():
            for report in reports:
                is_clean &= report.status != "rejected"
                bar.clear()
                click.echo(json.dumps(asdict(report), ensure_ascii=False))
                status = report.status
        bar.step(status)
        if run:
            run.step(status)
    bar.clear()
    if run:
        run.finish()
    if not is_clean:
        raise SystemExit(1)


@charts_cli.command("needs-attention")
def needs_attention() -> None:
    """Print one JSON line for each file or part of one that was refused or waits."""
    for part in console.needs_attention():
        what, todo = advice(part.reason)
        line = {"ref": part.ref, "feed": part.intake.feed, "file": part.intake.name, "where": part.where}
        line |= {"status": part.status, "reason": part.reason, "what": what, "todo": todo}
        click.echo(json.dumps(line, ensure_ascii=False))


@charts_cli.command("replay")
@click.argument("refs", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Say what would become of them, and keep nothing.")
def replay_(refs: tuple[str, ...], dry_run: bool) -> None:
    """Send what was refused or waits once more, as it came; REFS are those that `needs-attention` prints."""
    is_clean = True
    for ref in refs:
        part = console.part_of(ref)
        if part is None:
            raise click.ClickException(f"{ref}: nothing waits under this reference; see `charts needs-attention`")
        try:
            report = replay.send_again(part, "cli", is_rehearsal=dry_run)
        except replay.ReplayError as error:
            raise click.ClickException(f"{ref}: {error}") from None
        is_clean &= report.status != "rejected"
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
    if not is_clean:
        raise SystemExit(1)


class Bar:
    """How far a long import is, on the terminal's last line; silent where standard error is no terminal."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.refused = total, 0, 0
        self._is_shown = total > 1 and sys.stderr.isatty()
        self._started = time.monotonic()

    def step(self, status: str) -> None:
        """Note that one more file is done."""
        self.done += 1
        self.refused += status == "rejected"
        if self._is_shown:
            rest = left(self.done, self.total, timedelta(seconds=time.monotonic() - self._started))
            full = "#" * (30 * self.done // self.total)
            click.echo(
                f"\r[{full:30}] {self.done} of {self.total}, {self.refused} refused, {rest}", err=True, nl=False
            )

    def clear(self) -> None:
        """Make room for a line of output."""
        if self._is_shown:
            click.echo("\r\x1b[K", err=True, nl=False)


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
