"""An answer becomes a proposal for the code set; a coder accepts, edits or declines it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.coding import actions as coding
from query_mgr.coding.codeset import CodingError, Entries, apply
from query_mgr.coding.reader import entries_of
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.queries import actions as queries
from query_mgr.reconcile.models import AmendmentReview, Reconciliation
from query_mgr.respond.answering import when_answered
from query_mgr.respond.countersigning import cosignature_of
from query_mgr.respond.models import Amendment, Answer

DECISIONS = ("accepted", "edited", "declined")


class ReconcileError(ValueError):
    """A decision cannot be kept as it is; the message says what to do."""


def propose(answer: Answer) -> Reconciliation:
    """Make the proposal for a new answer, in its transaction.

    Only a clinical option proposes anything: "other" and "unable to determine" go to the coder with no change
    (Official Guidelines I.A.19: the code rests on the provider's statement).
    """
    option = next((one for one in answer.query.options if one["key"] == answer.option_key), None)
    is_clinical = option is not None and option["kind"] not in {"other", "undetermined"}
    changes = list(option.get("changes", [])) if option and is_clinical else []
    row = Reconciliation(answer_id=answer.id, proposal=changes)
    db.session.add(row)
    return row


def pending(answer: Answer) -> Reconciliation | None:
    """Return what is known of an answer's effect on the codes."""
    return db.session.scalar(select(Reconciliation).where(Reconciliation.answer_id == answer.id))


def before_and_after(encounter: Encounter, changes: list[dict[str, Any]]) -> tuple[Entries, Entries]:
    """Return the code set now and as `changes` would leave it. Raises CodingError where they do not fit it."""
    now = entries_of(encounter)
    return now, apply(now, coding.titled(changes, encounter))


def decide(
    actor: Actor, answer: Answer, decision: str, reason: str, changes: list[dict[str, Any]] | None = None
) -> Reconciliation:
    """Keep the coder's decision and close the query.

    decision: accepted (the proposal as it is), edited (`changes` instead) or declined (no change, with a reason).
    Raises ReconcileError, CodingError, lifecycle.NotPossibleError.
    """
    actor.must("reconcile.decide")
    if decision not in DECISIONS:
        raise ReconcileError(f"The decision must be one of: {', '.join(DECISIONS)}.")
    reason = reason.strip()
    if decision != "accepted" and not reason:
        raise ReconcileError("Say why; the reason is kept with the decision.")
    with unit_of_work():
        query = queries.locked(answer.query_id)
        row = pending(answer)
        if row is None or row.decision:
            raise ReconcileError("This answer was already reconciled.")
        awaited = cosignature_of(answer)
        if awaited is not None and awaited.signed_at is None:
            raise ReconcileError(
                f"The answer waits for the signature of {awaited.asked.signature_name}, as policy asks."
            )
        wanted = {"accepted": row.proposal, "edited": changes or [], "declined": []}[decision]
        if decision != "declined" and not wanted:
            raise ReconcileError("There is no code change to accept; edit the codes, or decline with a reason.")
        encounter = query.encounter
        row.before = [asdict(one) for one in entries_of(encounter)]
        if wanted:
            why = reason or f"Signed answer to query {query.mail_ref}"
            coding.apply_changes(actor, encounter, wanted, reason=why, answer_ref=answer.ref)
        row.after = [asdict(one) for one in entries_of(encounter)]
        row.decision, row.reason, row.decided_by, row.decided_at = decision, reason, actor.email, clock.now()
        queries.move(query, "close", actor.email, decision=decision)
        query.closed_at = clock.now()
        audit.record(actor.email, f"answer.{decision}", "answer", answer.ref, changes=len(wanted))
    return row


def edited_changes(text: str) -> list[dict[str, Any]]:
    """Read a coder's own changes, one a line: "add I50.21 Y", "replace I50.9 I50.21 Y", "remove E11.9", "poa N17.9 N".

    Raises ReconcileError naming the line.
    """
    result: list[dict[str, Any]] = []
    for number, line in enumerate((one for one in text.splitlines() if one.strip()), 1):
        match line.split():
            case ["add", code, *poa] if len(poa) < 2:
                result.append({"op": "add", "code": code, "poa": "".join(poa).upper()})
            case ["replace", old, code, *poa] if len(poa) < 2:
                result.append({"op": "replace", "code": code, "replaces": [old], "poa": "".join(poa).upper()})
            case ["remove", code]:
                result.append({"op": "remove", "code": "", "replaces": [code]})
            case ["poa", code, poa]:
                result.append({"op": "poa", "code": code, "poa": poa.upper()})
            case _:
                raise ReconcileError(
                    f"Line {number} is none of: add CODE [POA], replace OLD NEW [POA], remove CODE, poa CODE POA."
                )
    return result


def unread() -> list[Amendment]:
    """Return the amendments that no coder has read yet, the oldest first."""
    seen = select(AmendmentReview.amendment_id)
    found = select(Amendment).where(Amendment.id.not_in(seen)).order_by(Amendment.id)
    return list(db.session.scalars(found))


def reviews_of(answer: Answer) -> dict[int, AmendmentReview]:
    """Return who read which amendment of an answer, by its id."""
    found = select(AmendmentReview).where(AmendmentReview.amendment_id.in_([one.id for one in answer.amendments]))
    return {one.amendment_id: one for one in db.session.scalars(found)}


def note_amendment(actor: Actor, amendment: Amendment, followed: str) -> AmendmentReview:
    """Keep that a coder read an amendment, and what followed for the codes. Raises ReconcileError."""
    actor.must("reconcile.decide")
    followed = one_line(followed)
    if not followed:
        raise ReconcileError("Say what follows for the codes, if only that nothing does.")
    with unit_of_work():
        query = queries.locked(amendment.answer.query_id)
        earlier = select(AmendmentReview).where(AmendmentReview.amendment_id == amendment.id)
        if db.session.scalar(earlier) is not None:
            raise ReconcileError("Somebody has noted this amendment meanwhile.")
        row = AmendmentReview(
            amendment_id=amendment.id, followed=followed, seen_by=actor.email, seen_at=clock.now()
        )
        db.session.add(row)
        audit.record(actor.email, "amendment.noted", "query", query.ref, amendment=amendment.ref)
    return row


def register() -> None:
    """Hook into new answers."""
    when_answered(propose)


__all__ = [
    "CodingError",
    "ReconcileError",
    "before_and_after",
    "decide",
    "edited_changes",
    "note_amendment",
    "pending",
    "propose",
    "register",
    "reviews_of",
    "unread",
]
