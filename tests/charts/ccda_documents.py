"""Small C-CDA documents for tests."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from query_mgr.charts.ccda import read_document
from query_mgr.charts.records import FactRecord, Reading

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
MRN_ROOT = "2.16.840.1.113883.19.5"
T = "2.16.840.1.113883.10.20.22.4."
LOINC = 'codeSystem="2.16.840.1.113883.6.1"'
SNOMED = 'codeSystem="2.16.840.1.113883.6.96"'
ICD10 = 'codeSystem="2.16.840.1.113883.6.90"'
RXNORM = 'codeSystem="2.16.840.1.113883.6.88"'
CPT = 'codeSystem="2.16.840.1.113883.6.12"'

PATIENT = f"""<recordTarget><patientRole>
  <id root="2.16.840.1.113883.4.1" extension="999-00-0000"/><id root="{MRN_ROOT}" extension="0001234"/>
  <patient><name use="OLD"><family>Old</family></name><name use="L"><given>Ana</given><given>M</given>
  <family>Rivera</family></name><administrativeGenderCode code="F"/><birthTime value="19500203"/></patient>
</patientRole></recordTarget>"""
AUTHOR = """<author><time value="202603020900-0500"/><assignedAuthor>
  <id root="2.16.840.1.113883.4.6" extension="1234567893"/>
  <code code="208M00000X" codeSystem="2.16.840.1.113883.6.101" displayName="Hospitalist"/>
  <assignedPerson><name><given>Alma</given><family>Reyes</family><suffix>MD</suffix></name></assignedPerson>
</assignedAuthor></author>"""
CUSTODIAN = """<custodian><assignedCustodian><representedCustodianOrganization>
  <id root="2.16.840.1.113883.19.9"/><name>North Hospital</name>
</representedCustodianOrganization></assignedCustodian></custodian>"""
STAY = """<componentOf><encompassingEncounter><id root="2.16.840.1.113883.19.7" extension="V77"/>
  <code code="IMP" codeSystem="2.16.840.1.113883.5.4"/>
  <effectiveTime><low value="202603010800-0500"/><high value="202603051200-0500"/></effectiveTime>
  <encounterParticipant typeCode="ATND"><assignedEntity><id root="2.16.840.1.113883.4.6" extension="1234567893"/>
  <assignedPerson><name><given>Alma</given><family>Reyes</family><suffix>MD</suffix></name></assignedPerson>
  </assignedEntity></encounterParticipant></encompassingEncounter></componentOf>"""


def a_document(
    *sections: str,
    code: str = "11506-3",
    title: str = "Progress note",
    id_: str = '<id root="1.2.3.4" extension="doc-1"/>',
    made: str = "202603020900-0500",
    patient: str = PATIENT,
    author: str = AUTHOR,
    related: str = "",
    stay: str = STAY,
    body: str | None = None,
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n',
    namespaces: str = 'xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
) -> bytes:
    """Return a document as it lies in a file; `sections` are its body unless `body` is given."""
    parts = sections or (a_section("HISTORY", "<paragraph>Feels weak.</paragraph>"),)
    inside = body or f"<structuredBody>{''.join(parts)}</structuredBody>"
    return (
        f"{prolog}<ClinicalDocument {namespaces}>{id_}"
        f'<code code="{code}" {LOINC} displayName="{title}"/><title>{title}</title>'
        f'<effectiveTime value="{made}"/>{patient}{author}{CUSTODIAN}{related}{stay}'
        f"<component>{inside}</component></ClinicalDocument>"
    ).encode()


def a_section(title: str, text: str = "", *entries: str, code: str = "10164-2", nested: str = "") -> str:
    """Return a section as a component of a body or of another section."""
    shown = f"<text>{text}</text>" if text else ""
    listed = "".join(f"<entry>{one}</entry>" for one in entries)
    return f'<component><section><code code="{code}" {LOINC}/><title>{title}</title>{shown}{listed}{nested}</section></component>'


def an_observation(
    template: str = f"{T}2",
    *,
    code: str = f'code="2160-0" {LOINC} displayName="Creatinine"',
    value: str = '<value xsi:type="PQ" value="2.40" unit="mg/dL"/>',
    when: str = '<effectiveTime value="202603020600-0500"/>',
    status: str = "completed",
    more: str = "",
    attributes: str = "",
    id_: str = '<id root="1.9" extension="o1"/>',
) -> str:
    """Return an observation; by default a creatinine result."""
    known = f'<templateId root="{template}"/>' if template else ""
    return (
        f'<observation classCode="OBS" moodCode="EVN" {attributes}>{known}{id_}<code {code}/>'
        f'<statusCode code="{status}"/>{when}{value}{more}</observation>'
    )


def a_problem(
    value: str = f'<value xsi:type="CD" code="44054006" {SNOMED} displayName="Diabetes mellitus type 2"/>',
    *,
    concern: str = "active",
    when: str = '<effectiveTime><low value="202603010900-0500"/></effectiveTime>',
    more: str = "",
    attributes: str = "",
    id_: str = '<id root="1.9" extension="p1"/>',
) -> str:
    """Return a problem in its concern act."""
    problem = an_observation(
        f"{T}4",
        code=f'code="55607006" {SNOMED}',
        value=value,
        when=when,
        more=more,
        attributes=attributes,
        id_=id_,
    )
    return (
        f'<act classCode="ACT" moodCode="EVN"><templateId root="{T}3"/><statusCode code="{concern}"/>'
        f'<entryRelationship typeCode="SUBJ">{problem}</entryRelationship></act>'
    )


def a_drug_entry() -> str:
    """Return a medication entry."""
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="{T}16"/><id root="1.9" extension="m1"/>'
        '<statusCode code="active"/><effectiveTime><low value="20260301"/></effectiveTime><doseQuantity value="1"/>'
        f'<consumable><manufacturedProduct><manufacturedMaterial><code code="314076" {RXNORM} displayName="lisinopril"/>'
        "</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>"
    )


def results(*entries: str, text: str = "<paragraph>See below.</paragraph>") -> bytes:
    """Return a document with one results section."""
    return a_document(a_section("RESULTS", text, *entries, code="30954-2"))


def problems(*entries: str, text: str = "<paragraph>See below.</paragraph>") -> bytes:
    """Return a document with one problem section."""
    return a_document(a_section("PROBLEMS", text, *entries, code="11450-4"))


def read(content: bytes) -> Reading:
    """Return what a document tells."""
    return read_document(content, ZONE, NOW)


def facts(content: bytes) -> tuple[FactRecord, ...]:
    """Return the facts of a document."""
    return read(content).bundle.facts


def text_of(content: bytes) -> str:
    """Return the text of a document."""
    return read(content).bundle.documents[0].text


def unstructured(data: bytes | str, media: str = "text/plain", *, is_encoded: bool = True) -> bytes:
    """Return a document whose body is no XML."""
    raw = data.encode() if isinstance(data, str) else data
    inside = base64.b64encode(raw).decode() if is_encoded else raw.decode()
    how = ' representation="B64"' if is_encoded else ""
    return a_document(body=f'<nonXMLBody><text mediaType="{media}"{how}>{inside}</text></nonXMLBody>')
