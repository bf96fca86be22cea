"""What can be done between the coding desk and billing: hand off, send again, settle by hand, return."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.coding import status
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.finishing import move_on, versions_of
from query_mgr.coding.handoff import settling
from query_mgr.coding.handoff.channels import FORMATS, Channel, channels
from query_mgr.coding.handoff.mllp import Answer
from query_mgr.coding.handoff.models import BillingReturn, HandOff
from query_mgr.coding.handoff.sending import kind_of
from query_mgr.coding.handoff.sheets import sheet_of
from query_mgr.coding.handoff.words import RETURN_REASONS
from query_mgr.coding.handoff.writing import written
from query_mgr.coding.models import CodingVersion
from query_mgr.coding.work import allow, coding_of
from query_mgr.delivery import actions as delivery
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.text import one_line
from query_mgr.platform.web import current_settings


def hand_off(actor: Actor, encounter: Encounter) -> list[HandOff]:
    """Hand the final codes of an encounter to billing, one message a channel, and return them.

    Asked twice it hands off once. The encounter is handed off when billing has accepted every message; with no
    billing system configured that is now. Raises CodingError where the codes are not final, or where it is not known
    what billing has of an earlier version; NotAllowedError.
    """
    with unit_of_work():
        settling.locked(encounter.id)
        coding = coding_of(encounter)
        allow(actor, status.after(coding.status, settling.event_for(coding)).action)
        version = versions_of(encounter)[-1]
        known = _of_version(version)
        if known:
            return known
        _settle_earlier(encounter, version)
        sheet = sheet_of(encounter, version)
        found = []
        for channel in channels(current_settings()):
            ref = new_ref()
            content = written(channel.format, sheet, ref, current_settings())
            if content is not None:
                is_correction = channel.format in sheet.earlier
                found.append(_begun(actor, encounter, version, channel, ref, content, is_correction))
        names = [one.channel for one in found]
        audit.record(
            actor.email, "hand_off.begun", "encounter", encounter.ref, version=version.number, channels=names
        )
        settling.complete(actor, encounter, version)
        return found


def _begun(
    actor: Actor, encounter: Encounter, version: CodingVersion, channel: Channel, ref: str, content: str,
    is_correction: bool,
) -> HandOff:  # fmt: skip
    row = HandOff(
        ref=ref, encounter_id=encounter.id, version_id=version.id, channel=channel.key, state="waiting",
        content=content, is_correction=is_correction, errors=0, is_uncertain=False, made_by=actor.email,
        made_at=clock.now(), encounter=encounter, version=version,
    )  # fmt: skip
    db.session.add(row)
    if channel.way == "inbox":
        settling.accept(row, Answer("kept", "shown on the billing page"))
    else:
        row.outbox_ref = delivery.enqueue(kind_of(channel.way), {"hand_off": ref}).ref
    return row


def _settle_earlier(encounter: Encounter, version: CodingVersion) -> None:
    """Take back what waits of earlier versions. Raises CodingError where billing may have some of it."""
    wanted = select(HandOff).where(HandOff.encounter_id == encounter.id, HandOff.version_id != version.id)
    for row in db.session.scalars(wanted.execution_options(populate_existing=True)):
        if row.state == "waiting" and not row.is_uncertain and delivery.withdraw(row.outbox_ref):
            row.state, row.reason = "withdrawn", "the codes were opened again before it was sent"
        elif row.state == "waiting" or (row.state == "refused" and row.is_uncertain):
            raise CodingError(
                f"It is not known yet whether billing took “{FORMATS[row.format]}” of version {row.version.number}. "
                "Wait for its answer, or settle it on the billing page."
            )


def _of_version(version: CodingVersion) -> list[HandOff]:
    return list(db.session.scalars(select(HandOff).where(HandOff.version_id == version.id).order_by(HandOff.id)))


def handoffs_of(encounter: Encounter) -> list[HandOff]:
    """Return what was handed to billing of an encounter, the latest version first."""
    wanted = select(HandOff).join(CodingVersion, CodingVersion.id == HandOff.version_id)
    wanted = wanted.where(HandOff.encounter_id == encounter.id)
    return list(db.session.scalars(wanted.order_by(CodingVersion.number.desc(), HandOff.id)))


def returns_of(encounter: Encounter) -> list[BillingReturn]:
    """Return what billing sent back of an encounter, the latest first."""
    wanted = select(BillingReturn).where(BillingReturn.encounter_id == encounter.id)
    return list(db.session.scalars(wanted.order_by(BillingReturn.id.desc())))


def hand_off_with(ref: str) -> HandOff | None:
    """Return the hand-off with `ref`, or None."""
    return db.session.scalar(select(HandOff).where(HandOff.ref == ref))


def send_again(actor: Actor, ref: str) -> None:
    """Send a message that needs attention, or that billing was found not to have, once more, the same as before.

    Raises CodingError where it cannot.
    """
    allow(actor, "coding.hand_off")
    with unit_of_work():
        row = _needing_attention(ref, "refused", "withdrawn")
        if not row.is_uncertain and not settling.is_current(row):
            raise CodingError("These codes were opened again since; hand off the new version instead.")
        row.state, row.errors, row.reason, row.settled_by = "waiting", 0, "", ""
        row.outbox_ref = delivery.enqueue(kind_of(row.way), {"hand_off": row.ref}).ref
        audit.record(actor.email, "hand_off.sent_again", "encounter", row.encounter.ref, hand_off=row.ref)


def settle(actor: Actor, ref: str, *, is_taken: bool, reason: str) -> None:
    """Write down what a person found out: billing has a message that needs attention, or has not.

    Raises CodingError without a reason, or where the message does not need attention.
    """
    allow(actor, "coding.hand_off")
    reason = one_line(reason)[:500]
    if len(reason) < 3:
        raise CodingError("Say how you know; the reason is kept with the message.")
    with unit_of_work():
        row = _needing_attention(ref, "refused")
        row.state, row.is_uncertain = ("accepted" if is_taken else "withdrawn"), False
        row.reason, row.settled_by = reason, actor.email
        audit.record(
            actor.email, "hand_off.settled", "encounter", row.encounter.ref, hand_off=row.ref, taken=is_taken
        )
        settling.complete(actor, row.encounter, row.version)


def _needing_attention(ref: str, *states: str) -> HandOff:
    row = hand_off_with(ref)
    if row is not None:
        settling.locked(row.encounter_id)
        db.session.refresh(row)
    if row is None or row.state not in states:
        raise CodingError("This message does not need attention; load the page again.")
    return row


def return_from_billing(actor: Actor, encounter: Encounter, reason: str, note: str = "") -> BillingReturn:
    """Send an encounter back to the coder. reason: a key of RETURN_REASONS; "other" wants a note.

    Raises CodingError where billing does not have it; NotAllowedError.
    """
    if reason not in RETURN_REASONS:
        raise CodingError(f"Reason: choose one of {', '.join(RETURN_REASONS)}.")
    note = note.strip()[:2000]
    if reason == "other" and len(note) < 3:
        raise CodingError("Note: say what is wrong.")
    with unit_of_work():
        move_on(actor, encounter, "return", reason=reason)
        row = BillingReturn(
            encounter_id=encounter.id, version_id=versions_of(encounter)[-1].id, reason=reason, note=note,
            returned_by=actor.email, returned_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row


def note_download(actor: Actor, encounter: Encounter, **detail: str | int) -> None:
    """Keep who took a message or a version out of the house."""
    allow(actor, "coding.hand_off")
    with unit_of_work():
        audit.record(actor.email, "hand_off.downloaded", "encounter", encounter.ref, **detail)


def version_csv(actor: Actor, encounter: Encounter, version: CodingVersion) -> str:
    """Return one version as CSV, and keep who took it."""
    note_download(actor, encounter, version=version.number)
    text = written("csv", sheet_of(encounter, version), version.ref, current_settings())
    assert text is not None  # a version always has rows, or a head at least
    return text
