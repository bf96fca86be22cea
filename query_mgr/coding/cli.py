"""`flask coding …`: the scrubber on the command line, and the list of its edits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.coding.gather import cases
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.catalogue import scrub as find
from query_mgr.coding.scrub.handbook import handbook
from query_mgr.coding.scrub.registry import Finding
from query_mgr.platform.db import db

_TOGETHER = 200  # encounters that are read, judged and forgotten at once


@click.group("coding", help="Scrub encounters, and list the edits.")
def coding_cli() -> None:
    """Group of the commands."""


@coding_cli.command("scrub", help="Print what the edits find, one encounter a line, as JSON with --json.")
@click.option("--encounter", "number", help="One encounter, by its account number or reference.")
@click.option("--all", "is_all", is_flag=True, help="Every encounter that has a code.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_appcontext
def scrub_command(number: str | None, is_all: bool, as_json: bool) -> None:
    """Scrub one encounter or all; the exit code is 0 whatever is found."""
    if bool(number) == is_all:
        raise click.UsageError("Name one encounter with --encounter, or take --all.")
    for line in scrubbed_lines(number, as_json=as_json):
        click.echo(line)


def scrubbed_lines(number: str | None, *, as_json: bool = True) -> Iterator[str]:
    """Yield what the edits find, an encounter at a time; what was read is forgotten, so that memory stays flat."""
    write = _as_json if as_json else _as_text
    for ids in _batches(number):
        for case in cases(ids, grouped=True):
            yield write(case, find(case))
        db.session.rollback()
        db.session.expunge_all()


def _as_json(case: Case, findings: Sequence[Finding]) -> str:
    shown = [
        {"edit": one.edit, "severity": one.severity, "code": " ".join(one.codes), "message": one.message,
         "source": one.source}
        for one in findings
    ]  # fmt: skip
    drg = case.grouping.drg if case.grouping else None
    return json.dumps({"encounter": case.encounter, "drg": drg, "findings": shown})


def _as_text(case: Case, findings: Sequence[Finding]) -> str:
    head = f"{case.encounter}  DRG {case.grouping.drg if case.grouping else '-'}  {len(findings)} findings"
    return "\n".join([head, *(f"    {one.severity:8} {one.edit:28} {one.message}" for one in findings)])


def _batches(number: str | None) -> Iterator[list[int]]:
    """Yield encounter ids, so many at once, so that memory stays flat."""
    if number:
        named = select(Encounter.id).where((Encounter.number == number) | (Encounter.ref == number))
        found = list(db.session.scalars(named))
        if not found:
            raise click.ClickException(f"No encounter has the number or reference {number[:64]!r}.")
        yield found
        return
    last = 0
    coded = select(CodeAssignment.encounter_id).distinct()
    while True:
        page = (
            coded.where(CodeAssignment.encounter_id > last).order_by(CodeAssignment.encounter_id).limit(_TOGETHER)
        )
        ids = list(db.session.scalars(page))
        if not ids:
            return
        last = ids[-1]
        yield ids


@coding_cli.command("edits", help="Print the table of edits as docs/edits.md holds it.")
def edits_command() -> None:
    """Write the handbook of edits."""
    click.echo(handbook(), nl=False)
