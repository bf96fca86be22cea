"""One encounter's codes under change: the rows in, the change in, rows, history, status and audit out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.session import SYSTEM, Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.coding import codeset, status
from query_mgr.coding.codeset import CodeEntry, CodingError, Entries
from query_mgr.coding.models import CodeAssignment, CodeChange, EncounterCoding
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.ids import new_ref

Evidence = dict[str, Any]
EVIDENCE_KINDS = ("document", "fact", "answer")

DIAGNOSIS, PROCEDURE, SERVICE = "diagnosis", "procedure", "service"
#: kind of line -> the systems it is coded in
SYSTEMS_OF = {DIAGNOSIS: ("icd10cm",), PROCEDURE: ("icd10pcs",), SERVICE: ("hcpcs", "cpt")}

_after_change: list[Callable[[Actor, Encounter], object]] = []


def when_changed(hook: Callable[[Actor, Encounter], object]) -> None:
    """Have `hook` called in the transaction of every change of an encounter's codes that a person makes."""
    if hook not in _after_change:
        _after_change.append(hook)


def kind_of(system: str) -> str:
    """Return whether a code system codes a diagnosis, a procedure or a service. Raises CodingError."""
    for kind, systems in SYSTEMS_OF.items():
        if system in systems:
            return kind
    raise CodingError(f"{system!r} is no system that an encounter is coded in")


def allow(actor: Actor, action: str = "coding.edit") -> None:
    """Hold people to the permission table. SYSTEM, which no request can be, loads the demo hospital."""
    if actor is not SYSTEM:
        actor.must(action)


def line_with(ref: str) -> CodeAssignment:
    """Return the line with `ref`, whatever its kind. Raises CodingError where it is gone."""
    found = db.session.scalar(select(CodeAssignment).where(CodeAssignment.ref == ref))
    if found is None:
        raise CodingError("this code is no longer on the encounter; load the page again")
    return found


def coding_of(encounter: Encounter) -> EncounterCoding:
    """Return how far the coding of an encounter is; a new row, added to the session, where nobody began."""
    found = db.session.get(EncounterCoding, encounter.id)
    if found is None:
        found = EncounterCoding(encounter_id=encounter.id, status="not_started", revision=0)
        db.session.add(found)
    return found


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


def side(row: CodeAssignment) -> dict[str, Any]:
    """Return one side of a change."""
    common = {
        "code": row.code,
        "title": row.title,
        "sequence": row.sequence,
        "poa": row.poa,
        "evidence": row.evidence,
    }
    return common if row.system == "icd10cm" else common | {"system": row.system} | details(row)


#: what a procedure or service line says besides its code
DETAILS = ("served_on", "modifiers", "units", "claim", "place", "revenue", "dose", "wasted", "pointers")


def details(row: CodeAssignment) -> dict[str, Any]:
    """Return what a line says besides its code, ready for JSON."""
    found = {name: getattr(row, name) for name in DETAILS}
    found["served_on"] = row.served_on.isoformat() if row.served_on else None
    return found | {"provider": row.provider_id}


class Work:
    """One encounter's lines of one kind under change; SQLite's write lock or the row lock is held meanwhile.

    Raises CodingError where the status of the coding permits no change.
    """

    def __init__(
        self, actor: Actor, encounter: Encounter, reason: str, answer_ref: str | None = None, kind: str = DIAGNOSIS
    ) -> None:
        self.actor, self.encounter, self.reason, self.answer_ref = actor, encounter, reason.strip(), answer_ref
        self.actions: list[str] = []
        # Two people who code one encounter at once must not both become number 4.
        db.session.execute(select(Encounter.id).where(Encounter.id == encounter.id).with_for_update())
        self.coding = coding_of(encounter)
        self._next = status.after(self.coding.status, "change")
        query = select(CodeAssignment).where(CodeAssignment.encounter_id == encounter.id)
        query = query.where(CodeAssignment.system.in_(SYSTEMS_OF[kind]))
        found = db.session.scalars(query.order_by(CodeAssignment.sequence, CodeAssignment.id))
        self.rows = {row.ref: row for row in found}

    @classmethod
    def holding(cls, ref: str, actor: Actor, reason: str, answer_ref: str | None = None) -> Work:
        """Begin the change of the lines among which the one with `ref` stands. Raises CodingError where it is gone."""
        row = line_with(ref)
        return cls(actor, row.encounter, reason, answer_ref, kind_of(row.system))

    @property
    def entries(self) -> Entries:
        """The lines as the rules of `codeset` take them."""
        rows = self.rows.values()
        return codeset.ordered(CodeEntry(row.ref, row.code, row.title, row.sequence, row.poa) for row in rows)

    def save(
        self, after: Entries, evidence: Evidence | None = None, moved: str = "", **values: Any
    ) -> list[CodeAssignment]:
        """Make the rows say `after`; return the ones that came in. `moved`: the row whose place a person chose.

        values: what the rows that come in say besides their code.
        """
        kept = {entry.ref for entry in after}
        for ref in [ref for ref in self.rows if ref not in kept]:
            row = self.rows.pop(ref)
            self.note(row, "remove", side(row), None)
            db.session.delete(row)
        for entry in after:
            if entry.ref:
                self._change(self.rows[entry.ref], entry, evidence, moved)
        added = [self._add(entry, evidence, values) for entry in after if not entry.ref]
        self.close()
        return added

    def _add(self, entry: CodeEntry, evidence: Evidence | None, values: dict[str, Any]) -> CodeAssignment:
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
            **values,
        )
        db.session.add(row)
        db.session.flush()
        self.rows[row.ref] = row
        self.note(row, "add", None, side(row))
        return row

    def _change(self, row: CodeAssignment, entry: CodeEntry, evidence: Evidence | None, moved: str) -> None:
        before = side(row)
        replaced, poa_changed = row.code != entry.code, row.poa != entry.poa
        # A code that only makes room has not changed; one that becomes or stops being principal has.
        resequenced = row.sequence != entry.sequence and (row.ref == moved or 1 in {row.sequence, entry.sequence})
        row.code, row.title, row.poa, row.sequence = entry.code, entry.title, entry.poa, entry.sequence
        if replaced:
            row.evidence, row.assigned_by, row.assigned_at = evidence, self.actor.email, clock.now()
            self.note(row, "replace", before, side(row))
        elif poa_changed:
            self.note(row, "poa", before, side(row))
        elif resequenced:
            self.note(row, "sequence", before, side(row))

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
        """Count the change, move the status and write the audit event, unless nothing changed.

        Codes stay out of the audit: they are health information.
        """
        if not self.actions:
            return
        now, coding = clock.now(), self.coding
        coding.status, coding.revision, coding.changed_at = self._next.next_status, coding.revision + 1, now
        coding.started_at = coding.started_at or now
        coding.coder = self.actor.email
        detail = {"actions": self.actions, "answer": self.answer_ref}
        audit.record(self.actor.email, "codes.changed", "encounter", self.encounter.ref, **detail)
        db.session.flush()
        if self.actor is not SYSTEM:
            for hook in _after_change:
                hook(self.actor, self.encounter)
