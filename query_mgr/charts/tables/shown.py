"""How the rows of a table are shown before they are taken: as they would be stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from query_mgr.charts.records import DocumentRecord
from query_mgr.charts.tables.columns import CODES, INDEX, STAYS
from query_mgr.charts.tables.hospital import Entry


@dataclass(frozen=True)
class Shown:
    """A column of the preview: its heading, the column of the table that it comes from, and its text."""

    heading: str
    column: str
    text: Callable[[Entry, tzinfo], str]
    is_derived: bool = False  # shown even where the table has no such column


def _of(name: str) -> Callable[[Entry, tzinfo], str]:
    return lambda entry, zone: _plain(getattr(entry.record, name), zone)


def _patient(name: str) -> Callable[[Entry, tzinfo], str]:
    return lambda entry, zone: _plain(getattr(entry.patient, name), zone) if entry.patient else ""


def _plain(value: Any, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%b %d, %Y %H:%M")
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value).replace("_", " ")


def _exact(name: str) -> Callable[[Entry, tzinfo], str]:
    return lambda entry, zone: str(getattr(entry.record, name))


def _note(entry: Entry) -> DocumentRecord:
    assert isinstance(entry.record, DocumentRecord)
    return entry.record


#: kind of table -> what is shown of its rows
SHOWN: dict[str, tuple[Shown, ...]] = {
    STAYS.name: (
        Shown("MRN", "mrn", _patient("mrn")),
        Shown("Family name", "family_name", _patient("family_name")),
        Shown("Given names", "given_names", _patient("given_names")),
        Shown("Born", "birth_on", _patient("birth_on")),
        Shown("Sex", "sex", _patient("sex")),
        Shown("Encounter", "encounter", _exact("number")),
        Shown("Class", "class", _of("encounter_class")),
        Shown("Admitted", "admitted_at", _of("admitted_at")),
        Shown("Discharged", "discharged_at", _of("discharged_at")),
        Shown("Attending", "attending_npi", lambda entry, zone: entry.provider.name if entry.provider else ""),
        Shown("Service line", "service_line", _exact("service_line")),
        Shown("Payer", "payer", _exact("payer")),
        Shown("Facility", "facility", _exact("facility")),
        Shown("Reason", "reason", _exact("reason")),
        Shown("Discharge status", "disposition", _exact("disposition")),
    ),
    CODES.name: (
        Shown("Encounter", "encounter", lambda entry, zone: entry.row.text("encounter")),
        Shown("Code system", "code_system", _exact("code_system")),
        Shown("Code", "code", _exact("code")),
        Shown("Kind", "", _of("kind"), True),
        Shown("Role", "role", _of("role")),
        Shown("Sequence", "sequence", _of("sequence")),
        Shown("POA", "poa", _of("poa")),
        Shown("Modifiers", "modifiers", _of("modifiers")),
        Shown("Units", "units", _of("units")),
        Shown("Served", "served_on", _of("served_at")),
        Shown("Name", "name", _exact("name")),
        Shown("Status", "status", _of("status")),
    ),
    INDEX.name: (
        Shown("File", "file", lambda entry, zone: entry.row.text("file")),
        Shown("MRN", "mrn", _patient("mrn")),
        Shown("Family name", "family_name", _patient("family_name")),
        Shown("Encounter", "encounter", lambda entry, zone: entry.row.text("encounter")),
        Shown("Kind", "kind", _of("kind"), True),
        Shown("Title", "title", _exact("title")),
        Shown("Written", "authored_at", _of("authored_at")),
        Shown("Author", "author_name", _exact("author_name")),
        Shown("Author role", "author_role", _of("author_role")),
        Shown("Sections", "", lambda entry, zone: str(len(_note(entry).sections)), True),
        Shown("Characters", "", lambda entry, zone: f"{len(_note(entry).text):,}", True),
    ),
}
