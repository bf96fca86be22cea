"""A chart arranged for reading: results as a table over time, and a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from query_mgr.charts.evidence import short_name
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.platform.db import db

LATEST = 8  # readings of one test that fit beside each other


@dataclass(frozen=True)
class Series:
    """One test or vital sign: its readings, newest last."""

    name: str
    unit: str
    low: float | None
    high: float | None
    readings: tuple[Fact, ...]


def documents(encounter: Encounter) -> list[Document]:
    """Return the documents, newest first."""
    found = select(Document).where(Document.encounter_id == encounter.id, Document.status != "entered_in_error")
    return list(db.session.scalars(found.order_by(Document.authored_at.desc(), Document.id)))


def facts(encounter: Encounter, *kinds: str) -> list[Fact]:
    """Return the facts of `kinds`, oldest first."""
    found = select(Fact).where(
        Fact.encounter_id == encounter.id,
        Fact.kind.in_(kinds),
        Fact.status.not_in(("entered_in_error", "cancelled")),
    )
    return list(db.session.scalars(found.order_by(Fact.observed_at, Fact.id)))


def series(rows: list[Fact]) -> list[Series]:
    """Group readings by test and unit: tests with a flagged value first, then by name."""
    groups: dict[tuple[str, str], list[Fact]] = {}
    for row in rows:
        groups.setdefault((row.name, row.unit), []).append(row)
    result = [
        Series(short_name(name), unit, found[-1].range_low, found[-1].range_high, tuple(found[-LATEST:]))
        for (name, unit), found in groups.items()
    ]
    return sorted(result, key=lambda one: (not any(reading.flag for reading in one.readings), one.name.lower()))


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline."""

    at: datetime
    kind: str
    text: str


def timeline(encounter: Encounter) -> list[Moment]:
    """Return admission, documents, procedures, medications and discharge in order of time."""
    result = [
        Moment(encounter.admitted_at, "admission", f"Admitted: {encounter.reason or encounter.encounter_class}")
    ]
    result += [
        Moment(one.authored_at, "document", f"{one.title}, {one.author_name}") for one in documents(encounter)
    ]
    result += [
        Moment(one.observed_at, one.kind, f"{one.name} {one.display_value}".strip())
        for one in facts(encounter, "procedure", "medication")
    ]
    if encounter.discharged_at:
        result.append(Moment(encounter.discharged_at, "discharge", "Discharged"))
    return sorted(result, key=lambda one: one.at)
