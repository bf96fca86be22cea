"""What can be done to an encounter's codes. Every change keeps who, when, why, and both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Encounter
from query_mgr.coding import codeset
from query_mgr.coding.codeset import CodeEntry, CodingError, Entries
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.valid import valid_code
from query_mgr.coding.work import Evidence, Work, allow, checked_evidence, side
from query_mgr.platform.db import unit_of_work


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
    allow(actor)
    with unit_of_work():
        work = Work(actor, encounter, reason, answer_ref)
        found = valid_code(code, encounter)
        for row in work.rows.values():
            if row.code == found.code:
                raise CodingError(f"{found.code} is on this encounter already, as number {row.sequence}")
        entry = CodeEntry("", found.code, found.title, 0, codeset.checked_poa(poa))
        return work.save(codeset.add(work.entries, entry, sequence), checked_evidence(evidence))[0]


def remove(actor: Actor, ref: str, *, reason: str, answer_ref: str | None = None) -> None:
    """Take a code off its encounter; the ones behind it move up."""
    allow(actor)
    with unit_of_work():
        work = Work.holding(ref, actor, reason, answer_ref)
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
    allow(actor)
    with unit_of_work():
        work = Work.holding(ref, actor, reason, answer_ref)
        found = valid_code(code, work.encounter)
        twin = next((row for row in work.rows.values() if row.code == found.code and row.ref != ref), None)
        if twin:
            raise CodingError(f"{found.code} is on this encounter already, as number {twin.sequence}; remove one")
        after = codeset.replace_code(work.entries, ref, found.code, found.title, poa)
        work.save(after, checked_evidence(evidence))
        return work.rows[ref]


def set_poa(actor: Actor, ref: str, poa: str, *, reason: str = "", answer_ref: str | None = None) -> None:
    """Set a code's present-on-admission indicator: Y, N, U, W, 1 (exempt), or "" to clear it."""
    allow(actor)
    with unit_of_work():
        work = Work.holding(ref, actor, reason, answer_ref)
        work.save(codeset.set_poa(work.entries, ref, poa))


def move(actor: Actor, ref: str, sequence: int, *, reason: str = "") -> None:
    """Give a code another place; sequence 1 makes it the principal diagnosis."""
    allow(actor)
    with unit_of_work():
        work = Work.holding(ref, actor, reason, None)
        work.save(codeset.move(work.entries, ref, sequence), moved=ref)


def set_evidence(actor: Actor, ref: str, evidence: Evidence | None, *, reason: str = "") -> None:
    """Say where a code is documented: {"kind": "document"|"fact"|"answer", "ref", "start", "end", "text", "label"}."""
    allow(actor)
    with unit_of_work():
        work = Work.holding(ref, actor, reason, None)
        row, new = work.rows[ref], checked_evidence(evidence)
        if row.evidence != new:
            before = side(row)
            row.evidence = new
            work.note(row, "evidence", before, side(row))
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
    allow(actor)
    with unit_of_work():
        work = Work(actor, encounter, reason, answer_ref)
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
