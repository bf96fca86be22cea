"""Patients, practitioners and payers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from query_mgr.charts.fhir.context import Context, Cover, full_name, identifier_key, provider_key, provider_npi
from query_mgr.charts.fhir.elements import Json, codes, concept_text, dicts, first, given, human_name, words
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.problems import EntryError
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


def read_patient(entry: Entry, context: Context) -> Iterator[PatientRecord]:
    """Yield a Patient. MRN: the identifier typed MR, else usual/official, else the first that is the hospital's.

    Raises EntryError, too where another patient of the file has the same number.
    """
    resource = entry.resource
    identifier = _hospital_number(resource)
    name = human_name(resource.get("name"))
    family = one_line(words(name.get("family"))) or one_line(words(name.get("text"))) or "(no name)"
    if family == "(no name)":
        context.warnings.add("name", entry.where("name"), "the patient has no name")
    sex = words(resource.get("gender"))
    patient = PatientRecord(
        source_key=identifier_key(entry, identifier),
        mrn=words(identifier.get("value")) or source_key(entry).partition("/")[2],
        family_name=family,
        given_names=one_line(given(name)),
        birth_on=context.times.day(resource.get("birthDate"), "birthDate"),
        sex=sex if sex in _SEXES else "unknown",
        deceased_at=context.times.moment(resource, "deceasedDateTime"),
    )
    if context.patients.setdefault(patient.source_key, hash(patient)) != hash(patient):
        text = f"shares its identifier with another patient ({patient.source_key[:100]})"
        raise EntryError("duplicate", "identifier", text)
    context.patient_keys[entry.identity or entry.full_url] = patient.source_key
    if patient.deceased_at:
        context.deceased[patient.source_key] = patient.deceased_at
    yield patient


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


def read_role(entry: Entry, context: Context) -> Iterator[ProviderRecord]:
    """Remember what a PractitionerRole says of its practitioner; it is no row of its own."""
    practitioner = context.envelope.find(entry.resource.get("practitioner"))
    if practitioner and practitioner.kind == "Practitioner":
        said = concept_text(entry.resource.get("code")), concept_text(entry.resource.get("specialty"))
        context.role_words.setdefault(practitioner.identity or practitioner.full_url, []).append(said)
    yield from ()


def read_practitioner(entry: Entry, context: Context) -> Iterator[ProviderRecord]:
    """Yield a practitioner who may document a diagnosis; remember name and role of everyone."""
    resource, key = entry.resource, provider_key(entry)
    said = context.role_words.get(entry.identity or entry.full_url, [])
    credentials = _credentials(resource)
    npi, written = provider_npi(entry)
    if written and npi is None:
        context.warnings.add(
            "npi", entry.where("identifier"), f"{written[:20]!r} is no valid NPI and was left out"
        )
    role_text = " ".join(role for role, _ in said)
    specialty = next((specialty for _, specialty in said if specialty), "")
    name = full_name(resource) or key
    role = author_role_of(credentials, f"{role_text} {specialty} {_qualification_text(resource)}")
    context.names[key] = name
    if role:
        context.roles[key] = role
    if role in _MAY_DOCUMENT:
        yield ProviderRecord(source_key=key, name=name, credentials=credentials, npi=npi, specialty=specialty)


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


def read_coverage(entry: Entry, context: Context) -> Iterator[ProviderRecord]:
    """Remember who pays for a patient and when; it is no row of its own."""
    coverage = entry.resource
    beneficiary = context.envelope.find(coverage.get("beneficiary"))
    patient_key = context.patient_keys.get(beneficiary.identity or beneficiary.full_url) if beneficiary else None
    if patient_key and words(coverage.get("status")) not in {"entered-in-error", "draft"}:
        period, order = first(coverage.get("period")), coverage.get("order")
        start, end = words(period.get("start"))[:10], words(period.get("end"))[:10] or "9999"
        cover = Cover(order if isinstance(order, int) else 1, _payer_name(coverage, context), start, end)
        context.covers.setdefault(patient_key, []).append(cover)
    yield from ()


def payer_of(patient_key: str, at: datetime, context: Context) -> str:
    """Return the payer whose coverage of the patient includes `at`, primary first."""
    # Coverage often carries bare dates; a day more or less decides nothing here, so they are compared as text.
    day = at.date().isoformat()
    named = [one for one in context.covers.get(patient_key, ()) if one.payer]
    ranked = [(not one.start <= day <= one.end, one.order, one.payer) for one in named]
    return min(ranked)[2] if ranked else ""


def _payer_name(coverage: Json, context: Context) -> str:
    payor = first(coverage.get("payor"))
    groups = [words(each.get("name")) for each in dicts(coverage.get("class"))]
    names = [concept_text(coverage.get("type")), context.organization(payor), *groups]
    return next(filter(None, names), "")
