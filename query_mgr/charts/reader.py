"""What pages and other slices read of a chart. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from query_mgr.charts.evidence import (
    KINDS,
    NOT_EVIDENCE,
    IndicatorSource,
    fact_text,
    indicator_from_fact,
    indicator_from_text,
    indicator_from_trend,
    reference,
    short_name,
)
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.charts.remembered import remembered
from query_mgr.clinical.units import shown_unit
from query_mgr.platform.db import db, rows

__all__ = [
    "Documentation",
    "IndicatorSource",
    "RepeatedFact",
    "ResultRow",
    "TimelineEntry",
    "documentation_of",
    "documents_of",
    "fact_text",
    "facts_of",
    "indicator_from_fact",
    "indicator_from_text",
    "indicator_from_trend",
    "names_of",
    "problems_of",
    "repeated_of",
    "results_of",
    "timeline",
]


@dataclass(frozen=True)
class ResultRow:
    """One test in one unit, with its readings that count, oldest first."""

    name: str
    unit: str
    reference: str
    readings: tuple[Fact, ...]

    @property
    def is_flagged(self) -> bool:
        """True where any value is abnormal."""
        return any(reading.flag for reading in self.readings)


@dataclass(frozen=True)
class RepeatedFact:
    """A medication, procedure or finding, said once: its latest occurrence, its first time, and how often it came."""

    latest: Fact
    first_at: datetime
    count: int


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened. source_kind: encounter | document | fact; kind is the document's or fact's."""

    at: datetime
    source_kind: str
    kind: str
    ref: str
    title: str
    flag: str = ""


@dataclass(frozen=True)
class Documentation:
    """A text that documents; kind is a document kind or "problem"."""

    text: str
    author_role: str
    authored_at: datetime
    kind: str
    title: str
    ref: str


def documents_of(encounter: Encounter) -> Sequence[Document]:
    """Return the encounter's documents, oldest first; those entered in error are among them, by status."""
    query = select(Document).where(Document.encounter_id == encounter.id)
    return db.session.scalars(query.order_by(Document.authored_at, Document.id)).all()


def _facts(*conditions: ColumnElement[bool]) -> Sequence[Fact]:
    return db.session.scalars(select(Fact).where(*conditions).order_by(Fact.observed_at, Fact.id)).all()


def problems_of(encounter: Encounter) -> Sequence[Fact]:
    """Return the problem list as it stood during the encounter: its own, and earlier ones not yet over."""
    ended = encounter.discharged_at
    known = [Fact.observed_at <= ended] if ended else []
    carried = and_(*known, or_(Fact.ended_at.is_(None), Fact.ended_at >= encounter.admitted_at))
    found = _facts(
        Fact.patient_id == encounter.patient_id,
        Fact.kind == "problem",
        Fact.status.not_in(NOT_EVIDENCE),
        or_(Fact.encounter_id == encounter.id, carried),
    )
    # The problem list and each note repeat a diagnosis: the encounter's own row stands for all.
    by_name: dict[tuple[str, str], Fact] = {}
    for fact in sorted(found, key=lambda each: each.encounter_id != encounter.id):
        by_name.setdefault((fact.code_system, fact.code or fact.name.lower()), fact)
    return sorted(by_name.values(), key=lambda each: (each.observed_at, each.id))


def names_of(encounter: Encounter) -> tuple[tuple[str, str, str], ...]:
    """Return kind, name and code of the encounter's facts that count, each once: a few hundred, however many facts."""
    return remembered(encounter, _names)


def _names(encounter_id: int) -> tuple[tuple[str, str, str], ...]:
    query = select(Fact.kind, Fact.name, Fact.code).distinct()
    found = rows(query.where(Fact.encounter_id == encounter_id, Fact.status.not_in(NOT_EVIDENCE)))
    return tuple((kind, name, code) for kind, name, code in found)


def facts_of(encounter: Encounter, *kinds: str) -> Sequence[Fact]:
    """Return the encounter's facts of `kinds` that count, oldest first."""
    return _facts(Fact.encounter_id == encounter.id, Fact.kind.in_(kinds), Fact.status.not_in(NOT_EVIDENCE))


def results_of(encounter: Encounter, kind: str) -> tuple[ResultRow, ...]:
    """Return facts of `kind` ("lab", "vital", ...) as one row a test and unit: abnormal ones first, then by name."""
    tests: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts_of(encounter, kind):
        tests.setdefault((fact.code_system, fact.code or fact.name.lower(), fact.unit), []).append(fact)
    rows = [
        ResultRow(
            short_name(found[-1].name),
            shown_unit(found[-1].unit),
            reference(found[-1].range_low, found[-1].range_high),
            tuple(found),
        )
        for found in tests.values()
    ]
    return tuple(sorted(rows, key=lambda row: (not row.is_flagged, row.name.lower())))


def repeated_of(encounter: Encounter, *kinds: str) -> tuple[RepeatedFact, ...]:
    """Return facts of `kinds`, equal ones as one: by kind in the order given, the latest first."""
    groups: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts_of(encounter, *kinds):
        groups.setdefault((fact.kind, fact.name, fact.display_value), []).append(fact)
    found = [RepeatedFact(one[-1], one[0].observed_at, len(one)) for one in groups.values()]
    found.sort(key=lambda one: one.latest.observed_at, reverse=True)
    return tuple(sorted(found, key=lambda one: kinds.index(one.latest.kind)))


def timeline(encounter: Encounter) -> tuple[TimelineEntry, ...]:
    """Return what happened: admission, documents, procedures, orders, abnormal results, discharge; oldest first."""
    title = f"Admitted ({encounter.encounter_class})"
    entries = [TimelineEntry(encounter.admitted_at, "encounter", "admission", encounter.ref, title)]
    if encounter.discharged_at:
        entries.append(
            TimelineEntry(encounter.discharged_at, "encounter", "discharge", encounter.ref, "Discharged")
        )
    for document in documents_of(encounter):
        if document.status not in NOT_EVIDENCE:
            entries.append(
                TimelineEntry(document.authored_at, "document", document.kind, document.ref, document.title)
            )
    notable = or_(Fact.kind.in_(("procedure", "medication")), Fact.flag != "")
    for fact in _facts(Fact.encounter_id == encounter.id, Fact.status.not_in(NOT_EVIDENCE), notable):
        entries.append(TimelineEntry(fact.observed_at, "fact", fact.kind, fact.ref, fact_text(fact), fact.flag))
    return tuple(sorted(entries, key=lambda each: (each.at, each.kind == "discharge", each.kind != "admission")))


def documentation_of(encounter: Encounter, *roles: str) -> tuple[Documentation, ...]:
    """Return what documents: the encounter's final and amended documents, and the names on its problem list.

    roles: of the authors whose documents are meant; none for all.
    """
    # A stay has hundreds of documents: their columns are read, and no objects made of them.
    signed = select(
        Document.text, Document.author_role, Document.authored_at, Document.kind, Document.title, Document.ref
    ).where(
        Document.encounter_id == encounter.id,
        Document.status.in_(("final", "amended")),
        *([Document.author_role.in_(roles)] if roles else []),
    )
    texts = [Documentation(*row) for row in rows(signed.order_by(Document.authored_at, Document.id))]
    problems = [
        Documentation(fact.name, "", fact.observed_at, "problem", KINDS["problem"], fact.ref)
        for fact in problems_of(encounter)
    ]
    return (*texts, *problems)
