"""Observations, medications, procedures, conditions and allergies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import (
    Json,
    code_of,
    codes,
    concept_text,
    contained,
    dicts,
    first,
    status_code,
    words,
)
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.fhir.values import Value, flag_of, read_range, read_value
from query_mgr.charts.problems import EntryError
from query_mgr.charts.records import FactRecord

#: FHIR status -> ours; what stands for itself is not listed
_STATUSES = {
    "registered": "preliminary",
    "partial": "preliminary",
    "corrected": "amended",
    "appended": "amended",
    "entered-in-error": "entered_in_error",
    "in-progress": "active",
    "preparation": "active",
    "draft": "active",
    "on-hold": "active",
    "not-done": "cancelled",
    "unknown": "preliminary",
    "ended": "completed",
}
_KEPT = {"final", "preliminary", "amended", "active", "completed", "stopped", "cancelled", "entered_in_error"}


def fact_status(written: object, entry: Entry) -> str:
    """Return our status of a FHIR one. Raises EntryError for a status that R4 does not have."""
    status = _STATUSES.get(str(written), str(written))
    if status not in _KEPT:
        raise EntryError("value", "status", f"{str(written)[:40]!r} is no {entry.kind} status of FHIR R4")
    return status


def read_observation(entry: Entry, context: Context) -> Iterator[FactRecord]:
    """Yield an Observation's own value and each component's; a panel that only lists members yields nothing."""
    resource = entry.resource
    components = list(dicts(resource.get("component")))
    value = read_value(resource, context.times)
    has_members = bool(resource.get("hasMember")) or bool(components)
    if value is None and has_members and not components:
        return
    key = source_key(entry)
    shared = {
        "patient_key": context.patient(resource),
        "encounter_key": context.encounter(resource),
        "kind": _observation_kind(resource),
        "observed_at": _when(entry, context, "effectiveDateTime", "effectiveInstant", "issued"),
        "status": fact_status(resource.get("status"), entry),
    }
    if value is not None or not has_members:
        yield _measured(key, shared, resource, value or Value(_absent(resource)), entry, context)
    seen: dict[str, int] = {}
    for component in components:
        code = next((code for _, code in codes(component.get("code"))), concept_text(component.get("code"))[:40])
        seen[code] = seen.get(code, 0) + 1
        part_key = f"{key}#{code}" + (f".{seen[code]}" if seen[code] > 1 else "")
        part = read_value(component, context.times) or Value(_absent(component))
        yield _measured(part_key, shared, component, part, entry, context)


def _measured(
    key: str, shared: dict[str, Any], resource: Json, value: Value, entry: Entry, context: Context
) -> FactRecord:
    low, high = read_range(resource)
    system, code = code_of(resource.get("code"), ("loinc", "snomed"))
    return FactRecord(
        **shared,
        source_key=key,
        name=_name(resource.get("code"), entry, context),
        code_system=system,
        code=code,
        value_text=value.text,
        value_number=value.number,
        unit=value.unit,
        range_low=low,
        range_high=high,
        flag=flag_of(resource, value.number, low, high),
    )


def _observation_kind(resource: Json) -> str:
    categories = {code for _, code in codes(resource.get("category"))}
    if categories & {"laboratory", "LAB"}:
        return "lab"
    if categories & {"vital-signs", "vital-sign"}:
        return "vital"
    return "lab" if not categories and resource.get("referenceRange") else "finding"


def _absent(resource: Json) -> str:
    reason = concept_text(resource.get("dataAbsentReason"))
    return f"not available ({reason})" if reason else ""


def _name(concept: object, entry: Entry, context: Context) -> str:
    name = concept_text(concept)
    if not name:
        context.warnings.add("code", entry.where("code"), "is empty; shown as unnamed")
    return name or f"Unnamed {entry.kind}"


def _when(entry: Entry, context: Context, *names: str) -> datetime:
    """Return when a thing was true: its own element, its period, else the start of its encounter, with a warning."""
    resource = entry.resource
    found = context.times.moment(resource, *names)
    for name in ("effectivePeriod", "performedPeriod", "onsetPeriod"):
        if found is None and name in resource:
            found = context.times.moment(first(resource.get(name)), "start", "end", where=name)
    if found is None:
        found = context.times.moment(first(resource.get("meta")), "lastUpdated", where="meta")
        if found is None:
            key = context.encounter(resource) or context.encounter(resource, "context")
            stay = context.stays.get(key or "")
            found = stay.admitted_at if stay else None
        if found is not None:
            context.warnings.add("no-time", entry.where(names[0]), "is missing; a time near it was taken")
    if found is None:
        raise EntryError("required", names[0], "is missing; a chart entry must say when it was true")
    return found


def read_condition(entry: Entry, context: Context) -> Iterator[FactRecord]:
    """Yield a Condition as a problem."""
    resource = entry.resource
    system, code = code_of(resource.get("code"), ("icd10cm", "snomed"))
    yield FactRecord(
        source_key=source_key(entry),
        patient_key=context.patient(resource),
        encounter_key=context.encounter(resource),
        kind="problem",
        name=_name(resource.get("code"), entry, context),
        observed_at=_when(entry, context, "recordedDate", "onsetDateTime"),
        code_system=system,
        code=code,
        value_text=_clinical_status(resource),
        ended_at=context.times.moment(resource, "abatementDateTime")
        or context.times.moment(first(resource.get("abatementPeriod")), "end", "start", where="abatementPeriod"),
        status=_condition_status(resource),
    )


def _clinical_status(resource: Json) -> str:
    doubt = status_code(resource.get("verificationStatus"))
    parts = [status_code(resource.get("clinicalStatus")), "" if doubt == "confirmed" else doubt]
    return ", ".join(filter(None, parts))


def _condition_status(resource: Json) -> str:
    verification = status_code(resource.get("verificationStatus"))
    if verification in {"entered-in-error", "refuted"}:
        return "entered_in_error" if verification == "entered-in-error" else "cancelled"
    if verification in {"unconfirmed", "provisional", "differential"}:
        return "preliminary"
    over = status_code(resource.get("clinicalStatus")) in {"inactive", "remission", "resolved"}
    return "completed" if over else "active"


def read_medication(entry: Entry, context: Context) -> Iterator[FactRecord]:
    """Yield a MedicationRequest (ordered) or MedicationAdministration (given, or not given)."""
    resource = entry.resource
    concept = _medication(resource, context)
    is_order = entry.kind == "MedicationRequest"
    system, code = code_of(concept, ("rxnorm",))
    period = first(resource.get("effectivePeriod"))
    yield FactRecord(
        source_key=source_key(entry),
        patient_key=context.patient(resource),
        encounter_key=context.encounter(resource, "encounter" if is_order else "context"),
        kind="medication",
        name=_name(concept, entry, context),
        observed_at=_when(entry, context, "authoredOn" if is_order else "effectiveDateTime"),
        code_system=system,
        code=code,
        value_text=_dose(resource, is_order),
        ended_at=context.times.moment(period, "end", where="effectivePeriod"),
        status=fact_status(resource.get("status"), entry),
    )


def _medication(resource: Json, context: Context) -> object:
    """Return what was ordered or given: named here, by a Medication of the file, or by one inside the resource."""
    if "medicationCodeableConcept" in resource:
        return resource["medicationCodeableConcept"]
    reference = first(resource.get("medicationReference"))
    url = words(reference.get("reference"))
    entry = context.envelope.find(url)
    medication = contained(resource, url) if url.startswith("#") else entry.resource if entry else None
    return medication.get("code") if medication else {"text": reference.get("display")}


def _dose(resource: Json, is_order: bool) -> str:
    dosage = first(resource.get("dosageInstruction" if is_order else "dosage"))
    amount = first(first(dosage.get("doseAndRate")).get("doseQuantity")) if is_order else first(dosage.get("dose"))
    value = read_value({"valueQuantity": amount}, None) if amount else None
    text = words(dosage.get("text")) or (f"{value.text} {value.unit}".strip() if value else "")
    route = concept_text(dosage.get("route"))
    if route and route.lower() not in text.lower():
        text = f"{text} {route}".strip()
    manner = "ordered" if is_order else "not given" if resource.get("status") == "not-done" else "given"
    return f"{text} ({manner})".strip()


def read_procedure(entry: Entry, context: Context) -> Iterator[FactRecord]:
    """Yield a Procedure."""
    resource = entry.resource
    system, code = code_of(resource.get("code"), ("icd10pcs", "snomed", "cpt"))
    period = first(resource.get("performedPeriod"))
    yield FactRecord(
        source_key=source_key(entry),
        patient_key=context.patient(resource),
        encounter_key=context.encounter(resource),
        kind="procedure",
        name=_name(resource.get("code"), entry, context),
        observed_at=_when(entry, context, "performedDateTime"),
        code_system=system,
        code=code,
        value_text=concept_text(resource.get("outcome")),
        ended_at=context.times.moment(period, "end", where="performedPeriod"),
        status=fact_status(resource.get("status"), entry),
    )


def read_allergy(entry: Entry, context: Context) -> Iterator[FactRecord]:
    """Yield an AllergyIntolerance."""
    resource = entry.resource
    reactions = [concept_text(each.get("manifestation")) for each in dicts(resource.get("reaction"))]
    system, code = code_of(resource.get("code"), ("rxnorm", "snomed"))
    yield FactRecord(
        source_key=source_key(entry),
        patient_key=context.patient(resource, "patient"),
        encounter_key=context.encounter(resource),
        kind="allergy",
        name=_name(resource.get("code"), entry, context),
        observed_at=_when(entry, context, "recordedDate", "onsetDateTime"),
        code_system=system,
        code=code,
        value_text=", ".join(filter(None, reactions)) or words(resource.get("criticality")),
        status=_condition_status(resource),
    )


#: resource type -> its reader
READERS: dict[str, Callable[[Entry, Context], Iterator[FactRecord]]] = {
    "Observation": read_observation,
    "Condition": read_condition,
    "MedicationRequest": read_medication,
    "MedicationAdministration": read_medication,
    "Procedure": read_procedure,
    "AllergyIntolerance": read_allergy,
}
