"""From a planned stay to its chart: measurements, notes and recorded facts, and the passages a coder would pick."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from query_mgr.charts.records import DocumentRecord, FactRecord, PatientRecord
from query_mgr.clinical.units import amount
from query_mgr.demo.charts import (
    LABS,
    ROUTINE,
    STEADY,
    VITALS,
    Measure,
    Reading,
    lab_time,
    reading_fact,
    vital_time,
    wobbled,
)
from query_mgr.demo.notebook import Draft, drafts
from query_mgr.demo.notes import Written
from query_mgr.demo.people import DemoProvider
from query_mgr.demo.scenarios import Scenario


@dataclass(frozen=True)
class Evidence:
    """A clinical indicator a coder would pick: a passage of a document (with offsets) or a fact."""

    kind: str  # document | fact
    source_key: str
    text: str
    at: datetime
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Stay:
    """A stay before it is written down."""

    key: str
    scenario: Scenario
    patient: PatientRecord
    attending: DemoProvider
    providers: dict[str, DemoProvider]
    payer: str
    admitted_at: datetime
    left_at: datetime
    now: datetime
    rng: random.Random

    @property
    def until(self) -> datetime:
        """How far the chart reaches: to discharge, or to now."""
        return min(self.left_at, self.now)

    @property
    def authors(self) -> list[DemoProvider]:
        """Everybody whose name may stand in this chart, the attending first."""
        return [self.attending, *self.providers.values()]

    @property
    def age(self) -> int:
        """Age in years on admission."""
        born, on = self.patient.birth_on, self.admitted_at.date()
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else 0


def _measure(table: dict[str, Measure], name: str, stay: Stay) -> Measure:
    """Return the measure, with the range for the patient's sex where there are two."""
    if name == "hgb" and stay.patient.sex == "male":
        return replace(table[name], low=13.5, high=17.5)
    return table[name]


def _labs(stay: Stay) -> Iterator[tuple[str, Reading]]:
    """Yield the laboratory values of a stay, series by series."""
    scenario = stay.scenario
    series: dict[str, tuple[Any, ...]] = dict(scenario.labs or {})
    if scenario.encounter_class == "inpatient":
        days = max(scenario.los, 1)
        for name, value in ROUTINE.items():
            drawn = tuple(value if day % 2 == 0 else None for day in range(days))
            series.setdefault(name, drawn)
    for name, values in series.items():
        measure = _measure(LABS, name, stay)
        marked = (scenario.evidence_labs or {}).get(name, ())
        share = 0.06 if name in ROUTINE and name not in (scenario.labs or {}) and name not in ("na", "k") else None
        for place, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, list):
                at, value = stay.admitted_at + timedelta(hours=value[0]), value[1]
            else:
                at = lab_time(stay.admitted_at, place)
            reading = Reading("lab", measure, wobbled(measure, value, stay.rng, share), at, place in marked)
            yield f"{name}.{place}", reading


def _vitals(stay: Stay) -> Iterator[tuple[str, Reading]]:
    """Yield the vital signs of a stay: the scenario's first values, then steady ones around the last of them."""
    scenario = stay.scenario
    given = scenario.vitals or {}
    for name in (*STEADY, *(each for each in given if each not in STEADY)):
        measure, values = VITALS[name], given.get(name, ())
        marked = (scenario.evidence_vitals or {}).get(name, ())
        half_day = 0
        while (at := vital_time(stay.admitted_at, half_day)) < stay.until:
            if half_day < len(values):
                value = values[half_day]
            elif name in STEADY:
                value = STEADY[name] if not values else values[-1]
            else:
                break
            share = 0.04 if name in ("hr", "sbp", "dbp") and half_day >= len(values) else None
            value = wobbled(measure, value, stay.rng, share)
            value = min(value, 100.0) if name == "spo2" else value
            yield f"{name}.{half_day}", Reading("vital", measure, value, at, half_day in marked)
            half_day += 1


def measure(stay: Stay) -> dict[str, Reading]:
    """Return every value of the stay under its name and place: "creatinine.0"."""
    return {**dict(_labs(stay)), **dict(_vitals(stay))}


def words(stay: Stay, readings: dict[str, Reading]) -> dict[str, str]:
    """Return what a note template may say of patient and values."""
    female = stay.patient.sex == "female"
    title = "Ms." if female else "Mr."
    return {
        "age": str(stay.age),
        "man": "woman" if female else "man",
        "he": "she" if female else "he",
        "He": "She" if female else "He",
        "him": "her" if female else "him",
        "his": "her" if female else "his",
        "His": "Her" if female else "His",
        "pt": f"{title} {stay.patient.family_name}",
        **{name: reading.text for name, reading in readings.items()},
    }


def _document(stay: Stay, draft: Draft, written: Written, number: int) -> DocumentRecord:
    return DocumentRecord(
        source_key=f"{stay.key}/document-{number:02d}",
        patient_key=stay.patient.source_key,
        encounter_key=stay.key,
        kind=draft.kind,
        title=draft.title,
        author_name=draft.author_name,
        author_role=draft.author_role,
        author_key=draft.author_key,
        authored_at=draft.at,
        text=written.text,
        sections=written.sections,
    )


def documents(stay: Stay, readings: dict[str, Reading]) -> tuple[list[DocumentRecord], list[Evidence]]:
    """Return the notes of a stay in the order of time, and the passages in them a coder would pick."""
    notes, evidence = [], []
    vocabulary = words(stay, readings)
    planned = sorted(drafts(stay, readings), key=lambda draft: draft.at)
    for number, draft in enumerate((each for each in planned if each.at <= stay.until), start=1):
        written = draft.write(vocabulary, stay.rng)
        record = _document(stay, draft, written, number)
        notes.append(record)
        for quote in written.quotes:
            evidence.append(
                Evidence("document", record.source_key, quote.text, draft.at, start=quote.start, end=quote.end)
            )
    return notes, evidence


def _problems(stay: Stay) -> Iterator[tuple[FactRecord, bool]]:
    """Yield the problem list as it stood on admission."""
    for number, (code, name) in enumerate(stay.scenario.problems, start=1):
        yield (
            FactRecord(
                source_key=f"{stay.key}/problem-{number:02d}",
                patient_key=stay.patient.source_key,
                encounter_key=stay.key,
                kind="problem",
                name=name,
                observed_at=stay.admitted_at,
                code_system="icd10cm",
                code=code,
                status="active",
            ),
            False,
        )


def _medications(stay: Stay) -> Iterator[tuple[FactRecord, bool]]:
    """Yield the medications given, and whether a coder would pick them."""
    for number, drug in enumerate(stay.scenario.meds, start=1):
        start = stay.admitted_at + (timedelta(days=drug.first_day) if drug.first_day else timedelta(minutes=50))
        end = stay.left_at if drug.last_day is None else stay.admitted_at + timedelta(days=drug.last_day)
        end = min(end, stay.left_at)
        is_over = end <= stay.now
        yield (
            FactRecord(
                source_key=f"{stay.key}/medication-{number:02d}",
                patient_key=stay.patient.source_key,
                encounter_key=stay.key,
                kind="medication",
                name=drug.name,
                observed_at=start,
                value_text=drug.dose,
                ended_at=end if is_over else None,
                status="completed" if is_over else "active",
            ),
            drug.is_evidence,
        )


def _events(stay: Stay) -> Iterator[tuple[FactRecord, bool]]:
    """Yield findings and procedures, and whether a coder would pick them."""
    for number, event in enumerate(stay.scenario.events, start=1):
        yield (
            FactRecord(
                source_key=f"{stay.key}/{event.kind}-{number:02d}",
                patient_key=stay.patient.source_key,
                encounter_key=stay.key,
                kind=event.kind,
                name=event.name,
                observed_at=stay.admitted_at + timedelta(hours=event.hour),
                code_system="loinc" if event.loinc else "",
                code=event.loinc,
                value_text=event.value,
                value_number=event.number,
                unit=event.unit,
            ),
            event.is_evidence,
        )


def recorded_facts(stay: Stay, readings: dict[str, Reading]) -> tuple[list[FactRecord], list[Evidence]]:
    """Return the facts of a stay in the order of time, and those a coder would pick."""
    patient = stay.patient.source_key
    rows = [*_problems(stay), *_medications(stay), *_events(stay)]
    for name, reading in readings.items():
        key = f"{stay.key}/{reading.kind}-{name.replace('.', '-')}"
        rows.append((reading_fact(reading, key, patient, stay.key), reading.is_evidence))
    rows = [row for row in rows if row[0].observed_at <= stay.until]
    rows.sort(key=lambda row: (row[0].observed_at, row[0].source_key))
    evidence = [
        Evidence(
            "fact", fact.source_key, f"{fact.name} {amount(fact.value_text, fact.unit)}".strip(), fact.observed_at
        )
        for fact, is_picked in rows
        if is_picked
    ]
    return [fact for fact, _picked in rows], evidence
