"""MDM: documents with their life - new, addendum, replacement, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from query_mgr.charts.fhir.documents import document_kind
from query_mgr.charts.hl7v2.embedded import contents
from query_mgr.charts.hl7v2.events import MDM
from query_mgr.charts.hl7v2.message import Message, Segment
from query_mgr.charts.hl7v2.people import provider_of
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.narrative import find_sections
from query_mgr.charts.problems import Rejection, Warnings
from query_mgr.charts.records import DocumentRecord

#: TXA-2 (HL7 table 0270) -> document kind
_KINDS = {
    "DS": "discharge_summary", "HP": "history_and_physical", "PN": "progress_note", "CN": "consult_note",
    "OP": "operative_note", "SP": "operative_note", "DI": "imaging_report", "RA": "imaging_report",
    "ED": "emergency_note", "NU": "nursing_note", "PC": "other", "TS": "progress_note",
}  # fmt: skip
_TITLES = {
    "DS": "Discharge summary", "HP": "History and physical", "PN": "Progress note", "CN": "Consultation",
    "OP": "Operative report", "SP": "Surgical pathology", "DI": "Diagnostic imaging", "ED": "Emergency note",
}  # fmt: skip
_ROLES = {
    "imaging_report": "radiologist",
    "nursing_note": "nurse",
    "consult_note": "consultant",
    "operative_note": "consultant",
}
#: TXA-17 (table 0271) -> status; a dictated or transcribed draft documents nothing yet
_STATUS = {
    "AU": "final",
    "LA": "final",
    "DO": "final",
    "PA": "preliminary",
    "IP": "preliminary",
    "DI": "preliminary",
    "IN": "preliminary",
}


@dataclass(frozen=True)
class Note:
    """A document as one message tells it; has_status: whether the message says what it is now."""

    record: DocumentRecord
    event: str  # of events.MDM
    has_status: bool = True


def note_of(
    message: Message, trigger: str, patient_key: str, encounter_key: str | None, sender: str, event_at: datetime,
    times: Times, warnings: Warnings,
) -> Note:  # fmt: skip
    """Return the document of TXA and OBX. Raises Rejection where TXA-12 does not say which document it is."""
    unique, (event, relation) = document_number(message), MDM[trigger]
    txa = message.first("TXA") or message.header
    code = txa.text(2, 1)
    title = txa.text(2, 2) or _TITLES.get(code, "") or _order_title(message) or "Document"
    kind = _KINDS.get(code) or document_kind({"text": title})
    text, files = contents(message.of("OBX"), warnings)
    author = next((one for number in (9, 5, 10) if (one := _person(txa, number, sender))), ("", None))
    status = (
        "entered_in_error"
        if event == "cancel" or txa.text(19) == "CA"
        else _STATUS.get(txa.text(17), "preliminary")
    )
    parent = txa.first(13).text(1) or txa.first(13).text(3)
    if not parent or parent == unique:  # a replacement under the same number is an edit
        event, relation = "edit" if relation == "replaces" and event == "new" else event, ""
    if status == "final" and event == "edit":
        status = "amended"
    record = DocumentRecord(
        source_key=f"TXA {sender}|{unique}"[:200],
        patient_key=patient_key,
        encounter_key=encounter_key,
        kind=kind,
        title=f"Addendum: {title}" if trigger in ("T05", "T06") else title,
        text=text,
        authored_at=_written_at(txa, times) or event_at,
        sections=find_sections(text),
        author_name=author[0],
        author_role=_ROLES.get(kind, "attending" if author[0] and kind != "other" else "other"),
        author_key=author[1],
        status=status,
        related_key=f"TXA {sender}|{parent}"[:200] if relation else None,
        relation=relation,
        attachments=files,
    )
    return Note(record, event, event == "cancel" or bool(txa.text(17) or txa.text(19)))


def document_number(message: Message) -> str:
    """Return which document a message is about. Raises Rejection where TXA-12 does not say."""
    txa = message.first("TXA")
    unique = txa.first(12).text(1) or txa.first(12).text(3) if txa else ""
    if not unique:
        raise Rejection("structure", "TXA-12", "says not which document it is about")
    return unique


def _written_at(txa: Segment, times: Times) -> datetime | None:
    """Return when the document was authenticated (TXA-22.15), else transcribed, written or begun."""
    places = ((22, 15), (7, 1), (6, 1), (4, 1))
    return next(filter(None, (times.read(txa.text(*place), f"TXA-{place[0]}") for place in places)), None)


def _order_title(message: Message) -> str:
    order = message.first("OBR")
    return (order.text(4, 2) or order.text(4, 1)) if order else ""


def _person(txa: Segment, number: int, sender: str) -> tuple[str, str | None] | None:
    field = txa.first(number)
    known = provider_of(field, sender)
    if known:
        return known.name, known.source_key
    name = " ".join(filter(None, (field.text(3), field.text(2)))) or (
        field.text(1) if not field.text(1).isdigit() else ""
    )
    return (name, None) if name else None
