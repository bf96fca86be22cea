"""Compositions, document references and report texts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Json, codes, concept_text, dicts, first, words
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.narrative import assemble, clean_text, find_sections, html_to_text
from query_mgr.charts.problems import EntryError
from query_mgr.charts.records import DocumentRecord, Section

#: LOINC document types whose kind their name alone would not tell, or tell wrongly
_KIND_OF_LOINC = {
    "18842-5": "discharge_summary", "28655-9": "discharge_summary", "11490-0": "discharge_summary",
    "34117-2": "history_and_physical", "11492-6": "history_and_physical", "28626-0": "history_and_physical",
    "11506-3": "progress_note", "18733-6": "progress_note",
    "11488-4": "consult_note",
    "11504-8": "operative_note", "28570-0": "operative_note",
    "18748-4": "imaging_report",
    "34746-8": "nursing_note", "34745-0": "nursing_note", "78390-2": "nursing_note",
    "34111-5": "emergency_note", "34878-9": "emergency_note",
}  # fmt: skip
_KIND_OF_WORDS = (
    (r"nurs", "nursing_note"),
    (r"dieti|nutrition", "nutrition_note"),
    (r"physical therap|occupational therap|speech|respiratory therap|rehab", "therapy_note"),
    (r"emergency|\bED\b", "emergency_note"),
    (r"death certificate|cytolog|patholog|laborator|microbiolog", "other"),
    (r"discharge summary|discharge note", "discharge_summary"),
    (r"history and physical|\bH&P\b|admission (note|history)", "history_and_physical"),
    (r"consult", "consult_note"),
    (r"radiolog|imaging|x-ray|\bCT\b|\bMRI?\b|ultrasound|echo", "imaging_report"),
    (r"operati|surgical|procedure note", "operative_note"),
    (r"progress", "progress_note"),
)
_ROLE_OF_KIND = {
    "nursing_note": "nurse",
    "nutrition_note": "dietitian",
    "therapy_note": "therapist",
    "imaging_report": "radiologist",
    "consult_note": "consultant",
    "operative_note": "consultant",
}
_IMAGING = {
    "RAD",
    "CT",
    "US",
    "RUS",
    "OUS",
    "VUS",
    "NMR",
    "NMS",
    "XRC",
    "CUS",
    "RX",
    "394914008",
    "radiology",
    "imaging",
}
_STATUSES = {
    "registered": "preliminary", "partial": "preliminary", "preliminary": "preliminary", "final": "final",
    "amended": "amended", "corrected": "amended", "appended": "amended", "unknown": "preliminary",
    "entered-in-error": "entered_in_error", "cancelled": "entered_in_error", "current": "final",
}  # fmt: skip
_MAX_DEPTH = 20


def document_kind(concept: object, *more: str) -> str:
    """Return the document's kind by its LOINC type, else by the words of its type and title."""
    for _, code in codes(concept):
        if code in _KIND_OF_LOINC:
            return _KIND_OF_LOINC[code]
    text = " ".join((concept_text(concept), *more))
    return next((kind for pattern, kind in _KIND_OF_WORDS if re.search(pattern, text, re.I)), "other")


def read_composition(entry: Entry, context: Context) -> Iterator[DocumentRecord]:
    """Yield a Composition: its sections in order, each below its title."""
    resource = entry.resource
    parts = list(_sections(resource, 0))
    if not parts:
        parts = [("", html_to_text(words(first(resource.get("text")).get("div"))))]
    text, sections = assemble(parts)
    title = words(resource.get("title")) or concept_text(resource.get("type"))
    yield _document(
        entry,
        context,
        resource.get("type"),
        title,
        text,
        sections,
        author=first(resource.get("author")),
        when=("date",),
    )


def _sections(resource: Json, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _MAX_DEPTH:
        raise EntryError("depth", "section", f"sections are nested more than {_MAX_DEPTH} deep")
    for section in dicts(resource.get("section")):
        title = words(section.get("title")) or concept_text(section.get("code"))
        div = first(section.get("text")).get("div")
        body = html_to_text(div) if isinstance(div, str) else ""
        if body:
            yield title, body
        yield from _sections(section, depth + 1)


def read_document_reference(entry: Entry, context: Context) -> Iterator[DocumentRecord]:
    """Yield a DocumentReference whose text came with it; one that was superseded is left out."""
    resource = entry.resource
    if resource.get("status") == "superseded":
        context.warnings.add("superseded", entry.where("status"), "replaced by a newer document, not imported")
        return
    attachments = [each.get("attachment") for each in dicts(resource.get("content"))]
    text = _attached_text(attachments, entry, context, "content.attachment")
    if text is None:
        return
    title = words(first(attachments).get("title")) or concept_text(resource.get("type"))
    yield _document(
        entry, context, resource.get("type"), title, text, find_sections(text),
        author=first(resource.get("author")), when=("date",),
    )  # fmt: skip


def read_report(entry: Entry, context: Context) -> Iterator[DocumentRecord]:
    """Yield a DiagnosticReport that says something its results do not: imaging, pathology, microbiology."""
    resource = entry.resource
    categories = {code for _, code in codes(resource.get("category"))}
    if resource.get("result") and not categories & _IMAGING:
        return  # a panel: its Observations are imported, its text repeats them
    text = _attached_text(list(dicts(resource.get("presentedForm"))), entry, context, "presentedForm")
    if text is None:
        div = first(resource.get("text")).get("div")
        parts = [("", html_to_text(div))] if isinstance(div, str) else []
        conclusion = clean_text(str(resource.get("conclusion") or ""))
        if conclusion and not any(conclusion in body for _, body in parts):
            parts.append(("Conclusion", conclusion))
        text = assemble(parts)[0]
    if not text:
        return
    title = concept_text(resource.get("code")) or words(first(resource.get("presentedForm")).get("title"))
    if not title:
        context.warnings.add("code", entry.where("code"), "is empty; titled by its category")
    author = first(resource.get("resultsInterpreter")) or first(resource.get("performer"))
    yield _document(
        entry, context, resource.get("code"), title or concept_text(resource.get("category")), text,
        find_sections(text), author=author, when=("effectiveDateTime", "issued"),
        kind="imaging_report" if categories & _IMAGING else None,
    )  # fmt: skip


def _document(
    entry: Entry,
    context: Context,
    concept: object,
    title: str,
    text: str,
    sections: tuple[Section, ...],
    *,
    author: Json,
    when: tuple[str, ...],
    kind: str | None = None,
) -> DocumentRecord:
    resource = entry.resource
    if not text:
        raise EntryError("required", "text", "the document has no text")
    status = _STATUSES.get(str(resource.get("docStatus") or resource.get("status")))
    if resource.get("status") == "entered-in-error":
        status = "entered_in_error"
    if status is None:
        raise EntryError(
            "value", "status", f"{str(resource.get('status'))[:40]!r} is no {entry.kind} status of FHIR R4"
        )
    encounter_key = context.encounter(resource) or _context_encounter(resource, context)
    authored_at = context.times.moment(resource, *when)
    if authored_at is None:
        authored_at = context.times.moment(first(resource.get("effectivePeriod")), "end", "start")
    if authored_at is None:
        raise EntryError("required", when[0], "is missing; a document must say when it was written")
    kind = kind or document_kind(concept, title)
    author_key = context.provider(author)
    return DocumentRecord(
        source_key=source_key(entry),
        patient_key=context.patient(resource),
        encounter_key=encounter_key,
        kind=kind,
        title=title or "Untitled document",
        text=text,
        sections=sections,
        authored_at=authored_at,
        author_name=context.names.get(author_key or "") or words(author.get("display")),
        author_role=author_role(author_key, kind, encounter_key, context),
        author_key=author_key,
        status=status,
    )


def _context_encounter(resource: Json, context: Context) -> str | None:
    return context.encounter({"encounter": first(first(resource.get("context")).get("encounter"))})


def author_role(author_key: str | None, kind: str, encounter_key: str | None, context: Context) -> str:
    """Return in which role a document was written.

    What the directory says of the person comes first; then whether they attend the stay; then the document's kind.
    """
    known = context.roles.get(author_key or "", "")
    if known and known != "physician":
        return known
    stay = context.encounters.get(encounter_key or "")
    if kind == "imaging_report":
        return "radiologist"
    if author_key and stay and stay.attending_key == author_key:
        return "attending"
    return "consultant" if known == "physician" else _ROLE_OF_KIND.get(kind, "other")


def _attached_text(attachments: list[object], entry: Entry, context: Context, path: str) -> str | None:
    """Return the first readable text among attachments. A link is never followed: SSRF, and file:// with it."""
    refused = None
    for attachment in dicts(attachments):
        mime = words(attachment.get("contentType")).partition(";")[0].strip().lower()
        data = attachment.get("data")
        if data is None:
            held = context.envelope.find(attachment.get("url")) if attachment.get("url") else None
            data = held.resource.get("data") if held and held.kind == "Binary" else None
        if data is None:
            refused = EntryError(
                "attachment", f"{path}.url", "only text inside the file is read; links are not followed"
            )
        elif mime not in {"text/plain", "text/html", "application/xhtml+xml", "text/markdown", ""}:
            refused = EntryError(
                "attachment", f"{path}.contentType", f"{mime[:40]!r} is not text and was not imported"
            )
        else:
            return _decoded(data, mime, path)
    if refused:
        raise refused
    return None


def _decoded(data: object, mime: str, path: str) -> str:
    try:
        content = base64.b64decode("".join(str(data).split()), validate=True)
    except (binascii.Error, ValueError):
        raise EntryError("attachment", f"{path}.data", "is not valid base64") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EntryError("attachment", f"{path}.data", f"is not {mime or 'text'} in UTF-8") from None
    if text.startswith(("%PDF-", "{\\rtf", "PK\x03\x04")) or "\0" in text:
        raise EntryError("attachment", f"{path}.contentType", f"says {mime!r} but the content is not text")
    return html_to_text(text) if "html" in mime else clean_text(text)


#: resource type -> its reader
READERS: dict[str, Callable[[Entry, Context], Iterator[DocumentRecord]]] = {
    "Composition": read_composition,
    "DocumentReference": read_document_reference,
    "DiagnosticReport": read_report,
}
