"""Who a row is about."""

from __future__ import annotations

from query_mgr.charts.records import PatientRecord
from query_mgr.charts.tables.rows import Row
from query_mgr.platform.text import one_line

SEXES = ("female", "male", "other", "unknown", "f", "m")
_SEX = {"f": "female", "m": "male"}


def authority(row: Row) -> str:
    """Return who assigned the numbers of a row; "table" where the column is missing."""
    return row.text("authority") or "table"


def patient_key(row: Row) -> str:
    """Return the identity of a row's patient."""
    return f"{authority(row)}|{row.identifier('mrn')}"


def encounter_key(row: Row) -> str | None:
    """Return the identity of a row's stay, None where it names none."""
    return f"visit {authority(row)}|{row.identifier('encounter')}" if row.text("encounter") else None


def patient_of(row: Row) -> PatientRecord:
    """Return the patient of a row."""
    sex = row.choice("sex", SEXES, "unknown")
    return PatientRecord(
        source_key=patient_key(row),
        mrn=row.text("mrn"),
        family_name=one_line(row.text("family_name")) or "(no name)",
        given_names=one_line(row.text("given_names")),
        birth_on=row.day("birth_on"),
        sex=_SEX.get(sex, sex),
    )
