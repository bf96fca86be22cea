"""Who a row is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from query_mgr.charts.authority import without_urn
from query_mgr.charts.records import PatientRecord
from query_mgr.charts.tables.hospital import Hospital
from query_mgr.charts.tables.mangled import LOST, has_lost_zeros
from query_mgr.charts.tables.row import Row
from query_mgr.platform.text import one_line

SEXES = ("female", "male", "other", "unknown", "f", "m")
_SEX = {"f": "female", "m": "male"}


def authority(row: Row) -> str:
    """Return who assigned the numbers of a row; "table" where the column is missing."""
    return without_urn(row.text("authority")) or "table"


def patient_key(row: Row) -> str:
    """Return the identity of a row's patient."""
    return f"{authority(row)}|{row.text('mrn')}"


def encounter_key(row: Row) -> str | None:
    """Return the identity of a row's stay, None where it names none."""
    return f"visit {authority(row)}|{row.text('encounter')}" if row.text("encounter") else None


def patients_of(rows: Iterable[Row], hospital: Hospital) -> dict[int, PatientRecord]:
    """Return the patient of each row, by row number. Two rows that differ about one patient are both wrong.

    A table says only what it says: what is on file and no row mentions stays as it is.
    """
    read = list(rows)
    said: dict[str, dict[str, Any]] = {}
    first: dict[str, Row] = {}
    for row in read:
        row.identifier("mrn")
        key, before = patient_key(row), first.setdefault(patient_key(row), row)
        known = said.setdefault(key, {})
        for name, value in _said(row).items():
            if _folded(known.setdefault(name, value)) != _folded(value):
                row.wrong("mrn", f"is of another patient in {before.place} ({name} differs)")
                before.wrong("mrn", f"is of another patient in {row.place} ({name} differs)")
    on_file = hospital.patients(said.keys())
    _check_zeros([row for row in read if patient_key(row) not in on_file], hospital)
    patients = {key: _patient(key, first[key], said[key], on_file.get(key)) for key in said}
    return {row.number: patients[patient_key(row)] for row in read}


def _check_zeros(rows: list[Row], hospital: Hospital) -> None:
    """Find patients who are on file under the same number with zeros before it: a spreadsheet took them off."""
    widths = hospital.zero_widths({authority(row) for row in rows})
    stripped = {}
    for row in rows:
        width = widths.get(authority(row), 0)
        if has_lost_zeros(row.text("mrn"), width):
            stripped[row.number] = f"{authority(row)}|{row.text('mrn').zfill(width)}"
    on_file = hospital.patients(set(stripped.values())) if stripped else {}
    for row in rows:
        if stripped.get(row.number) in on_file:
            row.wrong("mrn", f"is on file with zeros before it: {LOST}")


def _said(row: Row) -> dict[str, Any]:
    """Return what a row says of its patient, without the cells that are empty."""
    sex = row.choice("sex", SEXES, "")
    cells = {
        "family_name": one_line(row.text("family_name")),
        "given_names": one_line(row.text("given_names")),
        "birth_on": row.day("birth_on"),
        "sex": _SEX.get(sex, sex),
    }
    return {name: value for name, value in cells.items() if value}


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _patient(key: str, row: Row, said: dict[str, Any], known: PatientRecord | None) -> PatientRecord:
    """Return the patient as it will be kept; one who is on file under another number since a merge stays as is."""
    if known and known.source_key != key:
        return known
    return replace(known or PatientRecord(key, row.text("mrn"), "(no name)"), **said)
