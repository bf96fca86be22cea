"""Read an encounter's codes and their history."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.coding.codeset import CodeEntry, Entries
from query_mgr.coding.models import CodeAssignment, CodeChange
from query_mgr.coding.work import DIAGNOSIS, SYSTEMS_OF
from query_mgr.platform.db import db


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
