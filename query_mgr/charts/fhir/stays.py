"""Encounters."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.charts.fhir.context import Context, Stay
from query_mgr.charts.fhir.elements import Json, codes, concept_text, dicts, first, words
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.fhir.people import payer_of
from query_mgr.charts.problems import EntryError
from query_mgr.charts.records import EncounterRecord
from query_mgr.charts.sensitivity import joined

#: v3-ActCode -> encounter class
CLASSES = {
    "IMP": "inpatient",
    "ACUTE": "inpatient",
    "NONAC": "inpatient",
    "EMER": "emergency",
    "OBSENC": "observation",
    "AMB": "ambulatory",
}
_STATUSES = {
    "planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown",
}  # fmt: skip


def read_encounter(entry: Entry, context: Context) -> Iterator[EncounterRecord]:
    """Yield an Encounter. Raises EntryError where it has no start, or ends before it."""
    resource = entry.resource
    patient_key = context.patient(resource)
    period = first(resource.get("period"))
    admitted_at = context.times.moment(period, "start", where="period")
    discharged_at = context.times.moment(period, "end", where="period")
    if admitted_at is None:
        raise EntryError("required", "period.start", "is missing; a stay must say when it began")
    if discharged_at and discharged_at < admitted_at:
        raise EntryError("date", "period.end", "is before period.start")
    status = words(resource.get("status"))
    if status not in _STATUSES:
        raise EntryError("value", "status", f"{status[:40]!r} is no Encounter status of FHIR R4")
    died_at = context.deceased.get(patient_key)
    if died_at and admitted_at > died_at:
        context.warnings.add("deceased", entry.where("period.start"), "is after the patient's death")
    act = first(resource.get("class"))
    key, attending_key = source_key(entry), attending(resource, context)
    context.stays[key] = Stay(attending_key, admitted_at)
    yield EncounterRecord(
        source_key=key,
        patient_key=patient_key,
        number=_number(resource) or key.partition("/")[2],
        encounter_class=CLASSES.get(words(act.get("code")).upper(), "other"),
        status=status.replace("entered-in-error", "entered_in_error"),
        admitted_at=admitted_at,
        discharged_at=discharged_at,
        attending_key=attending_key,
        service_line=concept_text(resource.get("serviceType")),
        payer=payer_of(patient_key, admitted_at, context),
        facility=_facility(resource, context),
        reason=_reason(resource, context),
        disposition=_disposition(resource),
        sensitivity=_sensitivity(resource),
    )


#: FHIR's discharge disposition -> the UB-04's discharge status, where it means one of them only
_DISPOSITIONS = {"home": "01", "snf": "03", "aadvice": "07", "exp": "20", "rehab": "62", "long": "63", "psy": "65"}


def _disposition(resource: Json) -> str:
    """Return the discharge status of the UB-04, given as such or in FHIR's own code; "" for anything else."""
    stay = first(resource.get("hospitalization"))
    for system, code in codes(stay.get("dischargeDisposition")):
        if "nubc.org" in system.lower() and len(code) == 2 and code.isascii() and code.isdigit():
            return code
        if "discharge-disposition" in system.lower() and code.lower() in _DISPOSITIONS:
            return _DISPOSITIONS[code.lower()]
    return ""


def _sensitivity(resource: Json) -> str:
    """Return the labels of `meta.security` that hold a stay apart."""
    labels = dicts(first(resource.get("meta")).get("security"))
    return joined(words(one.get("code")) for one in labels)


def attending(resource: Json, context: Context) -> str | None:
    """Return the key of the attending: ATND, else primary performer, else the only participant."""
    by_role: dict[str, str] = {}
    keys = []
    for participant in dicts(resource.get("participant")):
        key = context.provider(participant.get("individual"))
        if key is None:
            continue
        keys.append(key)
        for _, code in codes(participant.get("type")):
            by_role.setdefault(code, key)
    alone = keys[0] if len(set(keys)) == 1 and not by_role else None
    return by_role.get("ATND") or by_role.get("PPRF") or alone


def _number(resource: Json) -> str:
    """Return the account or visit number: an identifier typed AN or VN, else the first."""
    identifiers = [each for each in dicts(resource.get("identifier")) if words(each.get("value"))]
    typed = [each for each in identifiers if {code for _, code in codes(each.get("type"))} & {"AN", "VN"}]
    return words((typed or identifiers or [{}])[0].get("value"))


def _facility(resource: Json, context: Context) -> str:
    location = first(resource.get("location")).get("location")
    return context.organization(resource.get("serviceProvider")) or context.organization(location)


def _reason(resource: Json, context: Context) -> str:
    named = (context.envelope.find(each) for each in dicts(resource.get("reasonReference")))
    concepts = [*dicts(resource.get("reasonCode")), *(entry.resource.get("code") for entry in named if entry)]
    reasons = dict.fromkeys(concept_text(each) for each in concepts)
    return "; ".join(filter(None, reasons)) or concept_text(resource.get("type"))
