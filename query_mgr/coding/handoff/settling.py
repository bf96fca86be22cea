"""What became of a hand-off, written down in the transaction that records it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from query_mgr.accounts.session import SYSTEM, Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.coding.finishing import move_on
from query_mgr.coding.handoff.channels import FORMATS
from query_mgr.coding.handoff.mllp import Answer
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.models import CodingVersion, EncounterCoding
from query_mgr.delivery.actions import About, Way
from query_mgr.delivery.retry import Failure
from query_mgr.platform import clock
from query_mgr.platform.db import db


def locked(encounter_id: int) -> None:
    """Hold an encounter until the transaction ends: its hand-offs change one at a time."""
    db.session.execute(select(Encounter.id).where(Encounter.id == encounter_id).with_for_update())


def is_current(row: HandOff) -> bool:
    """Return whether the codes of a hand-off are still the final ones: not opened again, no newer version."""
    coding = db.session.get(EncounterCoding, row.encounter_id)
    latest = select(func.max(CodingVersion.id)).where(CodingVersion.encounter_id == row.encounter_id)
    return coding is not None and coding.status == "final" and db.session.scalar(latest) == row.version_id


def event_for(coding: EncounterCoding) -> str:
    """Return the step that billing's acceptance takes: the first hand-off, or a correction of it."""
    return "rebill" if coding.handed_off_at else "hand_off"


def _row(payload: dict[str, Any]) -> HandOff | None:
    """Return the hand-off of a message while it waits; its encounter is locked from here on."""
    found = db.session.scalar(select(HandOff).where(HandOff.ref == payload["hand_off"]))
    if found is None:
        return None
    locked(found.encounter_id)
    again = select(HandOff).where(HandOff.id == found.id).execution_options(populate_existing=True)
    found = db.session.scalars(again).one()
    return found if found.state == "waiting" else None


def sent(payload: dict[str, Any], answer: Answer, at: datetime) -> None:
    """Note that billing accepted a message, and that the encounter is handed off where it was the last one."""
    row = _row(payload)
    if row is not None:
        accept(row, answer)
        complete(SYSTEM, row.encounter, row.version)


def tried(payload: dict[str, Any], failure: Failure, is_over: bool) -> None:
    """Note an attempt that failed; after the last one a person has to look."""
    row = _row(payload)
    if row is None:
        return
    row.reason = failure.text[:500]
    # Once in doubt, an error settles nothing: some receivers say no to a second copy of what they took.
    row.is_uncertain = row.is_uncertain or failure.is_uncertain
    if isinstance(failure.answer, Answer):
        _note(row, failure.answer)
        row.errors += 1
    if is_over:
        row.state = "refused"
        audit.record(
            "system", "hand_off.refused", "encounter", row.encounter.ref, hand_off=row.ref, channel=row.channel,
            answer=row.answer,
        )  # fmt: skip


def dropped(payload: dict[str, Any]) -> None:
    """Note that a message was not sent, as its codes were opened again before it left."""
    row = _row(payload)
    if row is not None:
        row.state, row.reason = "withdrawn", "the codes were opened again before it was sent"
        audit.record("system", "hand_off.withdrawn", "encounter", row.encounter.ref, hand_off=row.ref)


def about(payload: dict[str, Any]) -> About:
    """Return what the delivery page may say of a hand-off; over once it is settled on the billing page."""
    row = db.session.scalar(select(HandOff).where(HandOff.ref == payload["hand_off"]))
    if row is None:
        return About("billing", "a hand-off that is gone", is_over=True)
    ways = (
        Way(
            "Settle it on the billing page", "billing_desk.account", {"ref": row.encounter.ref}, "coding.hand_off"
        ),
    )
    what = f"{FORMATS[row.format]} of an account, version {row.version.number}"
    return About("billing", what, row.state not in ("waiting", "refused"), ways)


def accept(row: HandOff, answer: Answer) -> None:
    """Write down that billing has a message."""
    row.state, row.reason, row.is_uncertain = "accepted", "", False
    _note(row, answer)
    audit.record(
        "system", "hand_off.accepted", "encounter", row.encounter.ref, hand_off=row.ref, channel=row.channel,
        answer=row.answer,
    )  # fmt: skip


def _note(row: HandOff, answer: Answer) -> None:
    row.answer, row.answer_text, row.answered_at = answer.code[:20], answer.text, clock.now()


def complete(actor: Actor, encounter: Encounter, version: CodingVersion) -> bool:
    """Move the encounter on where billing has every message of `version` and it is still the final one."""
    db.session.flush()
    rows = db.session.scalars(select(HandOff).where(HandOff.version_id == version.id)).all()
    if any(one.state != "accepted" for one in rows):
        return False
    coding = db.session.scalars(
        select(EncounterCoding)
        .where(EncounterCoding.encounter_id == encounter.id)
        .execution_options(populate_existing=True)
    ).one()
    latest = db.session.scalar(
        select(func.max(CodingVersion.number)).where(CodingVersion.encounter_id == encounter.id)
    )
    if coding.status != "final" or latest != version.number:
        return False
    move_on(actor, encounter, event_for(coding), version=version.number)
    coding.handed_off_at = clock.now()
    return True
