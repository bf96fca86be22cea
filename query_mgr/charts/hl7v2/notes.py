"""MDM: documents with their life - new, addendum, replacement, cancel."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from query_mgr.charts.fhir.documents import document_kind
from query_mgr.charts.hl7v2.events import MDM
from query_mgr.charts.hl7v2.message import Message, Segment
from query_mgr.charts.hl7v2.people import provider_of
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.narrative import clean_text, find_sections, html_to_text
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
_EFFECT = {"addendum": "final", "edit": "amended"}


@dataclass(frozen=True)
class Note:
    """A document as one message tells it; `replaces` is the document that this one takes the place of."""

    record: DocumentRecord
    event: str  # of events.MDM
    replaces: str = ""


def note_of(
    message: Message, trigger: str, patient_key: str, encounter_key: str | None, sender: str, event_at: datetime,
    times: Times, warnings: Warnings,
) -> Note:  # fmt: skip
    """Return the document of TXA and OBX. Raises Rejection where TXA-12 does not say which document it is."""
    txa, event = message.first("TXA"), MDM[trigger]
    unique = txa.first(12).text(1) or txa.first(12).text(3) if txa else ""
    if txa is None or not unique:
        raise Rejection("structure", "TXA-12", "says not which document it is about")
    code = txa.text(2, 1)
    title = txa.text(2, 2) or _TITLES.get(code, "") or _order_title(message) or "Document"
    kind = _KINDS.get(code) or document_kind({"text": title})
    text = _text(message, warnings)
    author = next((one for number in (9, 5, 10) if (one := _person(txa, number, sender))), ("", None))
    status = (
        "entered_in_error"
        if event == "cancel" or txa.text(19) == "CA"
        else _STATUS.get(txa.text(17), "preliminary")
    )
    if status == "final":
        status = _EFFECT.get(event, status)
    parent = txa.first(13).text(1) or txa.first(13).text(3)
    record = DocumentRecord(
        source_key=f"TXA {sender}|{unique}"[:200],
        patient_key=patient_key,
        encounter_key=encounter_key,
        kind=kind,
        title=f"Addendum: {title}" if event == "addendum" else title,
        text=text,
        authored_at=_written_at(txa, times) or event_at,
        sections=find_sections(text),
        author_name=author[0],
        author_role=_ROLES.get(kind, "attending" if author[0] and kind != "other" else "other"),
        author_key=author[1],
        status=status,
    )
    return Note(record, event, f"TXA {sender}|{parent}"[:200] if event == "replace" and parent else "")


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


def _text(message: Message, warnings: Warnings) -> str:
    parts = []
    for one in message.of("OBX"):
        kind, field = one.text(2), one.first(5)
        if kind in ("TX", "FT", "ST"):
            parts.append("\n".join(repetition.whole() for repetition in one.all(5)))
        elif kind == "ED" and field.text(5):
            parts.append(_embedded(field.text(2), field.text(3), field.text(4), field.text(5), warnings))
    return clean_text("\n".join(parts))


def _embedded(kind: str, subtype: str, encoding: str, data: str, warnings: Warnings) -> str:
    what = f"{kind}/{subtype}".lower()
    if not any(word in what for word in ("text", "html", "plain")):
        warnings.add("attachment", "OBX-5", f"an attachment of type {what[:40]} is not read")
        return ""
    try:
        text = (
            base64.b64decode(data, validate=True).decode("utf-8", "replace")
            if encoding.lower() == "base64"
            else data
        )
    except (binascii.Error, ValueError):
        warnings.add("attachment", "OBX-5", "is not valid base64; its text was left out")
        return ""
    return html_to_text(text) if "html" in what else text
