"""`flask codes load`, `list`, `diff` and `search`."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup

from query_mgr.codes import comparing, indexing, loader, lookup
from query_mgr.codes.rows import FileError
from query_mgr.codes.search import LONGEST, search_all
from query_mgr.codes.systems import SYSTEMS

codes_cli = AppGroup("codes", help="Code systems: load, list, compare and search.")
_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _date(given: datetime | None) -> date | None:
    return given.date() if given else None


@codes_cli.command("load")
@click.argument("system", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--effective", type=_DAY, help="The first day the edition holds, where the file does not say it.")
@click.option("--i-hold-a-licence", "licence", is_flag=True, help="You may use CPT or revenue codes.")
@click.option("--accept-fewer", is_flag=True, help="The edition rightly drops more codes than it brings.")
@click.option("--dry-run", is_flag=True, help="Check the file and keep nothing.")
def load(
    system: str | None,
    file: Path | None,
    effective: datetime | None,
    licence: bool,
    accept_fewer: bool,
    dry_run: bool,
) -> None:
    """Load an edition of SYSTEM from FILE; without both, what comes with query_mgr."""
    if system is None:
        count = loader.load_default("cli")
        click.echo(f"ICD-10-CM {loader.EDITION}: {f'{count} codes loaded' if count else 'unchanged'}")
        return
    if file is None:
        raise click.UsageError(f"Name the file too: flask codes load {system} FILE")
    try:
        found = loader.load_file(
            system, file, effective=_date(effective), holds_licence=licence, accept_fewer=accept_fewer,
            dry_run=dry_run, by="cli",
        )  # fmt: skip
    except FileError as error:
        raise click.ClickException(f"{file.name}: {error}. Nothing was changed.") from None
    note = f"; {found.note}" if found.note else ""
    click.echo(
        f"{SYSTEMS[system].name} {found.edition}, from {found.effective_from}: {found.codes} codes {found.status}{note}"
    )


@codes_cli.command("reindex")
def reindex() -> None:
    """Make the search index anew where an older query_mgr made it; the first search would do it, too."""
    click.echo(f"{indexing.renew()} editions indexed")


@codes_cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def show(as_json: bool) -> None:
    """List every system with its editions."""
    for row in lookup.inventory():
        line = {
            "system": row.system, "edition": row.edition, "from": row.since.isoformat(),
            "to": row.until.isoformat() if row.until else None, "codes": row.codes, "sample": row.is_sample,
            "file": row.file_name,
        }  # fmt: skip
        until = f"to {row.until}" if row.until else "on"
        sample = ", a sample" if row.is_sample else ""
        click.echo(
            json.dumps(line)
            if as_json
            else f"{SYSTEMS[row.system].name} {row.edition}: {row.codes} codes from {row.since} {until}{sample}"
        )
    for system in lookup.not_loaded():
        if not as_json:
            click.echo(f"{SYSTEMS[system].name}: {SYSTEMS[system].source}")


@codes_cli.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--system", type=click.Choice(list(SYSTEMS)), default="icd10cm", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def diff(old: str, new: str, system: str, as_json: bool) -> None:
    """Compare two editions, each by its name or as a file that is not loaded."""
    try:
        changes = list(comparing.changes(comparing.codes_of(old, system), comparing.codes_of(new, system)))
    except FileError as error:
        raise click.ClickException(str(error)) from None
    for change in changes:
        click.echo(
            json.dumps(change._asdict(), ensure_ascii=False)
            if as_json
            else f"{change.what:16}{change.code:10}{change.new or change.old}"
        )
    if not as_json:
        counts = comparing.counts(changes)
        click.echo(", ".join(f"{count} {what}" for what, count in counts.items()))


@codes_cli.command("search")
@click.argument("words", nargs=-1)
@click.option("--file", type=click.File(encoding="utf-8", errors="replace"), help="One term a line.")
@click.option("--system", "systems", multiple=True, type=click.Choice(list(SYSTEMS)), help="All by default.")
@click.option("--on", type=_DAY, help="The day of discharge or service; today by default.")
@click.option("--limit", type=click.IntRange(1, 400), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One line per term.")
def find(
    words: tuple[str, ...], file: TextIO | None, systems: tuple[str, ...], on: datetime | None,
    limit: int, as_json: bool,
) -> None:  # fmt: skip
    """Search codes as the page does."""
    if bool(words) == bool(file):
        raise click.UsageError("Give words to look for, or --file with one term a line.")
    for term in [" ".join(words)] if words else (line.strip() for line in file or ()):
        if not term:
            continue
        hits = search_all(term[:LONGEST], _date(on), limit, systems or tuple(SYSTEMS))
        if as_json:
            results = [
                {"system": hit.system, "code": hit.code, "title": hit.title, "billable": hit.is_billable}
                for hit in hits
            ]
            click.echo(json.dumps({"term": term, "results": results}, ensure_ascii=False))
            continue
        for hit in hits:
            click.echo(f"{hit.system:10}{hit.code:10}{'' if hit.is_billable else '(not billable) '}{hit.title}")
