"""FHIR R4 Claim: the institutional and the professional claim of a version. Pure.

Source: HL7 FHIR R4 (4.0.1), Claim; code systems of terminology.hl7.org, NUBC and CMS.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from query_mgr.coding.handoff.hl7 import Envelope
from query_mgr.coding.handoff.sheet import Codes, Diagnosis, Patient, Person, Procedure, Service, Sheet

Json = dict[str, Any]
_HL7 = "http://terminology.hl7.org/CodeSystem"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
NPI = "http://hl7.org/fhir/sid/us-npi"
SYSTEMS = {
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}
_NUBC = "https://www.nubc.org/CodeSystem"
_PLACES = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
_GROUPS = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software"
INSTITUTIONAL, PROFESSIONAL = "claim", "professional"
_TYPES = {INSTITUTIONAL: "institutional", PROFESSIONAL: "professional"}


def claim(sheet: Sheet, kind: str, to: Envelope, system: str) -> Json | None:
    """Return the claim of one kind, or None where there is none or it says what billing has already.

    A claim that follows another names it as the prior one; one that no longer holds anything is cancelled. system:
    the URI under which our hand-offs are numbered.
    """
    before = sheet.before(kind)
    lines = _lines(sheet.codes, kind)
    is_due, was_due = _is_due(sheet, sheet.codes, kind), before is not None and _is_due(sheet, before, kind)
    if not is_due and not was_due:
        return None
    if before is not None and is_due == was_due and _says(sheet.codes, kind) == _says(before, kind):
        return None
    found: Json = {
        "resourceType": "Claim",
        "identifier": [
            {"system": system, "value": to.control_id},
            {"type": _concept(f"{_HL7}/v2-0203", "AN"), "value": sheet.stay.number},
        ],
        "status": "active" if is_due else "cancelled",
        "type": _concept(f"{_HL7}/claim-type", _TYPES[kind]),
        "use": "claim",
        "patient": _patient(sheet.patient),
        "billablePeriod": _period(sheet, to.zone),
        "created": _moment(to.sent_at, to.zone),
        "provider": {"type": "Organization", "display": sheet.stay.facility or to.sender},
        "priority": _concept(f"{_HL7}/processpriority", "normal"),
    }
    if kind in sheet.prior:
        found["related"] = [_related(sheet.prior[kind], system)]
    return found | (_content(sheet, kind, lines) if is_due else {}) | {"insurance": [_insurance(sheet.codes)]}


def _lines(codes: Codes, kind: str) -> tuple[Service, ...]:
    return tuple(one for one in codes.services if (one.claim == "professional") == (kind == PROFESSIONAL))


def _is_due(sheet: Sheet, codes: Codes, kind: str) -> bool:
    """Return whether a version makes a claim of this kind: a stay or facility line, or a professional line."""
    if _lines(codes, kind):
        return True
    return kind == INSTITUTIONAL and (sheet.stay.kind == "inpatient" or not codes.services)


def _says(codes: Codes, kind: str) -> object:
    """Return what a claim of this kind says, to be compared with what another version says."""
    lines = tuple(one.charged for one in _lines(codes, kind))
    diagnoses = tuple((one.sequence, one.code) for one in codes.diagnoses)
    if kind == PROFESSIONAL:
        return lines, diagnoses, codes.payer
    poa = tuple(one.poa for one in codes.diagnoses)
    procedures = tuple((one.sequence, one.code, one.performed_on, one.provider) for one in codes.procedures)
    admitting = codes.admitting.code if codes.admitting else ""
    return lines, diagnoses, codes.payer, poa, procedures, admitting, codes.disposition, codes.group


def _content(sheet: Sheet, kind: str, lines: tuple[Service, ...]) -> Json:
    codes, is_stay = sheet.codes, kind == INSTITUTIONAL
    team = _team(sheet, codes.procedures if is_stay else (), lines)
    diagnoses = codes.all_diagnoses if is_stay else codes.diagnoses
    found: Json = {"diagnosis": [_diagnosis(at, one, codes, is_stay) for at, one in enumerate(diagnoses, 1)]}
    if is_stay and codes.procedures:
        found["procedure"] = [_procedure(one) for one in codes.procedures]
    if is_stay and codes.disposition:
        code = _concept(f"{_NUBC}/PatDischargeStatus", codes.disposition)
        category = _concept(f"{_HL7}/claiminformationcategory", "discharge")
        found["supportingInfo"] = [{"sequence": 1, "category": category, "code": code}]
    if team:
        found["careTeam"] = [_member(at, one, role) for at, (one, role) in enumerate(team.items(), 1)]
    if lines:
        places = {one.ref: at for at, one in enumerate(diagnoses, 1)}
        order = {one: at for at, one in enumerate(team, 1)}
        found["item"] = [_item(at, one, sheet, places, order) for at, one in enumerate(lines, 1)]
    return found


def _team(sheet: Sheet, procedures: tuple[Procedure, ...], lines: tuple[Service, ...]) -> dict[Person, str]:
    """Return who took part: the attending as the one in charge, then those who did procedures and services."""
    found = {sheet.stay.attending: "primary"} if sheet.stay.attending else {}
    for person in (*(one.provider for one in procedures), *(one.provider for one in lines)):
        if person:
            found.setdefault(person, "assist")
    return found


def _member(at: int, one: Person, role: str) -> Json:
    return {"sequence": at, "provider": _person(one), "role": _concept(f"{_HL7}/claimcareteamrole", role)}


def _person(one: Person) -> Json:
    found: Json = {"type": "Practitioner", "display": " ".join(filter(None, (one.given, one.family)))}
    return found | {"identifier": {"system": NPI, "value": one.number}} if one.is_npi else found


def _diagnosis(at: int, one: Diagnosis, codes: Codes, is_stay: bool) -> Json:
    role = "admitting" if one.is_admitting else "principal" if one.sequence == 1 else ""
    found: Json = {"sequence": at, "diagnosisCodeableConcept": _concept(ICD10CM, one.code, one.title)}
    if role:
        found["type"] = [_concept(f"{_HL7}/ex-diagnosistype", role)]
    if one.poa and is_stay:
        found["onAdmission"] = _concept(f"{_NUBC}/PresentOnAdmissionIndicator", one.poa)
    if is_stay and one.sequence == 1 and codes.group:
        found["packageCode"] = _concept(_GROUPS, codes.group.code, codes.group.title)
    return found


def _procedure(one: Procedure) -> Json:
    role = "primary" if one.sequence == 1 else "secondary"
    found: Json = {"sequence": one.sequence, "type": [_concept(f"{_HL7}/ex-procedure-type", role)]}
    if one.performed_on:
        found["date"] = one.performed_on.isoformat()
    return found | {"procedureCodeableConcept": _concept(ICD10PCS, one.code, one.title)}


def _item(at: int, one: Service, sheet: Sheet, places: dict[str, int], team: dict[Person, int]) -> Json:
    found: Json = {"sequence": at}
    if one.provider:
        found["careTeamSequence"] = [team[one.provider]]
    if one.pointers:
        found["diagnosisSequence"] = [places[reason.ref] for reason in one.pointers]
    if one.revenue:
        found["revenue"] = _concept(f"{_NUBC}/RevenueCodes", one.revenue)
    found["productOrService"] = _concept(SYSTEMS[one.system], one.code, one.title)
    if one.modifiers:
        found["modifier"] = [
            _concept(SYSTEMS["cpt" if sign.isdigit() else "hcpcs"], sign) for sign in one.modifiers
        ]
    if one.served_on:
        found["servicedDate"] = one.served_on.isoformat()
    if one.place:
        found["locationCodeableConcept"] = _concept(_PLACES, one.place)
    encounter = {"type": "Encounter", "identifier": {"value": sheet.stay.number}}
    return found | {"quantity": {"value": one.units}, "encounter": [encounter]}


def _patient(one: Patient) -> Json:
    identifier: Json = {"type": _concept(f"{_HL7}/v2-0203", "MR"), "value": one.mrn}
    if one.authority:
        is_oid = set(one.authority) <= set("0123456789.")
        identifier |= (
            {"system": f"urn:oid:{one.authority}"} if is_oid else {"assigner": {"display": one.authority}}
        )
    return {
        "type": "Patient",
        "identifier": identifier,
        "display": ", ".join(filter(None, (one.family, one.given))),
    }


def _period(sheet: Sheet, zone: tzinfo) -> Json:
    stay = sheet.stay
    found = {"start": _day(stay.admitted_at, zone).isoformat()}
    return found | ({"end": _day(stay.discharged_at, zone).isoformat()} if stay.discharged_at else {})


def _related(prior: str, system: str) -> Json:
    claim = {"type": "Claim", "identifier": {"system": system, "value": prior}}
    return {"claim": claim, "relationship": _concept(f"{_HL7}/ex-relatedclaimrelationship", "prior")}


def _insurance(codes: Codes) -> Json:
    coverage = {"type": "Coverage", "display": codes.payer or "not known to the coding desk"}
    return {"sequence": 1, "focal": True, "coverage": coverage}


def _concept(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def _moment(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()
