"""Patients, providers and organisations of a C-CDA header."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.charts.authority import authority_of
from query_mgr.charts.ccda.elements import SDTC, find, find_all, person_name, said, words
from query_mgr.charts.ccda.times import Times
from query_mgr.charts.fhir.people import author_role_of
from query_mgr.charts.problems import Held, Rejection, Warnings
from query_mgr.charts.records import PatientRecord, ProviderRecord
from query_mgr.platform.text import one_line

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
_NPI_ROOT = "2.16.840.1.113883.4.6"
#: Numbers that name a person outside the hospital: social security, Medicare, tax, licences and passports below .3
#: and .330, e-mail like Direct addresses. Never a key and never shown as MRN.
_NOT_OURS = {
    "2.16.840.1.113883.4.1", "2.16.840.1.113883.4.2", "2.16.840.1.113883.4.572", "2.16.840.1.113883.4.338",
    "2.16.840.1.113883.4.927", "2.16.840.1.113883.4.6", "2.16.840.1.113883.4.8", "2.16.840.1.113883.9.9.9",
}  # fmt: skip
_NOT_OURS_BELOW = ("2.16.840.1.113883.4.3.", "2.16.840.1.113883.4.330.")
_SEX = {"F": "female", "M": "male", "UN": "other", "O": "other"}
#: NUCC taxonomy prefixes -> what the role table of names and credentials understands
_TAXONOMY = (
    ("163W", "nurse"), ("164", "nurse"), ("363L", "advanced_practice"), ("363A", "advanced_practice"),
    ("364S", "advanced_practice"), ("367", "advanced_practice"), ("133", "dietitian"), ("225", "therapist"),
    ("227", "therapist"), ("235Z", "therapist"), ("390200000X", "resident"), ("2085", "radiologist"),
    ("207Z", "pathologist"), ("183", "other"), ("246", "other"), ("374", "other"), ("20", "physician"),
    ("213E", "physician"), ("1223", "physician"),
)  # fmt: skip
MAY_DOCUMENT = {"physician", "advanced_practice", "resident", "radiologist", "pathologist", ""}


@dataclass(frozen=True)
class Person:
    """Somebody a header names: with a key only where an identifier of theirs was given."""

    name: str
    role: str  # as fhir.people.author_role_of tells it; "" where nothing does
    provider: ProviderRecord | None = None
    is_patient_or_device: bool = False


def identifier(element: etree._Element | None) -> tuple[str, str]:
    """Return (authority, value) of an II; a root alone is a value of its own; ("", "") for none."""
    root, extension = said(element, "root"), said(element, "extension")
    if element is None or element.get("nullFlavor") or not (root or extension):
        return "", ""
    return authority_of(said(element, "assigningAuthorityName"), root), extension or root


def patient_of(root: etree._Element, times: Times) -> PatientRecord:
    """Return the one patient of a document.

    The MRN is the identifier of the patient's organisation, else the first that is the hospital's. Raises Rejection
    where the document is about nobody or several, Held where nothing but outside numbers identifies the patient.
    """
    targets = list(find_all(root, "recordTarget/patientRole"))
    if len(targets) != 1:
        found = "no patient" if not targets else f"{len(targets)} patients"
        raise Rejection("patient", "recordTarget", f"the document names {found}; it must be about exactly one")
    role = targets[0]
    usable = [one for one in find_all(role, "id") if _is_ours(one)]
    if not usable:
        raise Held(
            "patient",
            "recordTarget/id",
            "holds no medical record number (social security and licence numbers do not count); "
            "it waits until the sender adds one",
        )
    owners = [said(one, "root") for one in find_all(role, "providerOrganization/id")]
    chosen = min(usable, key=lambda one: said(one, "root") not in owners)
    assigned_by, number = identifier(chosen)
    person = find(role, "patient")
    family, given, _ = person_name(person)
    if not family:
        times.warnings.add("name", "recordTarget/patient/name", "the patient has no family name")
    died = next((one for one in (person if person is not None else ()) if one.tag == f"{SDTC}deceasedTime"), None)
    died_at = times.point(died, "recordTarget/patient/deceasedTime")
    return PatientRecord(
        source_key=f"{assigned_by}|{number}",
        mrn=number,
        family_name=family or "(no name)",
        given_names=given,
        birth_on=times.day(find(person, "birthTime"), "recordTarget/patient/birthTime"),
        sex=_SEX.get(said(find(person, "administrativeGenderCode"), "code").upper(), "unknown"),
        deceased_at=died_at.at if died_at else None,
    )


def _is_ours(one: etree._Element) -> bool:
    assigned_by, value = identifier(one)
    root = said(one, "root")
    is_outside = root in _NOT_OURS or root.startswith(_NOT_OURS_BELOW) or "@" in value
    return bool(assigned_by and value) and not is_outside and len(f"{assigned_by}|{value}") <= 200


def person_of(assigned: etree._Element | None, warnings: Warnings, where: str) -> Person | None:
    """Return who an assignedAuthor or assignedEntity is, or None where it names nobody."""
    if assigned is None:
        return None
    device = find(assigned, "assignedAuthoringDevice")
    person = find(assigned, "assignedPerson")
    family, given, suffix = person_name(person)
    name = " ".join(filter(None, (given, family)))
    if not name:
        made_by = words(find(device, "softwareName")) or words(find(device, "manufacturerModelName"))
        return Person(made_by, "other", is_patient_or_device=True) if device is not None else None
    code = find(assigned, "code")
    if said(code, "code").upper() in {"ONESELF", "SELF"} or said(code, "codeSystem") == "2.16.840.1.113883.5.111":
        return Person(name, "other", is_patient_or_device=True)
    role = _role(suffix, code)
    return Person(name, role, _provider(assigned, name, suffix, code, role, warnings, where))


def _role(credentials: str, code: etree._Element | None) -> str:
    by_words = author_role_of(credentials.replace(".", ""), said(code, "displayName"))
    taxonomy = said(code, "code") if said(code, "codeSystem") == "2.16.840.1.113883.6.101" else ""
    by_code = next((role for prefix, role in _TAXONOMY if taxonomy.startswith(prefix)), "")
    # The taxonomy code says more than its name does, where that only repeats a group ("Nursing Service Providers").
    return by_code if by_code and by_words in {"", "physician", "other"} else by_words


def _provider(
    assigned: etree._Element, name: str, suffix: str, code: etree._Element | None, role: str, warnings: Warnings,
    where: str,
) -> ProviderRecord | None:  # fmt: skip
    if role not in MAY_DOCUMENT:
        return None
    ids = [one for one in find_all(assigned, "id") if identifier(one)[1]]
    npi = next((said(one, "extension") for one in ids if said(one, "root") == _NPI_ROOT), "")
    if npi and not is_valid_npi(npi):
        warnings.add("npi", where, f"{npi[:20]!r} is no valid NPI and was left out")
        npi = ""
    others = [identifier(one) for one in ids if said(one, "root") not in _NOT_OURS]
    if not npi and not others:
        return None
    key = f"{NPI_SYSTEM}|{npi}" if npi else "|".join(others[0])
    specialty = said(code, "displayName").rpartition(";")[2].strip()
    return ProviderRecord(key[:200], name[:120], one_line(suffix)[:40], npi or None, specialty[:80])
