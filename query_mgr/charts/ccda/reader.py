"""One C-CDA document into chart records."""

from __future__ import annotations

from datetime import datetime, tzinfo

from lxml import etree

from query_mgr.charts.ccda.bodies import pictures_of, read_non_xml
from query_mgr.charts.ccda.elements import find
from query_mgr.charts.ccda.entries import read_entries
from query_mgr.charts.ccda.facts import Context
from query_mgr.charts.ccda.header import Header, attending_of, header_of, stay_of
from query_mgr.charts.ccda.intake import document_root
from query_mgr.charts.ccda.narrative import Narrative, sections_of
from query_mgr.charts.ccda.people import Person, patient_of
from query_mgr.charts.ccda.times import Times
from query_mgr.charts.narrative import assemble, find_sections
from query_mgr.charts.problems import Rejection, Warnings
from query_mgr.charts.records import (
    AttachmentRecord,
    ChartBundle,
    DocumentRecord,
    ProviderRecord,
    Reading,
    Section,
)


def read_document(content: bytes, zone: tzinfo, now: datetime) -> Reading:
    """Return what a C-CDA document tells of its patient.

    Raises Rejection for what is no document within bounds or about no single patient; Held for a part of a document, a
    patient without a number of the hospital's, and a body that is only a link.
    """
    root = document_root(content)
    warnings = Warnings()
    times = Times(zone, now, warnings)
    patient = patient_of(root, times)
    attending = attending_of(root, times)
    header = header_of(root, attending, times)
    encounter_key, encounter = stay_of(root, header, patient.source_key, attending, times)
    body = _body(root)
    text, sections, attachments = _read_body(body, warnings)
    context = Context(
        patient.source_key, encounter_key, encounter, header.made_at, Narrative(root), times, warnings
    )
    facts, codes = read_entries(body, context)
    if not (text or attachments or facts):
        raise Rejection("required", "component", "the document holds no text, no file and no entry that is read")
    document = _document(header, patient.source_key, encounter_key, text, sections, attachments)
    bundle = ChartBundle(
        providers=_providers(header.author, attending),
        patients=(patient,),
        encounters=(encounter,) if encounter else (),
        documents=(document,),
        facts=facts,
        codes=codes,
    )
    return Reading(bundle, warnings.lines())


def _body(root: etree._Element) -> etree._Element:
    for name in ("structuredBody", "nonXMLBody"):
        body = find(root, f"component/{name}")
        if body is not None:
            return body
    raise Rejection(
        "required", "component", "holds neither a structuredBody nor a nonXMLBody; the document has no text"
    )


def _read_body(
    body: etree._Element, warnings: Warnings
) -> tuple[str, tuple[Section, ...], tuple[AttachmentRecord, ...]]:
    if body.tag.endswith("}nonXMLBody"):
        text, attachments = read_non_xml(body, warnings)
        return text, find_sections(text), attachments
    text, sections = assemble(sections_of(body, warnings))
    return text, sections, tuple(pictures_of(body, warnings))


def _providers(author: Person, attending: Person | None) -> tuple[ProviderRecord, ...]:
    found = [one.provider for one in (author, attending) if one and one.provider]
    return tuple({one.source_key: one for one in found}.values())


def _document(
    header: Header,
    patient_key: str,
    encounter_key: str | None,
    text: str,
    sections: tuple[Section, ...],
    attachments: tuple[AttachmentRecord, ...],
) -> DocumentRecord:
    author = header.author.provider
    return DocumentRecord(
        source_key=header.key,
        patient_key=patient_key,
        encounter_key=encounter_key,
        kind=header.kind,
        title=f"Addendum: {header.title}" if header.relation == "addendum" else header.title,
        text=text,
        authored_at=header.made_at,
        sections=sections,
        author_name=header.author.name,
        author_role=header.author_role,
        author_key=author.source_key if author else None,
        status=header.status,
        related_key=header.related_key,
        relation=header.relation,
        attachments=attachments,
    )
