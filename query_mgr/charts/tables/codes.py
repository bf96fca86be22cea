"""A table of codes that another system of the hospital assigned."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace

from query_mgr.charts.records import SentCodeRecord
from query_mgr.charts.tables import code_cells
from query_mgr.charts.tables.hospital import Entry, Hospital, Stay
from query_mgr.charts.tables.people import encounter_key
from query_mgr.charts.tables.row import Row
from query_mgr.charts.tables.table import Table
from query_mgr.platform.text import one_line

STATUSES = ("final", "cancelled", "entered_in_error")


def read_codes(table: Table, hospital: Hospital) -> list[Entry]:
    """Return the codes of a table, and note every cell that is wrong."""
    rows = list(table.readable())
    on_file = hospital.stays({row.text("encounter") for row in rows} - {""})
    found: list[tuple[Entry, Stay]] = []
    for row in rows:
        record = _record(row, hospital, table)
        if stay := _stay(row, on_file):
            record = replace(record, patient_key=stay.patient_key, encounter_key=stay.key)
            found.append((Entry(row, replace(record, source_key=_key(record))), stay))
    _check_editions(found, hospital, table)
    entries = [entry for entry, _ in found]
    _check_twins(entries)
    return entries


def _record(row: Row, hospital: Hospital, table: Table) -> SentCodeRecord:
    system = code_cells.system_of(row)
    kind = code_cells.SYSTEMS.get(system, "")
    return SentCodeRecord(
        source_key="",
        patient_key="",
        encounter_key=None,
        origin="list",
        kind=kind,
        code_system=system,
        code=code_cells.code_of(row, system),
        name=_name(row, system, table),
        sequence=code_cells.sequence_of(row),
        role=code_cells.role_of(row, kind),
        poa=code_cells.poa_of(row, kind),
        modifiers=code_cells.modifiers_of(row, kind),
        units=code_cells.units_of(row),
        served_at=row.moment("served_on", hospital.zone),
        status=row.choice("status", STATUSES, "final"),
    )


def _name(row: Row, system: str, table: Table) -> str:
    name = one_line(row.text("name"))
    if name and system == "cpt":
        table.warnings.add("license", row.place, "the words of a CPT code are the AMA's and are not kept")
        return ""
    return name


def _key(record: SentCodeRecord) -> str:
    """Return what makes a code the same one when its list comes again."""
    parts = [record.encounter_key, record.code_system, record.code]
    if record.kind == "diagnosis":
        parts.append("admitting" if record.role == "admitting" else "")
    else:  # a procedure may well be done twice
        parts += [str(record.served_at or ""), record.modifiers, str(record.sequence or "")]
    return f"list {hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()[:32]}"


def _stay(row: Row, on_file: Mapping[str, Collection[Stay]]) -> Stay | None:
    """Return the stay that a row means: by its authority, else by its number alone where only one has it."""
    number = row.identifier("encounter")
    if row.text("mrn"):
        row.identifier("mrn")
    with_number = list(on_file.get(number, ())) if number else []
    fitting = [one for one in with_number if one.key == encounter_key(row)]
    if not fitting and not row.text("authority"):
        fitting = with_number
    if number and not fitting:
        row.wrong("encounter", f"no stay {number[:30]} is on file here; import the stay first", "waits")
        return None
    of_patient = [one for one in fitting if not row.text("mrn") or row.text("mrn") in one.mrns]
    if fitting and not of_patient:
        row.wrong("mrn", "is not the patient of this stay; correct one of the two")
    if len(of_patient) > 1:
        row.wrong("encounter", "several stays on file have this number; say which with authority or mrn")
    return of_patient[0] if len(of_patient) == 1 else None


def _check_editions(found: Collection[tuple[Entry, Stay]], hospital: Hospital, table: Table) -> None:
    """Name the diagnoses that cannot be reported on the day that decides the edition."""
    diagnoses = [
        (entry.row, entry.record.code, stay.coded_on)
        for entry, stay in found
        if isinstance(entry.record, SentCodeRecord)
        and entry.record.code_system == "icd10cm"
        and not entry.row.is_wrong
    ]
    why = hospital.unreportable({(code, on) for _, code, on in diagnoses})
    unknown = hospital.without_edition({on for _, _, on in diagnoses})
    for row, code, on in diagnoses:
        if reason := why.get((code, on)):
            row.wrong("code", reason)
        elif on in unknown:
            table.warnings.add(
                "edition", row.place, f"no ICD-10-CM edition for {on} is loaded; only the form was checked"
            )


def _check_twins(entries: Collection[Entry]) -> None:
    """Name codes that come twice on a stay, and second principal ones. Nothing is put right in silence."""
    first: dict[str, Row] = {}
    principal: dict[tuple[str, str], Row] = {}
    for entry in entries:
        record, row = entry.record, entry.row
        assert isinstance(record, SentCodeRecord)
        if row.is_wrong:
            continue
        if (before := first.setdefault(record.source_key, row)) is not row:
            row.wrong("code", f"{record.code} comes twice on this stay, first in {before.place}")
        elif record.role == "principal" and record.status == "final":
            key = (record.encounter_key or "", record.kind)
            if (before := principal.setdefault(key, row)) is not row:
                row.wrong("role", f"{before.place} is the principal {record.kind} of this stay already")
