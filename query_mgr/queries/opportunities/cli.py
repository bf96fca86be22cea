"""`flask queries opportunities`: what the finder finds, one encounter a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import db
from query_mgr.queries.opportunities.asked_already import queries_on, without_asked
from query_mgr.queries.opportunities.finding import finder_of
from query_mgr.queries.opportunities.gap import Gap
from query_mgr.queries.opportunities.ranking import ranked
from query_mgr.queries.opportunities.reading import stay_of
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.settling import settle
from query_mgr.queries.site_templates import in_force

_TOGETHER = 100  # encounters that are read and forgotten at once


@click.command("opportunities", help="Print the documentation gaps worth a query, one encounter a line.")
@click.option("--encounter", "number", help="One encounter, by its account number or reference.")
@click.option("--all", "is_all", is_flag=True, help="Every encounter.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_appcontext
def opportunities_command(number: str | None, is_all: bool, as_json: bool) -> None:
    """Read one chart or all; nothing is stored, and the exit code is 0 whatever is found."""
    if bool(number) == is_all:
        raise click.UsageError("Name one encounter with --encounter, or take --all.")
    for line in found_lines(number, as_json=as_json):
        click.echo(line)


def found_lines(number: str | None, *, as_json: bool = True) -> Iterator[str]:
    """Yield what is found, an encounter at a time, in flat memory. Raises ClickException for an unknown number."""
    finder = finder_of(in_force())
    write = _as_json if as_json else _as_text
    for ids in _batches(number):
        encounters = db.session.scalars(
            select(Encounter).where(Encounter.id.in_(ids)).order_by(Encounter.id)
        ).all()
        asked = queries_on(ids)
        for encounter in encounters:
            record = Record(stay_of(encounter))
            gaps = settle(finder.scan(record), record)
            yield write(encounter, ranked(without_asked(gaps, asked.get(encounter.id, ()))))
        db.session.rollback()
        db.session.expunge_all()


def _batches(number: str | None) -> Iterator[Sequence[int]]:
    if number:
        named = select(Encounter.id).where((Encounter.number == number) | (Encounter.ref == number))
        found = db.session.scalars(named).all()
        if not found:
            raise click.ClickException(f"No encounter has the number or reference {number[:64]!r}.")
        yield found
        return
    last = 0
    while True:
        page = select(Encounter.id).where(Encounter.id > last).order_by(Encounter.id).limit(_TOGETHER)
        ids = db.session.scalars(page).all()
        if not ids:
            return
        last = ids[-1]
        yield ids


def _as_json(encounter: Encounter, gaps: Sequence[Gap]) -> str:
    found = {
        "encounter": encounter.number,
        "mrn": encounter.patient.mrn,
        "gaps": [one.as_json() for one in gaps],
    }
    return json.dumps(found, ensure_ascii=False)


def _as_text(encounter: Encounter, gaps: Sequence[Gap]) -> str:
    open_gaps = [one for one in gaps if not one.suppressed_because]
    lines = (f"    {one.kind:26} {one.condition:32} {one.template}" for one in open_gaps)
    return "\n".join(
        [f"{encounter.number}  {len(open_gaps)} open, {len(gaps) - len(open_gaps)} not asked", *lines]
    )
