"""The hand-off as CSV: one row a code, in documented columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from query_mgr.coding.handoff.hl7 import number
from query_mgr.coding.handoff.sheet import Diagnosis, Person, Procedure, Service, Sheet
from query_mgr.platform.sheets import as_csv

#: column -> what it holds; docs/interfaces/handoff.md has the same table
COLUMNS = {
    "version": "number of the version; 2 and later are corrections and hold the full set again",
    "version_ref": "reference of the version",
    "mrn": "medical record number, leading zeros kept",
    "patient": "family name, given names",
    "birth_on": "YYYY-MM-DD",
    "sex": "female, male, other or unknown",
    "account": "account number of the encounter",
    "class": "inpatient, emergency, observation, ambulatory or other",
    "admitted_on": "YYYY-MM-DD, by the hospital's clocks",
    "discharged_on": "the same; empty for a visit without one",
    "disposition": "patient discharge status, two digits",
    "payer": "as the chart or the coder names it",
    "drg": "MS-DRG of an inpatient stay, where it was grouped",
    "kind": "admitting, diagnosis, procedure or service",
    "sequence": "within the kind; 1 is the principal or first-listed one",
    "system": "icd10cm, icd10pcs, hcpcs or cpt",
    "code": "with its dot",
    "title": "of the code",
    "poa": "present on admission: Y, N, U, W or 1 (exempt)",
    "modifiers": "of a service, with blanks between",
    "units": "of a service",
    "served_on": "YYYY-MM-DD, of a procedure or service",
    "claim": "facility or professional, of a service",
    "place": "place of service, two digits",
    "revenue": "revenue code, four digits",
    "pointers": "diagnosis codes that a service was for, the main one first, with blanks between",
    "provider": "who did it",
    "npi": "of the provider, where it is known",
}


def handoff_csv(sheet: Sheet, zone: tzinfo) -> str:
    """Return the whole version as CSV."""
    return as_csv(tuple(COLUMNS), ([row.get(name, "") for name in COLUMNS] for row in _rows(sheet, zone)))


def _rows(sheet: Sheet, zone: tzinfo) -> Iterator[dict[str, str]]:
    patient, stay, codes = sheet.patient, sheet.stay, sheet.codes
    head = {
        "version": str(codes.number), "version_ref": sheet.version_ref, "mrn": patient.mrn,
        "patient": ", ".join(filter(None, (patient.family, patient.given))), "birth_on": _iso(patient.birth_on),
        "sex": patient.sex, "account": stay.number, "class": stay.kind, "admitted_on": _local(stay.admitted_at, zone),
        "discharged_on": _local(stay.discharged_at, zone), "disposition": codes.disposition, "payer": codes.payer,
        "drg": codes.group.code if codes.group else "",
    }  # fmt: skip
    for diagnosis in codes.all_diagnoses:
        yield head | _diagnosis(diagnosis)
    for procedure in codes.procedures:
        yield head | _procedure(procedure)
    for service in codes.services:
        yield head | _service(service)


def _diagnosis(one: Diagnosis) -> dict[str, str]:
    kind = "admitting" if one.is_admitting else "diagnosis"
    return _code(kind, "icd10cm", one) | {"poa": one.poa}


def _procedure(one: Procedure) -> dict[str, str]:
    return _code("procedure", "icd10pcs", one) | {"served_on": _iso(one.performed_on)} | _provider(one.provider)


def _service(one: Service) -> dict[str, str]:
    details = {
        "modifiers": " ".join(one.modifiers), "units": number(one.units), "served_on": _iso(one.served_on),
        "claim": one.claim, "place": one.place, "revenue": one.revenue,
        "pointers": " ".join(reason.code for reason in one.pointers),
    }  # fmt: skip
    return _code("service", one.system, one) | details | _provider(one.provider)


def _code(kind: str, system: str, one: Diagnosis | Procedure | Service) -> dict[str, str]:
    sequence = str(one.sequence) if one.sequence else ""
    return {"kind": kind, "sequence": sequence, "system": system, "code": one.code, "title": one.title}


def _provider(one: Person | None) -> dict[str, str]:
    if one is None:
        return {}
    name = ", ".join(filter(None, (one.family, one.given)))
    return {"provider": name, "npi": one.number if one.is_npi else ""}


def _iso(on: date | None) -> str:
    return on.isoformat() if on else ""


def _local(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).date().isoformat() if at else ""
