"""Stored gaps kept true: which charts are due, and what became of their gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from query_mgr.accounts.session import Actor
from query_mgr.charts.arrivals import when_arrived
from query_mgr.charts.models import Encounter
from query_mgr.coding.work import when_changed
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.opportunities.finding import Finder, finder_of
from query_mgr.queries.opportunities.gap import Gap, from_row
from query_mgr.queries.opportunities.judgement import judgement
from query_mgr.queries.opportunities.models import Opportunity, OpportunityDue, OpportunityScan
from query_mgr.queries.opportunities.reading import stay_of
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.settling import settle
from query_mgr.queries.site_templates import in_force

_AT_ONCE = 200  # encounters that one run of the chore reads
_MOST_REFS = 300  # beyond, the whole chart is read


def note_due(changed: Mapping[int, Sequence[str] | None]) -> None:
    """Note, in the running transaction, that these encounters (by id) changed: by which refs, or (None) altogether."""
    rows = [
        {"encounter_id": one, "refs": list(refs) if refs is not None and len(refs) <= _MOST_REFS else None}
        for one, refs in changed.items()
    ]
    if rows:
        db.session.execute(insert(OpportunityDue), rows)


def refresh_due(most: int = _AT_ONCE) -> int:
    """Read again what is due, an encounter a transaction; return how many were read. Several may run at once."""
    wanted = select(OpportunityDue.encounter_id).distinct().order_by(OpportunityDue.encounter_id).limit(most)
    ids = db.session.scalars(wanted).all()
    db.session.rollback()
    if not ids:
        return 0
    finder = finder_of(in_force())
    for encounter_id in ids:
        noted = db.session.execute(
            select(OpportunityDue.id, OpportunityDue.refs).where(OpportunityDue.encounter_id == encounter_id)
        ).all()
        encounter = db.session.get(Encounter, encounter_id)
        # Read before the write lock is taken: one chart after another would keep every other writer waiting.
        read = _read(encounter, finder, [row.refs for row in noted]) if encounter is not None else None
        with unit_of_work():
            there = db.session.scalar(select(Encounter.id).where(Encounter.id == encounter_id).with_for_update())
            taken = delete(OpportunityDue).where(OpportunityDue.id.in_([row.id for row in noted]))
            # What was noted meanwhile stays due; what another process took is its to store.
            if db.session.execute(taken.returning(OpportunityDue.id)).all() and there is not None and read:
                _store(there, finder, read)
    db.session.expunge_all()
    return len(ids)


def refresh(encounter: Encounter) -> None:
    """Read the whole chart of an encounter again and store its gaps."""
    with unit_of_work():
        finder = finder_of(in_force())
        _store(encounter.id, finder, _read(encounter, finder, [None]))


@dataclass(frozen=True)
class _Reading:
    """What a chart was found to leave open, and what of it is settled."""

    found: tuple[Gap, ...]
    settled: tuple[Gap, ...]


def _read(encounter: Encounter, finder: Finder, due: Sequence[Sequence[str] | None]) -> _Reading:
    scan = db.session.get(OpportunityScan, encounter.id)
    stay = stay_of(encounter)
    record = Record(stay)
    refs = None if None in due else {ref for one in due for ref in one or ()}
    if scan is None or scan.stamp != finder.stamp or refs is None:
        found = finder.scan(record)
    else:
        touched = finder.touched(
            (one for one in stay.facts if one.ref in refs), (one for one in stay.documents if one.ref in refs)
        )
        found = finder.rescan(record, map(from_row, scan.found), touched)
    return _Reading(found, settle(found, record))


def _store(encounter_id: int, finder: Finder, read: _Reading) -> None:
    scan = db.session.get(OpportunityScan, encounter_id)
    if scan is None:
        scan = OpportunityScan(encounter_id=encounter_id)
        db.session.add(scan)
    scan.stamp, scan.found, scan.scanned_at = finder.stamp, [one.as_row() for one in read.found], clock.now()
    _keep(encounter_id, read.settled)


def _keep(encounter_id: int, gaps: Iterable[Gap]) -> None:
    """Store the gaps; what a person dismissed stays so while its evidence says nothing new."""
    kept = {
        (one.kind, one.condition): one
        for one in db.session.scalars(select(Opportunity).where(Opportunity.encounter_id == encounter_id))
    }
    for gap in gaps:
        row = kept.pop((gap.kind, gap.condition), None)
        if row is None:
            row = Opportunity(
                encounter_id=encounter_id, kind=gap.kind, condition=gap.condition, found_at=clock.now()
            )
            row.undismiss()
            db.session.add(row)
        _fill(row, gap)
    for row in kept.values():
        if row.dismissed_at is None:
            db.session.delete(row)
        else:
            row.is_open = False  # gone for now; the reason is kept for the case that it comes back


def _fill(row: Opportunity, gap: Gap) -> None:
    row.probe, row.template, row.criteria, row.criteria_source = (
        gap.probe, gap.template, gap.criteria, gap.criteria_source,
    )  # fmt: skip
    row.evidence = gap.as_row()["evidence"]
    row.suppressed_because, row.evidence_at = gap.suppressed_because, gap.latest
    row.weight = judgement().weight(gap.condition)
    if row.dismissed_at is not None and not told(gap) <= set(row.dismissed_evidence):
        row.undismiss()
        row.found_at = clock.now()
    row.is_open = not gap.suppressed_because and row.dismissed_at is None


def told(gap: Gap) -> set[str]:
    """Return what the evidence of a gap says: the same words again, such as a next dose, tell nothing new."""
    return {" ".join(one.text.casefold().split()) for one in gap.evidence}


def gap_of(row: Opportunity) -> Gap:
    """Return a stored gap as it was found."""
    return from_row({name: getattr(row, name) for name in Gap.__dataclass_fields__})


def _codes_changed(actor: Actor, encounter: Encounter) -> None:
    note_due({encounter.id: None})


def register() -> None:
    """Hook into imports and into the coder's changes."""
    when_arrived(note_due)
    when_changed(_codes_changed)
