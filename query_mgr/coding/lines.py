"""What can be done to an encounter's procedures (ICD-10-PCS) and service lines (HCPCS, CPT)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Encounter
from query_mgr.coding import codeset
from query_mgr.coding.codeset import CodeEntry, CodingError
from query_mgr.coding.line_details import check_pointers, checked
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.valid import valid_code
from query_mgr.coding.work import DIAGNOSIS, SERVICE, Evidence, Work, allow, checked_evidence, kind_of, side
from query_mgr.platform.db import db, unit_of_work


def add_line(
    actor: Actor,
    encounter: Encounter,
    system: str,
    code: str,
    *,
    evidence: Evidence | None = None,
    reason: str,
    **fields: Any,
) -> CodeAssignment:
    """Add a procedure (icd10pcs) or a service line (hcpcs, cpt), last of its kind.

    fields: see `line_details`. Raises CodingError for a code that cannot be reported on the line's day, or a field
    that makes no sense.
    """
    allow(actor)
    kind = kind_of(system)
    if kind == DIAGNOSIS:
        raise CodingError("a diagnosis is assigned, not added as a line")
    values = checked(fields)
    if kind == SERVICE:
        values = {"claim": "facility", "units": 1.0} | values
    with unit_of_work():
        work = Work(actor, encounter, reason, kind=kind)
        found = valid_code(code, encounter, system, values.get("served_on"))
        check_pointers(values.get("pointers", ()), _diagnosis_refs(encounter))
        entry = CodeEntry("", found.code, found.title, 0)
        after = codeset.add(work.entries, entry)
        return work.save(after, checked_evidence(evidence), system=system, **values)[0]


def change_line(actor: Actor, ref: str, *, reason: str = "", **fields: Any) -> CodeAssignment:
    """Change what a line says besides its code. Raises CodingError naming the field, or where the line is gone."""
    allow(actor)
    values = checked(fields)
    with unit_of_work():
        work = Work.holding(ref, actor, reason)
        row = work.rows[ref]
        if kind_of(row.system) == DIAGNOSIS:
            raise CodingError("a diagnosis has no such details")
        if "served_on" in values:
            valid_code(row.code, work.encounter, row.system, values["served_on"])
        check_pointers(values.get("pointers", ()), _diagnosis_refs(work.encounter))
        before = side(row)
        for name, value in values.items():
            setattr(row, name, value)
        if side(row) != before:
            work.note(row, "detail", before, side(row))
            work.close()
        return row


def _diagnosis_refs(encounter: Encounter) -> set[str]:
    query = select(CodeAssignment.ref).where(CodeAssignment.encounter_id == encounter.id)
    return set(db.session.scalars(query.where(CodeAssignment.system == "icd10cm")))
