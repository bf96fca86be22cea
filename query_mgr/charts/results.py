"""Laboratory results, vital signs and findings: one row a test and unit, and all values of one test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, String, column, func, select, values
from sqlalchemy.orm import aliased

from query_mgr.charts.curves import Curve, Point, curve
from query_mgr.charts.evidence import NOT_EVIDENCE, reference, short_name
from query_mgr.charts.models import Encounter, Fact
from query_mgr.charts.panels import place_of
from query_mgr.charts.remembered import remembered
from query_mgr.clinical.units import shown_unit
from query_mgr.platform.db import db
from query_mgr.platform.db import rows as plain_rows

KINDS = ("lab", "vital", "finding")
#: readings of a test that its row draws, and of those the ones that it prints
_DRAWN, PRINTED = 24, 8
_COLUMNS = (
    Fact.ref, Fact.kind, Fact.code_system, Fact.code, Fact.name, Fact.unit, Fact.value_text, Fact.value_number,
    Fact.range_low, Fact.range_high, Fact.flag, Fact.status, Fact.observed_at, Fact.arrived_at,
)  # fmt: skip
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Series:
    """One test in one unit. readings: the latest, oldest first; count, lowest, highest, flagged: of the whole stay."""

    kind: str
    name: str
    unit: str
    reference: str
    panel: tuple[int, str, int]
    count: int
    flagged: int
    lowest: float | None
    highest: float | None
    readings: tuple[Row[*tuple[Any, ...]], ...]
    curve: Curve | None

    @property
    def latest(self) -> Row[*tuple[Any, ...]]:
        """The newest reading."""
        return self.readings[-1]

    @cached_property
    def said(self) -> str:
        """What the plot shows, in words."""
        if self.lowest is None or self.count == 1:
            return f"{self.name}: {self.latest.value_text}"
        band = f", reference {self.reference}" if self.reference else ""
        return f"{self.name}: {self.count} values from {self.lowest:g} to {self.highest:g}, last {self.latest.value_text}{band}"


Panels = Mapping[str, tuple[tuple[str, tuple[Series, ...]], ...]]


def series_of(encounter: Encounter) -> Panels:
    """Return, per kind, the panels with their tests: those with an abnormal value first within a panel."""
    return remembered(encounter, _panels)


def _panels(encounter_id: int) -> Panels:
    groups = _groups(encounter_id)
    readings = _latest(encounter_id, {(row.kind, row.name, row.unit) for row in groups})
    by_key: dict[Key, list[Row[*tuple[Any, ...]]]] = {}
    for row in groups:
        by_key.setdefault(_key(row), []).append(row)
    found = [_series(rows, readings.get(key, ())) for key, rows in by_key.items() if readings.get(key)]
    found.sort(
        key=lambda one: (one.kind, one.panel[:2], not one.flagged, one.panel[2], one.name.lower(), one.unit)
    )
    return MappingProxyType(
        {
            kind: tuple((title, tuple(rows)) for title, rows in groupby(of_kind, key=lambda one: one.panel[1]))
            for kind, of_kind in groupby(found, key=lambda one: one.kind)
        }
    )


def _key(row: Row[*tuple[Any, ...]]) -> Key:
    """Return what makes a test one: its code, or its name where it has none; and its unit, for units are never mixed."""
    return row.kind, row.code_system if row.code else "", row.code or row.name.lower(), row.unit


def _groups(encounter_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    names = (Fact.kind, Fact.code_system, Fact.code, Fact.name, Fact.unit)
    query = select(
        *names,
        func.count().label("times"),
        func.min(Fact.value_number).label("lowest"),
        func.max(Fact.value_number).label("highest"),
        func.count().filter(Fact.flag != "").label("flagged"),
    )
    counting = query.where(
        Fact.encounter_id == encounter_id, Fact.kind.in_(KINDS), Fact.status.not_in(NOT_EVIDENCE)
    )
    return plain_rows(counting.group_by(*names))


def _latest(
    encounter_id: int, names: Iterable[tuple[str, str, str]]
) -> dict[Key, tuple[Row[*tuple[Any, ...]], ...]]:
    """Return the latest readings of every test, oldest first."""
    wanted = sorted(names)
    found: dict[Key, list[Row[*tuple[Any, ...]]]] = {}
    for at in range(0, len(wanted), 200):
        columns = (column("kind", String), column("name", String), column("unit", String))
        named = values(*columns, name="named").data(wanted[at : at + 200]).cte("named")
        other = aliased(Fact)
        ids = (
            select(other.id)
            .where(
                other.encounter_id == encounter_id, other.kind == named.c.kind, other.name == named.c.name,
                other.unit == named.c.unit, other.status.not_in(NOT_EVIDENCE),
            )
            .order_by(other.observed_at.desc()).limit(_DRAWN).correlate(named)
        )  # fmt: skip
        for row in plain_rows(select(*_COLUMNS).join(named, Fact.id.in_(ids))):
            found.setdefault(_key(row), []).append(row)
    return {
        key: tuple(sorted(rows, key=lambda row: (row.observed_at, row.ref))[-_DRAWN:])
        for key, rows in found.items()
    }


def _series(groups: Sequence[Row[*tuple[Any, ...]]], readings: tuple[Row[*tuple[Any, ...]], ...]) -> Series:
    latest = readings[-1]
    name = short_name(latest.name)
    low, high = latest.range_low, latest.range_high
    return Series(
        kind=latest.kind,
        name=name,
        unit=shown_unit(latest.unit),
        reference=reference(low, high),
        panel=place_of(latest.kind, name),
        count=sum(row.times for row in groups),
        flagged=sum(row.flagged for row in groups),
        lowest=min((row.lowest for row in groups if row.lowest is not None), default=None),
        highest=max((row.highest for row in groups if row.highest is not None), default=None),
        readings=readings,
        curve=curve(points_of(readings), low, high) if len(readings) > 1 else None,
    )


def points_of(readings: Iterable[Row[*tuple[Any, ...]]]) -> list[Point]:
    """Return the readings that are numbers."""
    return [
        Point(row.observed_at, row.value_number, bool(row.flag))
        for row in readings
        if row.value_number is not None
    ]


@dataclass(frozen=True)
class Trend:
    """All values of one test in one unit, oldest first."""

    name: str
    unit: str
    reference: str
    readings: Sequence[Row[*tuple[Any, ...]]]
    curve: Curve | None


def trend_of(fact_ref: str) -> tuple[int, Trend] | None:
    """Return the encounter's id and all values of the test that a fact is of, in that encounter; None: no such fact."""
    fact = db.session.execute(
        select(Fact.encounter_id, Fact.kind, Fact.code_system, Fact.code, Fact.name, Fact.unit).where(
            Fact.ref == fact_ref, Fact.kind.in_(KINDS)
        )
    ).first()
    if fact is None or fact.encounter_id is None:
        return None
    same = (
        (Fact.code_system == fact.code_system) & (Fact.code == fact.code)
        if fact.code
        else (Fact.code == "") & (func.lower(Fact.name) == fact.name.lower())
    )
    query = select(*_COLUMNS).where(
        Fact.encounter_id == fact.encounter_id, Fact.kind == fact.kind, same, Fact.unit == fact.unit,
        Fact.status.not_in(NOT_EVIDENCE),
    )  # fmt: skip
    rows = plain_rows(query.order_by(Fact.observed_at, Fact.id))
    last = rows[-1] if rows else None
    low, high = (last.range_low, last.range_high) if last else (None, None)
    drawn = curve(points_of(rows), low, high, width=720, height=220, left=52, right=12, bottom=26, tick_count=4)
    return fact.encounter_id, Trend(
        short_name(fact.name), shown_unit(fact.unit), reference(low, high), rows, drawn
    )
