"""A folder of plain-text notes with a CSV index: one row a note."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from query_mgr.charts.fhir.documents import document_kind
from query_mgr.charts.narrative import clean_text, find_sections
from query_mgr.charts.problems import Rejection
from query_mgr.charts.records import ChartBundle, DocumentRecord, PatientRecord, Reading
from query_mgr.charts.tables.people import encounter_key, patient_of
from query_mgr.charts.tables.rows import INDEX, Row, read_rows, refuse_errors

KINDS = (
    "discharge_summary", "history_and_physical", "progress_note", "consult_note", "operative_note", "imaging_report",
    "nursing_note", "nutrition_note", "therapy_note", "emergency_note", "other",
)  # fmt: skip
ROLES = (
    "attending", "consultant", "resident", "advanced_practice", "nurse", "dietitian", "therapist", "radiologist",
    "pathologist", "other",
)  # fmt: skip


def read_notes(index: bytes, read_file: Callable[[str], bytes], zone: tzinfo) -> Reading:
    """Return the notes that an index lists.

    read_file: returns the bytes of a file of the folder, or raises Rejection. Raises Rejection with every cell that is
    wrong; then nothing is taken.
    """
    rows = read_rows(index, INDEX)
    patients: dict[str, PatientRecord] = {}
    notes: dict[str, DocumentRecord] = {}
    for row in rows:
        patient = patient_of(row)
        if patients.setdefault(patient.source_key, patient) != patient:
            row.wrong("mrn", "is of another patient in an earlier row")
        note = _note(row, patient.source_key, read_file, zone)
        if notes.setdefault(note.source_key, note) is not note:
            row.wrong("file", "comes twice")
    refuse_errors(rows)
    return Reading(ChartBundle(patients=tuple(patients.values()), documents=tuple(notes.values())), ())


def _note(row: Row, patient: str, read_file: Callable[[str], bytes], zone: tzinfo) -> DocumentRecord:
    name, title = row.needed("file"), row.text("title")
    row.needed("authored_at")
    text = _text(row, name, read_file)
    kind = row.choice("kind", KINDS, "") or document_kind({"text": title or name})
    written = row.moment("authored_at", zone) or datetime.min.replace(tzinfo=UTC)
    digest = hashlib.sha256(f"{patient}|{name}".encode()).hexdigest()[:24]
    return DocumentRecord(
        source_key=f"note {digest}",
        patient_key=patient,
        encounter_key=encounter_key(row),
        kind=kind,
        title=title or kind.replace("_", " ").capitalize(),
        text=text,
        authored_at=written,
        sections=find_sections(text),
        author_name=row.text("author_name"),
        author_role=row.choice("author_role", ROLES, "other"),
    )


def _text(row: Row, name: str, read_file: Callable[[str], bytes]) -> str:
    try:
        content = read_file(name) if name else b""
        text = clean_text(content.decode("utf-8-sig"))
    except Rejection as refused:
        row.wrong("file", refused.problems[0].text)
        return ""
    except UnicodeDecodeError as error:
        row.wrong("file", f"is not UTF-8 text (byte {error.start})")
        return ""
    if name and not text:
        row.wrong("file", "is empty")
    return text
