"""Adding to a signed answer: signed like it, chained to it, and nothing of it changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.coding.models import EncounterCoding
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries.snapshot import digest
from query_mgr.respond import amendments, manifest
from query_mgr.respond.answering import signer_of
from query_mgr.respond.models import Amendment, Answer, QueryLink
from query_mgr.respond.words import AnswerError, plain

LONGEST_REASON = 500


@dataclass(frozen=True)
class Change:
    """What a provider adds. option_key: of a correction, the answer that is right."""

    kind: str
    text: str
    reason: str
    op_id: str
    option_key: str = ""


def checked(link: QueryLink, answer: Answer, change: Change) -> Change:
    """Return `change` fit to be signed. Raises AnswerError naming what is missing."""
    kinds = amendments.kinds_for(answer.signer_id == link.provider_id)
    if change.kind not in kinds:
        labels = [one.label.lower() for one in kinds.values()]
        raise AnswerError(f"Choose what this is: {', '.join(labels[:-1])} or {labels[-1]}.")
    text, reason = plain(change.text), plain(change.reason)
    option_key = change.option_key if change.kind == "correction" else ""
    if option_key and _option(answer, option_key) is None:
        raise AnswerError("This answer is not among the options of this query; choose again.")
    if not text and not option_key:
        raise AnswerError("Write what is to be added.")
    if not reason or len(reason) > LONGEST_REASON:
        raise AnswerError(f"Say why you amend it now, in at most {LONGEST_REASON} characters; the reason is kept.")
    return replace(change, text=text, reason=reason, option_key=option_key)


def _option(answer: Answer, key: str) -> dict[str, Any] | None:
    return next((dict(one) for one in answer.query.options if one["key"] == key), None)


def is_kept(change: Change) -> bool:
    """Return whether this very form was signed before: a double click, or a retry."""
    return db.session.scalar(select(Amendment.id).where(Amendment.op_id == change.op_id)) is not None


def amend(link: QueryLink, answer: Answer, change: Change, method: str = "emailed link and PIN") -> Amendment:
    """Sign an amendment. The same one sent twice is kept once. Raises AnswerError.

    method: how the signer was known, for the manifest.
    """
    with unit_of_work():
        query = queries.locked(answer.query_id)
        change = checked(link, answer, change)
        earlier = list(
            db.session.scalars(
                select(Amendment).where(Amendment.answer_id == answer.id).order_by(Amendment.number)
            )
        )
        for one in earlier:
            if one.op_id == change.op_id:
                return one
        row = _signed(link, answer, change, earlier[-1] if earlier else None, method)
        db.session.add(row)
        db.session.flush()
        query.updated_at = row.signed_at
        audit.record(
            f"provider:{link.provider.ref}", "answer.amended", "query", query.ref, answer=answer.ref,
            amendment=row.ref, kind=row.kind, manifest=row.manifest_hash, flags=list(row.flags),
        )  # fmt: skip
    return row


def content_of(kind: str, option: dict[str, Any] | None, text: str, reason: str) -> dict[str, str]:
    """Return what an amendment says, as it is hashed."""
    return manifest.answer_content(option, text) | {"kind": kind, "reason": reason}


def _signed(link: QueryLink, answer: Answer, change: Change, last: Amendment | None, method: str) -> Amendment:
    option = _option(answer, change.option_key) if change.option_key else None
    content = content_of(change.kind, option, change.text, change.reason)
    now, settings = clock.now(), current_settings()
    number = last.number + 1 if last else 1
    signed = manifest.sealed(
        signer_of(link, method), content, now, ZoneInfo(settings.time_zone), amendments.KINDS[change.kind].meaning,
        kind=change.kind, number=number, answer=answer.ref, flags=list(_flags(answer)),
        previous_hash=last.manifest_hash if last else answer.manifest_hash,
    )  # fmt: skip
    return Amendment(
        answer_id=answer.id, number=number, kind=change.kind, option_key=content["option_key"],
        option_label=content["label"], text=change.text, reason=change.reason, signer_id=link.provider_id,
        signed_at=now, manifest=signed, manifest_hash=digest(signed), op_id=change.op_id,
    )  # fmt: skip


def _flags(answer: Answer) -> tuple[str, ...]:
    settings, encounter = current_settings(), answer.query.encounter
    policy = amendments.Policy(settings.late_entry_days, settings.mark_after_bill)
    coding = db.session.get(EncounterCoding, encounter.id)
    billed_at = coding.handed_off_at if coding else None
    return amendments.flags(policy, clock.now(), encounter.discharged_at, billed_at)
