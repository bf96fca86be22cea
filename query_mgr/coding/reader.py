"""Read an encounter's codes, their history, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.codes import lookup
from query_mgr.codes.models import Code
from query_mgr.coding.codeset import CodeEntry, Entries
from query_mgr.coding.edits import Issue, issues
from query_mgr.coding.models import CodeAssignment, CodeChange
from query_mgr.coding.valid import coded_on
from query_mgr.coding.work import DIAGNOSIS, SYSTEMS_OF
from query_mgr.platform.db import db

NOTES = ("excludes1", "code_first")


def codes_of(encounter: Encounter, kind: str = DIAGNOSIS) -> list[CodeAssignment]:
    """Return an encounter's diagnoses, the principal first; or its procedures or service lines."""
    query = select(CodeAssignment).where(CodeAssignment.encounter_id == encounter.id)
    query = query.where(CodeAssignment.system.in_(SYSTEMS_OF[kind]))
    return list(db.session.scalars(query.order_by(CodeAssignment.sequence, CodeAssignment.id)))


def entries_of(encounter: Encounter) -> Entries:
    """Return an encounter's diagnoses as the rules of `codeset` take them."""
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
    """Return per code the Excludes1 and code-first notes on it and on every level above it, which hold for it too."""
    lineages = lookup.lineages((entry.code for entry in entries), coded_on(encounter))
    return {code: {key: _gathered(levels, key) for key in NOTES} for code, levels in lineages.items()}


def _gathered(levels: Iterable[Code], key: str) -> list[str]:
    notes = [level.notes.get(key) or [] for level in levels]
    return [line for note in notes for line in (note.splitlines() if isinstance(note, str) else note)]
