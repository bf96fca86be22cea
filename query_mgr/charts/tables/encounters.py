"""A table of stays."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.charts.hl7v2.people import NPI_SYSTEM
from query_mgr.charts.records import ChartBundle, EncounterRecord, PatientRecord, ProviderRecord, Reading
from query_mgr.charts.tables.people import encounter_key, patient_of
from query_mgr.charts.tables.rows import ENCOUNTERS, Row, read_rows, refuse_errors

CLASSES = ("inpatient", "emergency", "observation", "ambulatory", "other")


def read_encounters(content: bytes, zone: tzinfo) -> Reading:
    """Return the stays of a CSV table. Raises Rejection with every cell that is wrong; then nothing is taken."""
    rows = read_rows(content, ENCOUNTERS)
    patients: dict[str, PatientRecord] = {}
    providers: dict[str, ProviderRecord] = {}
    stays: dict[str, EncounterRecord] = {}
    for row in rows:
        patient = patient_of(row)
        if patients.setdefault(patient.source_key, patient) != patient:
            row.wrong("mrn", "is of another patient in an earlier row")
        attending = _attending(row)
        if attending:
            providers[attending.source_key] = attending
        stay = _stay(row, patient.source_key, attending, zone)
        if stays.setdefault(stay.source_key, stay) is not stay:
            row.wrong("encounter", "comes twice")
    refuse_errors(rows)
    return Reading(ChartBundle(tuple(providers.values()), tuple(patients.values()), tuple(stays.values())), ())


def _stay(row: Row, patient: str, attending: ProviderRecord | None, zone: tzinfo) -> EncounterRecord:
    row.needed("encounter"), row.needed("admitted_at"), row.needed("class")
    admitted, discharged = row.moment("admitted_at", zone), row.moment("discharged_at", zone)
    if admitted and discharged and discharged < admitted:
        row.wrong("discharged_at", "lies before the admission")
    return EncounterRecord(
        source_key=encounter_key(row) or "",
        patient_key=patient,
        number=row.text("encounter"),
        encounter_class=row.choice("class", CLASSES, "other"),
        admitted_at=admitted or datetime.min.replace(tzinfo=UTC),
        discharged_at=discharged,
        status="finished" if discharged else "in-progress",
        attending_key=attending.source_key if attending else None,
        service_line=row.text("service_line"),
        payer=row.text("payer"),
        facility=row.text("facility"),
        reason=row.text("reason"),
    )


def _attending(row: Row) -> ProviderRecord | None:
    npi, name = row.text("attending_npi"), row.text("attending_name")
    if npi and not is_valid_npi(npi):
        row.wrong("attending_npi", "is no NPI (ten digits with a right check digit)")
    return ProviderRecord(f"{NPI_SYSTEM}|{npi}", name or f"NPI {npi}", npi=npi) if npi else None
