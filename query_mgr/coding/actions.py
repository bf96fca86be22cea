"""What can be done to an encounter's codes. Every change keeps who, when, why, and both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from query_mgr.accounts.session import SYSTEM, Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.codes import icd10cm, lookup
from query_mgr.codes.models import Code
from query_mgr.coding import codeset
from query_mgr.coding.codeset import CodeEntry, CodingError, Entries
from query_mgr.coding.models import CodeAssignment, CodeChange
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings

Evidence = dict[str, Any]
EVIDENCE_KINDS = ("document", "fact", "answer")


def assign(
    actor: Actor,
    encounter: Encounter,
    code: str,
    *,
    poa: str = "",
    evidence: Evidence | None = None,
    reason: str,
    sequence: int | None = None,
    answer_ref: str | None = None,
) -> CodeAssignment:
    """Add a code to an encounter, last or at `sequence` (1 = principal).

    Raises CodingError for a code that cannot be reported on this encounter's date, or stands on it already.
    """
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, encounter, reason, answer_ref)
        found = valid_code(code, encounter)
        for row in work.rows.values():
            if row.code == found.code:
                raise CodingError(f"{found.code} is on this encounter already, as number {row.sequence}")
        entry = CodeEntry("", found.code, found.title, 0, codeset.checked_poa(poa))
        return work.save(codeset.add(work.entries, entry, sequence), checked_evidence(evidence))[0]


def remove(actor: Actor, ref: str, *, reason: str, answer_ref: str | None = None) -> None:
    """Take a code off its encounter; the ones behind it move up."""
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, _encounter_of(ref), reason, answer_ref)
        work.save(codeset.remove(work.entries, ref))


def replace(
    actor: Actor,
    ref: str,
    code: str,
    *,
    reason: str,
    poa: str | None = None,
    evidence: Evidence | None = None,
    answer_ref: str | None = None,
) -> CodeAssignment:
    """Put another code in a code's place; it keeps its ref, its sequence and, unless `poa` is given, its POA.

    The old evidence goes: it supported the old code.
    """
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, _encounter_of(ref), reason, answer_ref)
        found = valid_code(code, work.encounter)
        twin = next((row for row in work.rows.values() if row.code == found.code and row.ref != ref), None)
        if twin:
            raise CodingError(f"{found.code} is on this encounter already, as number {twin.sequence}; remove one")
        after = codeset.replace_code(work.entries, ref, found.code, found.title, poa)
        work.save(after, checked_evidence(evidence))
        return work.rows[ref]


def set_poa(actor: Actor, ref: str, poa: str, *, reason: str = "", answer_ref: str | None = None) -> None:
    """Set a code's present-on-admission indicator: Y, N, U, W, 1 (exempt), or "" to clear it."""
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, _encounter_of(ref), reason, answer_ref)
        work.save(codeset.set_poa(work.entries, ref, poa))


def move(actor: Actor, ref: str, sequence: int, *, reason: str = "") -> None:
    """Give a code another place; sequence 1 makes it the principal diagnosis."""
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, _encounter_of(ref), reason, None)
        work.save(codeset.move(work.entries, ref, sequence), moved=ref)


def set_evidence(actor: Actor, ref: str, evidence: Evidence | None, *, reason: str = "") -> None:
    """Say where a code is documented: {"kind": "document"|"fact"|"answer", "ref", "start", "end", "text", "label"}."""
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, _encounter_of(ref), reason, None)
        row, new = work.rows[ref], checked_evidence(evidence)
        if row.evidence != new:
            before = _side(row)
            row.evidence = new
            work.note(row, "evidence", before, _side(row))
            work.close()


def apply_changes(
    actor: Actor,
    encounter: Encounter,
    changes: Sequence[Mapping[str, Any]],
    *,
    reason: str,
    answer_ref: str | None = None,
    evidence: Evidence | None = None,
) -> Entries:
    """Apply `changes` as `codeset.apply` does, all of them or none, and return the code set as it is after.

    Codes that come in are documented by `evidence`, or else by the answer.
    """
    _allow(actor)
    with unit_of_work():
        work = _Work(actor, encounter, reason, answer_ref)
        if evidence is None and answer_ref:
            evidence = {"kind": "answer", "ref": answer_ref, "label": "Signed answer"}
        work.save(codeset.apply(work.entries, titled(changes, encounter)), checked_evidence(evidence))
        return work.entries


def titled(changes: Sequence[Mapping[str, Any]], encounter: Encounter) -> list[dict[str, Any]]:
    """Return `changes` with each incoming code checked, written as the tabular writes it, and with its title."""
    result = []
    for change in changes:
        if change.get("op") in {"add", "replace"}:
            found = valid_code(str(change.get("code") or ""), encounter)
            change = {**change, "code": found.code, "title": found.title}
        result.append(dict(change))
    return result


def valid_code(text: str, encounter: Encounter) -> Code:
    """Return the reportable code that `text` names on the encounter's date. Raises CodingError with the reason."""
    try:
        code = icd10cm.normalize(text)
    except icd10cm.CodeError as error:
        raise CodingError(str(error)) from None
    on = coded_on(encounter)
    found = lookup.find(code, on)
    if found is None:
        raise CodingError(lookup.why_missing(code, on))
    if not found.is_billable:
        raise CodingError(f"{code} ({found.title}) is a category and cannot be reported; choose a code below it")
    return found


def coded_on(encounter: Encounter) -> date:
    """Return the date that decides the code edition: discharge, or today, in the hospital's own time."""
    return (encounter.discharged_at or clock.now()).astimezone(ZoneInfo(current_settings().time_zone)).date()


def checked_evidence(evidence: Evidence | None) -> Evidence | None:
    """Return the evidence if it says what it points at. Raises CodingError."""
    if evidence is None:
        return None
    if evidence.get("kind") not in EVIDENCE_KINDS or not evidence.get("ref"):
        raise CodingError(f"evidence needs a kind ({', '.join(EVIDENCE_KINDS)}) and the ref of what it points at")
    start, end = evidence.get("start"), evidence.get("end")
    if (start is None) != (end is None) or (start is not None and end is not None and not 0 <= start < end):
        raise CodingError("evidence needs both ends of its passage, the first before the second")
    return evidence


def _allow(actor: Actor) -> None:
    """Hold people to the permission table. SYSTEM, which no request can be, loads the demo hospital."""
    if actor is not SYSTEM:
        actor.must("coding.edit")


def _encounter_of(ref: str) -> Encounter:
    query = select(Encounter).join(CodeAssignment, CodeAssignment.encounter_id == Encounter.id)
    found = db.session.scalar(query.where(CodeAssignment.ref == ref))
    if found is None:
        raise CodingError("this code is no longer on the encounter; load the page again")
    return found


def _side(row: CodeAssignment) -> dict[str, Any]:
    """Return one side of a change."""
    return {
        "code": row.code,
        "title": row.title,
        "sequence": row.sequence,
        "poa": row.poa,
        "evidence": row.evidence,
    }


class _Work:
    """One encounter's rows under change: a new code set in, rows, history and audit out."""

    def __init__(self, actor: Actor, encounter: Encounter, reason: str, answer_ref: str | None) -> None:
        self.actor, self.encounter, self.reason, self.answer_ref = actor, encounter, reason.strip(), answer_ref
        self.actions: list[str] = []
        # Two people who code one encounter at once must not both become number 4.
        db.session.execute(select(Encounter.id).where(Encounter.id == encounter.id).with_for_update())
        query = select(CodeAssignment).where(CodeAssignment.encounter_id == encounter.id)
        found = db.session.scalars(query.order_by(CodeAssignment.sequence, CodeAssignment.id))
        self.rows = {row.ref: row for row in found}

    @property
    def entries(self) -> Entries:
        rows = self.rows.values()
        return codeset.ordered(CodeEntry(row.ref, row.code, row.title, row.sequence, row.poa) for row in rows)

    def save(self, after: Entries, evidence: Evidence | None = None, moved: str = "") -> list[CodeAssignment]:
        """Make the rows say `after`; return the ones that came in. `moved`: the row whose place a person chose."""
        kept = {entry.ref for entry in after}
        for ref in [ref for ref in self.rows if ref not in kept]:
            row = self.rows.pop(ref)
            self.note(row, "remove", _side(row), None)
            db.session.delete(row)
        for entry in after:
            if entry.ref:
                self._change(self.rows[entry.ref], entry, evidence, moved)
        added = [self._add(entry, evidence) for entry in after if not entry.ref]
        self.close()
        return added

    def _add(self, entry: CodeEntry, evidence: Evidence | None) -> CodeAssignment:
        row = CodeAssignment(
            ref=new_ref(),
            encounter_id=self.encounter.id,
            code=entry.code,
            title=entry.title,
            sequence=entry.sequence,
            poa=entry.poa,
            evidence=evidence,
            assigned_by=self.actor.email,
            assigned_at=clock.now(),
        )
        db.session.add(row)
        self.rows[row.ref] = row
        self.note(row, "add", None, _side(row))
        return row

    def _change(self, row: CodeAssignment, entry: CodeEntry, evidence: Evidence | None, moved: str) -> None:
        before = _side(row)
        replaced, poa_changed = row.code != entry.code, row.poa != entry.poa
        # A code that only makes room has not changed; one that becomes or stops being principal has.
        resequenced = row.sequence != entry.sequence and (row.ref == moved or 1 in {row.sequence, entry.sequence})
        row.code, row.title, row.poa, row.sequence = entry.code, entry.title, entry.poa, entry.sequence
        if replaced:
            row.evidence, row.assigned_by, row.assigned_at = evidence, self.actor.email, clock.now()
            self.note(row, "replace", before, _side(row))
        elif poa_changed:
            self.note(row, "poa", before, _side(row))
        elif resequenced:
            self.note(row, "sequence", before, _side(row))

    def note(self, row: CodeAssignment, action: str, before: Evidence | None, after: Evidence | None) -> None:
        """Write one line of history."""
        db.session.add(
            CodeChange(
                encounter_id=self.encounter.id,
                assignment_ref=row.ref,
                action=action,
                before=before,
                after=after,
                reason=self.reason,
                answer_ref=self.answer_ref,
                changed_by=self.actor.email,
                changed_at=clock.now(),
            )
        )
        self.actions.append(action)

    def close(self) -> None:
        """Write the audit event, unless nothing changed. Codes stay out of it: they are health information."""
        if self.actions:
            detail = {"actions": self.actions, "answer": self.answer_ref}
            audit.record(self.actor.email, "codes.changed", "encounter", self.encounter.ref, **detail)
