"""Medications, procedures, allergies and places: said once each, with when it began, when it ended, how often it came."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import aliased

from query_mgr.charts.curves import Bar, bar
from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Encounter, Fact
from query_mgr.charts.remembered import remembered
from query_mgr.clinical.units import amount
from query_mgr.platform import clock
from query_mgr.platform.db import rows

KINDS = ("medication", "procedure", "allergy", "location")
_MOST_PLACES = 200
_MANNER = re.compile(r"\s*\((given|ordered|not given)\)\s*$")


@dataclass(frozen=True)
class Course:
    """One thing of a kind. ref: its latest row; manner: given | ordered | not given | ""; bar: over the stay."""

    kind: str
    ref: str
    name: str
    value: str
    manner: str
    status: str
    first_at: datetime
    last_at: datetime
    ended_at: datetime | None
    count: int
    bar: Bar


def courses_of(encounter: Encounter, *kinds: str) -> dict[str, tuple[Course, ...]]:
    """Return the facts of `kinds` that count, equal ones as one, by kind: in the order in which they began."""
    every = [row for row in remembered(encounter, _facts) if row.kind in (kinds or KINDS)]
    begin, end = _stay(encounter, every)
    found: dict[str, list[Course]] = {}
    for row in every:
        found.setdefault(row.kind, []).append(_course(row, begin, end))
    return {
        kind: tuple(sorted(of_kind, key=lambda one: (one.first_at, one.name)))
        for kind, of_kind in sorted(found.items())
    }


def _facts(encounter_id: int) -> tuple[Row[*tuple[Any, ...]], ...]:
    return (*_rows(encounter_id, [one for one in KINDS if one != "location"]), *_places(encounter_id))


def _rows(encounter_id: int, kinds: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    same = (Fact.kind, Fact.name, Fact.value_text, Fact.unit)
    counting = (Fact.encounter_id == encounter_id, Fact.kind.in_(kinds), Fact.status.not_in(NOT_EVIDENCE))
    group = (
        select(
            *same,
            func.min(Fact.observed_at).label("first_at"),
            func.max(Fact.observed_at).label("last_at"),
            func.max(Fact.ended_at).label("ended_at"),
            func.count().label("times"),
        )
        .where(*counting)
        .group_by(*same)
        .subquery()
    )
    other = aliased(Fact)
    is_one = (getattr(other, column.key) == group.c[column.key] for column in same)
    latest = (
        select(other.id)
        .where(*is_one, other.encounter_id == encounter_id, other.observed_at == group.c.last_at)
        .where(other.status.not_in(NOT_EVIDENCE))
        .order_by(other.id.desc())
        .limit(1)
        .correlate(group)
    )
    return rows(select(group, Fact.ref, Fact.status).join(Fact, Fact.id == latest.scalar_subquery()))


def _places(encounter_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the places one by one: who comes back to a unit was away in between."""
    query = select(
        Fact.kind, Fact.name, Fact.value_text, Fact.unit, Fact.observed_at.label("first_at"),
        Fact.observed_at.label("last_at"), Fact.ended_at, literal(1).label("times"), Fact.ref, Fact.status,
    ).where(Fact.encounter_id == encounter_id, Fact.kind == "location", Fact.status.not_in(NOT_EVIDENCE))  # fmt: skip
    return rows(query.order_by(Fact.observed_at, Fact.id).limit(_MOST_PLACES))


def _stay(encounter: Encounter, every: Sequence[Row[*tuple[Any, ...]]]) -> tuple[datetime, datetime]:
    ends = [row.ended_at or row.last_at for row in every]
    return encounter.admitted_at, encounter.discharged_at or max([*ends, clock.now()])


def _course(row: Row[*tuple[Any, ...]], begin: datetime, end: datetime) -> Course:
    manner = _MANNER.search(row.value_text)
    value = _MANNER.sub("", row.value_text)
    until = max(filter(None, (row.ended_at, row.last_at)))
    return Course(
        row.kind, row.ref, row.name, amount(value, row.unit), manner[1] if manner else "", row.status,
        row.first_at, row.last_at, row.ended_at, row.times, bar(row.first_at, until, begin, end),
    )  # fmt: skip
