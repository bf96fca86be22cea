"""What the header of a document says: which document, of which stay, by whom, in place of which other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lxml import etree

from query_mgr.charts.ccda.elements import SDTC, Code, codes_of, find, find_all, said, words
from query_mgr.charts.ccda.kinds import SYSTEM_MADE, kind_of
from query_mgr.charts.ccda.people import Person, identifier, person_of
from query_mgr.charts.ccda.times import Point, Times
from query_mgr.charts.fhir.stays import CLASSES
from query_mgr.charts.problems import Rejection, Warnings
from query_mgr.charts.records import EncounterRecord

_NEAR = timedelta(days=1)
_ROLE_OF_KIND = {
    "nursing_note": "nurse",
    "nutrition_note": "dietitian",
    "therapy_note": "therapist",
    "imaging_report": "radiologist",
    "consult_note": "consultant",
    "operative_note": "consultant",
}
_RELATIONS = {"RPLC": "replaces", "APND": "addendum"}
#: evaluation and management codes -> encounter class, where no act code says it
_CLASS_OF_VISIT = (("9922", "inpatient"), ("9923", "inpatient"), ("9928", "emergency"), ("9920", "ambulatory"),
                   ("9921", "ambulatory"), ("9929", "inpatient"))  # fmt: skip


@dataclass(frozen=True)
class Header:
    """A document's header, read."""

    key: str
    code: Code
    kind: str
    title: str
    made_at: datetime
    author: Person
    author_role: str
    status: str
    related_key: str | None
    relation: str
    facility: str


def document_key(element: etree._Element | None) -> str:
    """Return the identity of a document by its id, "" where it has none."""
    assigned_by, value = identifier(element)
    root = said(element, "root") or assigned_by
    return f"CDA {root}|{value}"[:200] if value else ""


def header_of(root: etree._Element, attending: Person | None, times: Times) -> Header:
    """Return the header of a document. Raises Rejection where it has no id or no time."""
    key = document_key(find(root, "id"))
    if not key:
        raise Rejection("required", "ClinicalDocument/id", "is missing; a document must have an id of its own")
    code = next(iter(codes_of(find(root, "code"))), Code())
    title = words(find(root, "title")) or code.name or "Untitled document"
    kind = kind_of(code, title)
    author, written = _author(root, times)
    made = times.point(find(root, "effectiveTime"), "ClinicalDocument/effectiveTime") or written
    if made is None:
        raise Rejection(
            "required", "ClinicalDocument/effectiveTime", "is missing; a document must say when it was made"
        )
    related_key, relation = _related(root)
    custodian = find(root, "custodian/assignedCustodian/representedCustodianOrganization")
    return Header(
        key=key,
        code=code,
        kind=kind,
        title=title,
        made_at=made.at,
        author=author,
        author_role="other" if code.code in SYSTEM_MADE else role_in(author, kind, attending),
        status=_status(root),
        related_key=related_key,
        relation=relation,
        facility=words(find(custodian, "name")),
    )


def _author(root: etree._Element, times: Times) -> tuple[Person, Point | None]:
    """Return the first person among the authors, else who authenticated, else the device; and when it was written."""
    nobody: tuple[Person, Point | None] = (Person("", "other", is_patient_or_device=True), None)
    device = None
    for place, author in enumerate(find_all(root, "author"), 1):
        person = person_of(find(author, "assignedAuthor"), times.warnings, f"author[{place}]")
        told = (person, times.point(find(author, "time"), f"author[{place}]/time")) if person else nobody
        if person and not person.is_patient_or_device:
            return person, told[1]
        device = device or (told if person else None)
    for name in ("legalAuthenticator", "authenticator"):
        person = person_of(find(root, f"{name}/assignedEntity"), times.warnings, name)
        if person and device is None:
            return person, times.point(find(root, f"{name}/time"), f"{name}/time")
    return device or nobody


def role_in(author: Person, kind: str, attending: Person | None) -> str:
    """Return in which role a document was written: what is known of the author, the stay, then the document's kind."""
    if author.is_patient_or_device:
        return "other"
    if author.role and author.role != "physician":
        return author.role
    if kind == "imaging_report":
        return "radiologist"
    if attending and _is_same(author, attending):
        return "attending"
    return "consultant" if author.role == "physician" else _ROLE_OF_KIND.get(kind, "other")


def _is_same(one: Person, other: Person) -> bool:
    if one.provider and other.provider:
        return one.provider.source_key == other.provider.source_key
    return one.name.casefold() == other.name.casefold()


def _status(root: etree._Element) -> str:
    told = next((said(one, "code") for one in root if one.tag == f"{SDTC}statusCode"), "")
    return {"nullified": "entered_in_error", "aborted": "entered_in_error", "active": "preliminary"}.get(
        told, "final"
    )


def _related(root: etree._Element) -> tuple[str | None, str]:
    """Return the document that this one replaces or adds to. A setId alone proves nothing: senders share them."""
    for one in find_all(root, "relatedDocument"):
        relation = _RELATIONS.get(said(one, "typeCode"), "")
        key = document_key(find(one, "parentDocument/id"))
        if relation and key and key != document_key(find(root, "id")):
            return key, relation
    return None, ""


def attending_of(root: etree._Element, times: Times) -> Person | None:
    """Return the attending of the stay, else who is responsible for it."""
    stay = find(root, "componentOf/encompassingEncounter")
    where = "encompassingEncounter"
    for one in find_all(stay, "encounterParticipant"):
        if said(one, "typeCode") == "ATND":
            return person_of(find(one, "assignedEntity"), times.warnings, f"{where}/encounterParticipant")
    return person_of(find(stay, "responsibleParty/assignedEntity"), times.warnings, f"{where}/responsibleParty")


def stay_of(
    root: etree._Element, header: Header, patient_key: str, attending: Person | None, times: Times
) -> tuple[str | None, EncounterRecord | None]:
    """Return (key, stay) of the encompassing encounter; the stay is None where it says no beginning.

    Without one: of the only encounter entry whose time includes the document's.
    """
    element = find(root, "componentOf/encompassingEncounter")
    found = element if element is not None else _only_entry(root, header, times)
    if found is None:
        return None, None
    assigned_by, number = next((pair for one in find_all(found, "id") if (pair := identifier(one))[1]), ("", ""))
    if not number:
        times.warnings.add(
            "encounter", "encompassingEncounter/id", "is missing; the document stays with the patient"
        )
        return None, None
    key = f"visit {assigned_by}|{number}"[:200]
    span = times.span(find(found, "effectiveTime"), "encompassingEncounter/effectiveTime")
    if span.low is None:
        times.warnings.add("encounter", "encompassingEncounter/effectiveTime", "says not when the stay began")
        return key, None
    ended = span.high.at if span.high else None
    if ended and ended < span.low.at:
        times.warnings.add("date", "encompassingEncounter/effectiveTime/high", "is before low; left out")
        ended = None
    facility = words(find(found, "location/healthCareFacility/serviceProviderOrganization/name"))
    return key, EncounterRecord(
        source_key=key,
        patient_key=patient_key,
        number=number[:64],
        encounter_class=_class(find(found, "code"), header),
        admitted_at=span.low.at,
        discharged_at=ended,
        status="finished" if ended else "unknown",
        attending_key=attending.provider.source_key if attending and attending.provider else None,
        facility=facility or words(find(found, "location/healthCareFacility/location/name")) or header.facility,
    )


def _class(code: etree._Element | None, header: Header) -> str:
    codes = [one.code.upper() for one in codes_of(code)]
    for one in codes:
        if one in CLASSES:
            return CLASSES[one]
    for one in codes:
        known = next((name for prefix, name in _CLASS_OF_VISIT if one.startswith(prefix) and len(one) == 5), "")
        if known:
            return known
    # Nobody writes a discharge summary of a visit: where nothing else says what the stay was, this does.
    return "inpatient" if header.kind == "discharge_summary" else "other"


def _only_entry(root: etree._Element, header: Header, times: Times) -> etree._Element | None:
    entries = [
        one
        for one in root.iter("{urn:hl7-org:v3}encounter")
        if one.get("moodCode") == "EVN"
        and one.get("negationInd") != "true"
        and _includes(one, header.made_at, times)
    ]
    return entries[0] if len(entries) == 1 else None


def _includes(encounter: etree._Element, moment: datetime, times: Times) -> bool:
    quiet = replace(times, warnings=Warnings())  # what is odd in it is said when it is read
    span = quiet.span(find(encounter, "effectiveTime"), "")
    if span.low is None:
        return False
    return span.low.at - _NEAR <= moment <= (span.high or span.low).at + _NEAR
