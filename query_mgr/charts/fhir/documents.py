"""Compositions, document references and report texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from query_mgr.charts.fhir.attached import Attached, read_attached
from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Json, codes, concept_text, dicts, first, words
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.narrative import assemble, clean_text, find_sections, html_to_text
from query_mgr.charts.problems import EntryError
from query_mgr.charts.records import DocumentRecord

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
    "superseded": "replaced",
    # of a CarePlan; one that ended early was a plan
    "draft": "preliminary", **dict.fromkeys(("active", "on-hold", "revoked", "completed"), "final"),
}  # fmt: skip
_RELATIONS = {"replaces": "replaces", "appends": "addendum", "transforms": ""}
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
    document = _document(
        entry, context, resource.get("type"), title, Attached(text), author=first(resource.get("author"))
    )
    document = replace(document, sections=sections)
    context.told.add(_told(document))
    yield document


def _told(document: DocumentRecord) -> int:
    bodies = frozenset(document.text[each.start : each.end] for each in document.sections)
    return hash((document.encounter_key, document.kind, document.authored_at, bodies))


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
    """Yield a DocumentReference with what came with it; one that was superseded is kept as replaced."""
    resource = entry.resource
    attachments = [each.get("attachment") for each in dicts(resource.get("content"))]
    attached = read_attached(attachments, entry, context, "content.attachment")
    if not attachments:
        return
    title = words(first(attachments).get("title")) or concept_text(resource.get("type"))
    author = first(resource.get("author"))
    yield _document(entry, context, resource.get("type"), title, attached, author=author)


def read_report(entry: Entry, context: Context) -> Iterator[DocumentRecord]:
    """Yield a DiagnosticReport that says something its results do not: imaging, pathology, microbiology.

    A report that a Composition of the same minute already tells is left out.
    """
    resource = entry.resource
    categories = {code for _, code in codes(resource.get("category"))}
    is_imaging = bool(categories & _IMAGING)
    attached = read_attached(dicts(resource.get("presentedForm")), entry, context, "presentedForm")
    if resource.get("result") and not is_imaging and not attached.files:
        return  # a panel: its Observations are imported, its text repeats them
    attached = replace(attached, text=attached.text or _narrative(resource))
    if not attached.text and not attached.files:
        return
    title = concept_text(resource.get("code")) or words(first(resource.get("presentedForm")).get("title"))
    if not title:
        context.warnings.add("code", entry.where("code"), "is empty; titled by its category")
    author = first(resource.get("resultsInterpreter")) or first(resource.get("performer"))
    document = _document(
        entry, context, resource.get("code"), title or concept_text(resource.get("category")), attached,
        author=author, when=("effectiveDateTime", "issued"), kind="imaging_report" if is_imaging else None,
    )  # fmt: skip
    if _told(document) not in context.told:
        yield document


def _narrative(resource: Json) -> str:
    div = first(resource.get("text")).get("div")
    parts = [("", html_to_text(div))] if isinstance(div, str) else []
    conclusion = clean_text(str(resource.get("conclusion") or ""))
    if conclusion and not any(conclusion in body for _, body in parts):
        parts.append(("Conclusion", conclusion))
    return assemble(parts)[0]


def read_care_plan(entry: Entry, context: Context) -> Iterator[DocumentRecord]:
    """Yield a CarePlan as a document: what it is for, its activities and goals."""
    resource = entry.resource
    activities = [first(each.get("detail")) for each in dicts(resource.get("activity"))]
    lists = (
        ("For", [_named(each, context) for each in dicts(resource.get("addresses"))]),
        ("Activities", [_line(each.get("code"), each, "status") for each in activities]),
        ("Goals", [_named(each, context) for each in dicts(resource.get("goal"))]),
    )
    parts = [(title, "\n".join(dict.fromkeys(filter(None, lines)))) for title, lines in lists]
    text = assemble((title, body) for title, body in parts if body)[0]
    name = words(resource.get("title")) or concept_text(resource.get("category"))
    title = name if "plan" in name.lower() else f"Care plan: {name}".rstrip(": ")
    dated = {"created": first(resource.get("period")).get("start"), **resource}
    yield _document(
        replace(entry, resource=dated), context, resource.get("category"), title,
        Attached(text or _narrative(resource)), author=first(resource.get("author")), when=("created",), kind="other",
    )  # fmt: skip


def _line(concept: object, resource: Json, *more: str) -> str:
    said = ", ".join(filter(None, (words(resource.get(name)) for name in more)))
    text = concept_text(concept) or words(resource.get("description"))
    return f"{text} ({said})" if text and said else text


def _named(reference: Json, context: Context) -> str:
    """Return what the Condition or Goal is called that a Reference points to."""
    entry = context.envelope.find(reference)
    resource = entry.resource if entry else {}
    name = concept_text(resource.get("code")) or concept_text(resource.get("description"))
    return name or words(reference.get("display"))


def _document(
    entry: Entry,
    context: Context,
    concept: object,
    title: str,
    attached: Attached,
    *,
    author: Json,
    when: tuple[str, ...] = ("date",),
    kind: str | None = None,
) -> DocumentRecord:
    resource = entry.resource
    if not attached.text and not attached.files:
        raise EntryError("required", "text", "the document has no text")
    encounter_key = context.encounter(resource) or _context_encounter(resource, context)
    authored_at = context.times.moment(resource, *when)
    if authored_at is None:
        authored_at = context.times.moment(first(resource.get("effectivePeriod")), "end", "start")
    if authored_at is None:
        raise EntryError("required", when[0], "is missing; a document must say when it was written")
    kind = kind or document_kind(concept, title)
    author_key = context.provider(author)
    related_key, relation = _related(resource, context)
    return DocumentRecord(
        source_key=source_key(entry),
        patient_key=context.patient(resource),
        encounter_key=encounter_key,
        kind=kind,
        title=title or "Untitled document",
        text=attached.text,
        sections=find_sections(attached.text),
        authored_at=authored_at,
        author_name=context.names.get(author_key or "") or words(author.get("display")),
        author_role=author_role(author_key, kind, encounter_key, context),
        author_key=author_key,
        status=_status(entry),
        related_key=related_key,
        relation=relation,
        attachments=attached.files,
    )


def _status(entry: Entry) -> str:
    own, of_text = (str(entry.resource.get(name) or "") for name in ("status", "docStatus"))
    status = _STATUSES.get(own if own in {"entered-in-error", "superseded"} or not of_text else of_text)
    if status is None:
        raise EntryError("value", "status", f"{own[:40]!r} is no {entry.kind} status of FHIR R4")
    return status


def _related(resource: Json, context: Context) -> tuple[str | None, str]:
    """Return (source_key, relation) of the document that this one replaces, amends or is another form of."""
    for each in dicts(resource.get("relatesTo")):
        target = first(each.get("target")) or first(each.get("targetReference"))
        relation, entry = _RELATIONS.get(words(each.get("code"))), context.envelope.find(target)
        url = words(target.get("reference"))
        if relation is None or not (entry or "/" in url):
            continue
        return (source_key(entry) if entry else "/".join(url.split("/")[-2:]))[:200], relation
    return None, ""


def _context_encounter(resource: Json, context: Context) -> str | None:
    return context.encounter({"encounter": first(first(resource.get("context")).get("encounter"))})


def author_role(author_key: str | None, kind: str, encounter_key: str | None, context: Context) -> str:
    """Return in which role a document was written.

    What the directory says of the person comes first; then whether they attend the stay; then the document's kind.
    """
    known = context.roles.get(author_key or "", "")
    if known and known != "physician":
        return known
    stay = context.stays.get(encounter_key or "")
    if kind == "imaging_report":
        return "radiologist"
    if author_key and stay and stay.attending_key == author_key:
        return "attending"
    return "consultant" if known == "physician" else _ROLE_OF_KIND.get(kind, "other")


#: resource type -> its reader
READERS: dict[str, Callable[[Entry, Context], Iterator[DocumentRecord]]] = {
    "Composition": read_composition,
    "DocumentReference": read_document_reference,
    "DiagnosticReport": read_report,
    "CarePlan": read_care_plan,
}
