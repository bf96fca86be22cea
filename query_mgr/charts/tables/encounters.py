"""A table of stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.charts.hl7v2.people import NPI_SYSTEM
from query_mgr.charts.records import EncounterRecord, ProviderRecord
from query_mgr.charts.tables.hospital import NEVER, Entry, Hospital
from query_mgr.charts.tables.mangled import mangled
from query_mgr.charts.tables.people import encounter_key, patients_of
from query_mgr.charts.tables.row import Row
from query_mgr.charts.tables.table import Table
from query_mgr.platform.text import one_line

CLASSES = ("inpatient", "emergency", "observation", "ambulatory", "other")


def read_stays(table: Table, hospital: Hospital) -> list[Entry]:
    """Return the stays of a table, and note every cell that is wrong."""
    rows = list(table.readable())
    patients = patients_of(rows, hospital)
    attending = _attending(rows, hospital)
    first: dict[str, Row] = {}
    entries = []
    for row in rows:
        provider = attending.get(row.number)
        stay = _stay(row, patients[row.number].source_key, provider, hospital.zone)
        if (before := first.setdefault(stay.source_key, row)) is not row and row.text("encounter"):
            row.wrong("encounter", f"comes twice, first in {before.place}")
        entries.append(Entry(row, stay, patients[row.number], provider))
    return entries


def _stay(row: Row, patient: str, attending: ProviderRecord | None, zone: tzinfo) -> EncounterRecord:
    row.needed("family_name"), row.identifier("encounter"), row.needed("admitted_at"), row.needed("class")
    admitted, discharged = row.moment("admitted_at", zone), row.moment("discharged_at", zone)
    if admitted and discharged and discharged < admitted:
        row.wrong("discharged_at", "lies before the admission")
    return EncounterRecord(
        source_key=encounter_key(row) or "",
        patient_key=patient,
        number=row.text("encounter"),
        encounter_class=row.choice("class", CLASSES, "other"),
        admitted_at=admitted or NEVER,
        discharged_at=discharged,
        status="finished" if discharged else "in-progress",
        attending_key=attending.source_key if attending else None,
        service_line=row.text("service_line"),
        payer=row.text("payer"),
        facility=row.text("facility"),
        reason=row.text("reason"),
        disposition=_disposition(row),
    )


def _disposition(row: Row) -> str:
    said = row.text("disposition")
    if said and not (len(said) <= 2 and said.isascii() and said.isdigit()):
        row.wrong("disposition", "is no discharge status; it has two digits, such as 01 (home) or 20 (died)")
        return ""
    return said.zfill(2) if said else ""


def _attending(rows: Iterable[Row], hospital: Hospital) -> dict[int, ProviderRecord]:
    """Return the attending of each row that names one by NPI, by row number. One NPI is one person."""
    named = [row for row in rows if row.text("attending_npi")]
    inactive = hospital.inactive_npis({row.text("attending_npi") for row in named})
    first: dict[str, Row] = {}
    found = {}
    for row in named:
        npi, name = row.text("attending_npi"), one_line(row.text("attending_name"))
        if what := _npi_fault(npi):
            row.wrong("attending_npi", what)
            continue
        if npi in inactive:
            row.wrong("attending_npi", "is marked inactive in the provider directory; correct one of the two")
        before = first.setdefault(npi, row)
        other = one_line(before.text("attending_name"))
        if name and other and name.casefold() != other.casefold():
            row.wrong("attending_npi", f"belongs to another name in {before.place}; an NPI is one person's")
        elif name and not other:
            first[npi] = row
        found[row.number] = ProviderRecord(f"{NPI_SYSTEM}|{npi}", name or f"NPI {npi}", npi=npi)
    return found


def _npi_fault(npi: str) -> str:
    """Return what is wrong with an NPI, "" where its check digit is right."""
    if is_valid_npi(npi):
        return ""
    if what := mangled(npi):
        return what
    if npi.isascii() and npi.isdigit() and len(npi) != 10:
        return f"is no NPI: it has {len(npi)} digits, an NPI has ten"
    return "is no NPI (ten digits with a right check digit)"
