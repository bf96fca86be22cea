"""A folder of plain-text notes with a CSV index: one row a note."""

from __future__ import annotations

import hashlib

from query_mgr.charts.fhir.documents import document_kind
from query_mgr.charts.narrative import clean_text, find_sections
from query_mgr.charts.problems import Rejection
from query_mgr.charts.records import DocumentRecord
from query_mgr.charts.tables.encoding import decode
from query_mgr.charts.tables.hospital import NEVER, Entry, Hospital
from query_mgr.charts.tables.people import encounter_key, patients_of
from query_mgr.charts.tables.row import Row
from query_mgr.charts.tables.table import Table

_LONGEST_NOTE = 5 * 1024 * 1024  # bytes; 2,500 pages
KINDS = (
    "discharge_summary", "history_and_physical", "progress_note", "consult_note", "operative_note", "imaging_report",
    "nursing_note", "nutrition_note", "therapy_note", "emergency_note", "other",
)  # fmt: skip
ROLES = (
    "attending", "consultant", "resident", "advanced_practice", "nurse", "dietitian", "therapist", "radiologist",
    "pathologist", "other",
)  # fmt: skip


def read_notes(table: Table, hospital: Hospital) -> list[Entry]:
    """Return the notes that an index lists, and note every cell and file that is wrong."""
    rows = list(table.readable())
    patients = patients_of(rows, hospital)
    first: dict[str, Row] = {}
    entries = []
    for row in rows:
        note = _note(row, patients[row.number].source_key, hospital, table)
        if (before := first.setdefault(note.source_key, row)) is not row and row.text("file"):
            row.wrong("file", f"comes twice, first in {before.place}")
        entries.append(Entry(row, note, patients[row.number]))
    return entries


def _note(row: Row, patient: str, hospital: Hospital, table: Table) -> DocumentRecord:
    name, title = row.needed("file"), row.text("title")
    row.needed("authored_at")
    if row.text("encounter"):
        row.identifier("encounter")
    text = _text(row, name, hospital, table)
    kind = row.choice("kind", KINDS, "") or document_kind({"text": title or name})
    digest = hashlib.sha256(f"{patient}|{name}".encode()).hexdigest()[:24]
    return DocumentRecord(
        source_key=f"note {digest}",
        patient_key=patient,
        encounter_key=encounter_key(row),
        kind=kind,
        title=title or kind.replace("_", " ").capitalize(),
        text=text,
        authored_at=row.moment("authored_at", hospital.zone) or NEVER,
        sections=find_sections(text),
        author_name=row.text("author_name"),
        author_role=row.choice("author_role", ROLES, "other"),
    )


def _text(row: Row, name: str, hospital: Hospital, table: Table) -> str:
    """Return a note as text; what a word processor, a scanner or a web page made is none, whatever its name."""
    if not name:
        return ""
    try:
        content = hospital.read_file(name)
        if what := not_a_note(content):
            raise Rejection("file", name, f"is {what}, not plain text")
        decoded = decode(content, _LONGEST_NOTE)
    except Rejection as refused:
        problem = refused.problems[0]
        row.wrong(
            "file", f"{problem.text} ({problem.where})" if problem.where.startswith("byte") else problem.text
        )
        return ""
    if decoded.warning:
        table.warnings.add("encoding", f"{row.place}, file", f"the note {decoded.warning}")
    text = clean_text(decoded.text)
    if not text:
        row.wrong("file", "is empty")
    return text


#: how a file begins that is no text -> what it is
_BEGINNINGS = (
    (b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP or an Office document"), (b"{\\rtf", "a rich text document (RTF)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"), (b"GIF8", "a picture"), (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"), (b"II*\0", "a picture"), (b"MM\0*", "a picture"), (b"MZ", "a program"),
    (b"\x7fELF", "a program"), (b"\x1f\x8b", "a gzip file"), (b"7z\xbc\xaf", "a 7z archive"), (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a database"),
)  # fmt: skip
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<clinicaldocument")


def not_a_note(content: bytes) -> str:
    """Return what a file is that is no plain text, by how it begins; "" where it may be text."""
    for beginning, what in _BEGINNINGS:
        if content.startswith(beginning) and (beginning != b"MZ" or b"\0" in content[:64]):
            return what
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return "a web page or XML"
    if b"\0" in content[:4000] and content[:2] not in {b"\xff\xfe", b"\xfe\xff"} and content[1:8:2] != b"\0\0\0\0":
        return "no text (it holds NUL bytes)"
    return ""
