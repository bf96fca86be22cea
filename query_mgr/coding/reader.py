"""Read an encounter's codes, their history, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.codes import lookup
from query_mgr.codes.models import Code
from query_mgr.coding.actions import coded_on
from query_mgr.coding.codeset import CodeEntry, Entries
from query_mgr.coding.edits import Issue, issues
from query_mgr.coding.models import CodeAssignment, CodeChange
from query_mgr.platform.db import db


def codes_of(encounter: Encounter) -> list[CodeAssignment]:
    """Return an encounter's codes, the principal diagnosis first."""
    query = select(CodeAssignment).where(CodeAssignment.encounter_id == encounter.id)
    return list(db.session.scalars(query.order_by(CodeAssignment.sequence, CodeAssignment.id)))


def entries_of(encounter: Encounter) -> Entries:
    """Return an encounter's codes as the rules of `codeset` take them."""
    return tuple(CodeEntry(row.ref, row.code, row.title, row.sequence, row.poa) for row in codes_of(encounter))


def assignment(ref: str) -> CodeAssignment | None:
    """Return the code with `ref`, or None where it is gone; `changes_of` still knows it."""
    return db.session.scalar(select(CodeAssignment).where(CodeAssignment.ref == ref))


def changes_of(ref: str) -> list[CodeChange]:
    """Return all that happened to one code, oldest first, also after it was removed."""
    query = select(CodeChange).where(CodeChange.assignment_ref == ref)
    return list(db.session.scalars(query.order_by(CodeChange.id)))


def history_of(encounter: Encounter) -> list[CodeChange]:
    """Return all changes of an encounter's codes, oldest first."""
    query = select(CodeChange).where(CodeChange.encounter_id == encounter.id)
    return list(db.session.scalars(query.order_by(CodeChange.id)))


def issues_of(encounter: Encounter) -> tuple[Issue, ...]:
    """Return what is wrong with an encounter's codes, by the edition of its discharge date."""
    entries = entries_of(encounter)
    return issues(entries, notes_of(entries, encounter), needs_poa=encounter.encounter_class == "inpatient")


def notes_of(entries: Iterable[CodeEntry], encounter: Encounter) -> dict[str, dict[str, Any]]:
    """Return per code the Excludes1 and code-first notes on it and on every level above it."""
    found = {entry.code: lookup.find(entry.code, coded_on(encounter)) for entry in entries}
    known: dict[str, Code] = {code.code: code for code in found.values() if code}
    edition = next((code.code_set_id for code in found.values() if code), None)
    wanted = {code.parent for code in known.values() if code.parent} - known.keys()
    while wanted:
        query = select(Code).where(Code.code_set_id == edition, Code.code.in_(wanted))
        level = list(db.session.scalars(query))
        known |= {code.code: code for code in level}
        wanted = {code.parent for code in level if code.parent} - known.keys()
    return {code: _inherited(code, known) for code in found}


def _inherited(code: str, known: dict[str, Code]) -> dict[str, Any]:
    """Gather a code's notes with those printed above it, which hold for it too."""
    gathered: dict[str, Any] = {"excludes1": [], "code_first": []}
    level = known.get(code)
    while level is not None:
        for key, lines in gathered.items():
            note = level.notes.get(key) or []
            lines.extend(note.splitlines() if isinstance(note, str) else note)
        level = known.get(level.parent) if level.parent else None
    return gathered
