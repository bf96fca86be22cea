"""Patients, practitioners and payers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from query_mgr.charts.fhir.context import Context, full_name, identifier_key, provider_key, provider_npi
from query_mgr.charts.fhir.elements import Json, codes, concept_text, dicts, first, given, human_name, words
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.records import PatientRecord, ProviderRecord
from query_mgr.platform.text import one_line

#: Identifier types that name a person outside the hospital; never used as key or shown as MRN (minimum necessary).
_NOT_OURS = {"SS", "SB", "DL", "PPN", "TAX", "NI", "MC", "MA", "MB"}
#: credentials -> the author role that follows from them alone
ROLE_OF_CREDENTIALS = {
    **dict.fromkeys(
        ("NP", "PA", "PA-C", "APRN", "FNP", "CNM", "CRNA", "CNS", "ANP", "AGACNP"), "advanced_practice"
    ),
    **dict.fromkeys(("RN", "LPN", "LVN", "BSN"), "nurse"),
    **dict.fromkeys(("RD", "RDN", "LDN"), "dietitian"),
    **dict.fromkeys(("PT", "OT", "SLP", "RT", "RRT", "DPT", "PTA"), "therapist"),
    **dict.fromkeys(("PHARMD", "RPH", "MA", "CNA"), "other"),
    **dict.fromkeys(("MD", "DO", "MBBS", "DPM", "DDS", "DMD"), "physician"),
}
_ROLE_WORDS = (
    (re.compile(r"\bresident\b|\bintern\b(?!al)|\bfellow\b", re.I), "resident"),
    (re.compile(r"nurse practitioner|physician assistant|advanced practice|nurse anesthetist|nurse midwife", re.I),
     "advanced_practice"),
    (re.compile(r"nurs", re.I), "nurse"),
    (re.compile(r"dieti|nutrition", re.I), "dietitian"),
    (re.compile(r"therapist|physical therap|occupational therap|speech|respiratory therap", re.I), "therapist"),
    (re.compile(r"radiolog", re.I), "radiologist"),
    (re.compile(r"patholog", re.I), "pathologist"),
    (re.compile(r"pharmac|technician|social work|clerk|receptionist|chaplain", re.I), "other"),
    (re.compile(r"physician|doctor|surgeon|hospitalist|attending", re.I), "physician"),
)  # fmt: skip
_MAY_DOCUMENT = {"physician", "advanced_practice", "resident", "radiologist", "pathologist", ""}
_SEXES = {"female", "male", "other", "unknown"}


def read_patient(entry: Entry, context: Context) -> PatientRecord:
    """Return a Patient. MRN: the identifier typed MR, else usual/official, else the first that is the hospital's."""
    resource = entry.resource
    identifier = _hospital_number(resource)
    name = human_name(resource.get("name"))
    family = one_line(words(name.get("family"))) or one_line(words(name.get("text"))) or "(no name)"
    if family == "(no name)":
        context.warnings.add("name", entry.where("name"), "the patient has no name")
    sex = words(resource.get("gender"))
    deceased_at = context.times.moment(resource, "deceasedDateTime")
    return PatientRecord(
        source_key=identifier_key(entry, identifier),
        mrn=words(identifier.get("value")) or source_key(entry).partition("/")[2],
        family_name=family,
        given_names=one_line(given(name)),
        birth_on=context.times.day(resource.get("birthDate"), "birthDate"),
        sex=sex if sex in _SEXES else "unknown",
        deceased_at=deceased_at,
    )


def _hospital_number(resource: Json) -> Json:
    usable = [
        each
        for each in dicts(resource.get("identifier"))
        if words(each.get("value")) and each.get("use") != "old" and not _types(each) & _NOT_OURS
    ]
    rank = {"usual": 1, "official": 2}
    return min(
        usable, key=lambda each: 0 if "MR" in _types(each) else rank.get(words(each.get("use")), 3), default={}
    )


def _types(identifier: Json) -> set[str]:
    found = {code for _, code in codes(identifier.get("type"))}
    return found | ({"SS"} if "us-ssn" in words(identifier.get("system")) else set())


def read_providers(context: Context) -> list[ProviderRecord]:
    """Return the practitioners who may document a diagnosis; remember name and role of all."""
    roles = {id(each): [] for each in context.envelope.of_kind("Practitioner")}  # type: dict[int, list[Entry]]
    for role in context.envelope.of_kind("PractitionerRole"):
        practitioner = context.envelope.find(role.resource.get("practitioner"))
        if practitioner and id(practitioner) in roles:
            roles[id(practitioner)].append(role)
    found = []
    for entry in context.envelope.of_kind("Practitioner"):
        key = provider_key(entry)
        record, role_name = _read_provider(entry, key, roles[id(entry)], context)
        context.names[key] = record.name
        if role_name:
            context.roles[key] = role_name
        if role_name in _MAY_DOCUMENT:
            found.append(record)
    return found


def _read_provider(entry: Entry, key: str, roles: list[Entry], context: Context) -> tuple[ProviderRecord, str]:
    resource = entry.resource
    credentials = _credentials(resource)
    npi, written = provider_npi(entry)
    if written and npi is None:
        context.warnings.add(
            "npi", entry.where("identifier"), f"{written[:20]!r} is no valid NPI and was left out"
        )
    role_text = " ".join(concept_text(each.resource.get("code")) for each in roles)
    specialty = next(filter(None, (concept_text(each.resource.get("specialty")) for each in roles)), "")
    name = full_name(resource) or key
    record = ProviderRecord(source_key=key, name=name, credentials=credentials, npi=npi, specialty=specialty)
    return record, author_role_of(credentials, f"{role_text} {specialty} {_qualification_text(resource)}")


def _qualification_text(resource: Json) -> str:
    return " ".join(concept_text(each.get("code")) for each in dicts(resource.get("qualification")))


def _credentials(resource: Json) -> str:
    suffixes = human_name(resource.get("name")).get("suffix")
    found = [words(each) for each in suffixes] if isinstance(suffixes, list) else []
    for qualification in dicts(resource.get("qualification")):
        found += [code for _, code in codes(qualification.get("code")) if code.upper() in ROLE_OF_CREDENTIALS]
    return ", ".join(dict.fromkeys(filter(None, found)))[:40]


def author_role_of(credentials: str, text: str) -> str:
    """Return the role that credentials and role words tell, "physician" where it is one of unknown standing, or "".

    A resident is known by the role only: the credentials are an attending's.
    """
    spoken = next((role for pattern, role in _ROLE_WORDS if pattern.search(text)), "")
    if spoken in {"resident", "radiologist", "pathologist"}:
        return spoken
    for each in re.split(r"[,\s/]+", credentials.upper()):
        if each in ROLE_OF_CREDENTIALS:
            return ROLE_OF_CREDENTIALS[each]
    return spoken


def payer_of(patient_key: str, at: datetime, context: Context, entries: Iterable[Entry]) -> str:
    """Return the payer whose coverage of the patient includes `at`, primary first."""
    best: tuple[int, int, str] | None = None
    for entry in entries:
        coverage = entry.resource
        beneficiary = context.envelope.find(coverage.get("beneficiary"))
        if not beneficiary or context.patient_keys.get(f"Patient/{beneficiary.resource.get('id')}") != patient_key:
            continue
        if words(coverage.get("status")) in {"entered-in-error", "draft"}:
            continue
        period = first(coverage.get("period"))
        # Coverage often carries bare dates; a day more or less decides nothing here, so they are compared as text.
        day = at.date().isoformat()
        outside = words(period.get("start"))[:10] > day or day > (words(period.get("end"))[:10] or "9999")
        order = coverage.get("order")
        rank = (int(outside), order if isinstance(order, int) else 1, _payer_name(coverage, context))
        if rank[2] and (best is None or rank < best):
            best = rank
    return best[2] if best else ""


def _payer_name(coverage: Json, context: Context) -> str:
    payor = first(coverage.get("payor"))
    groups = [words(each.get("name")) for each in dicts(coverage.get("class"))]
    names = [concept_text(coverage.get("type")), context.organization(payor), *groups]
    return next(filter(None, names), "")
