"""Lease messages of the outbox to one worker; settle them while it still holds them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import and_, or_, select, update

from query_mgr.audit import actions as audit
from query_mgr.delivery import relay
from query_mgr.delivery.actions import Carrier, Mail, kind_of, kinds, message_id
from query_mgr.delivery.models import MailboxMessage, OutboxMessage
from query_mgr.delivery.retry import MOST_CRASHES, Failure, next_attempt
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings

#: a worker had it and is gone, for the last time that we allow
_IS_POISON = and_(OutboxMessage.lease_token.is_not(None), OutboxMessage.crashes >= MOST_CRASHES - 1)


def lease(most: int = 1, resting: Collection[str] = ()) -> list[OutboxMessage]:
    """Take up to `most` due messages for this worker, the soonest due first. A lease that ran out is taken over.

    A carrier's message comes alone, and so does one that a worker died over: nobody else's shall die with it. What is
    returned is a copy that the session no longer knows. resting: kinds that are left alone.
    """
    with unit_of_work():
        room = relay.room_for(most)
        wanted = {
            name
            for name, kind in kinds().items()
            if name not in resting and (room.number or isinstance(kind, Carrier))
        }
        found = _due(wanted, min(most, room.number) or most)
        alone = [_is_alone(one) for one in found]
        taken = found[: alone.index(True) or 1] if True in alone else found
        _take(taken)
        mails = sum(not isinstance(kind_of(one), Carrier) for one in taken)
        if mails:
            relay.took(room, mails)
    return taken


def _due(names: Collection[str], most: int) -> list[OutboxMessage]:
    now = clock.now()
    due = (
        select(OutboxMessage)
        .where(OutboxMessage.state == "pending", OutboxMessage.next_attempt_at <= now)
        .where(or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= now))
        .where(OutboxMessage.kind.in_(names), ~_IS_POISON)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(most)
    )
    if is_postgresql():
        due = due.with_for_update(skip_locked=True)
    return list(db.session.scalars(due))


def _is_alone(row: OutboxMessage) -> bool:
    return row.crashes > 0 or row.lease_token is not None or isinstance(kind_of(row), Carrier)


def set_poison_aside() -> None:
    """Set messages aside that their workers did not survive too often (F32)."""
    found = select(OutboxMessage).where(
        OutboxMessage.state == "pending", _IS_POISON, OutboxMessage.lease_until <= clock.now()
    )
    if db.session.scalar(found.limit(1)) is None:
        return
    with unit_of_work():
        held = list(db.session.scalars(found.order_by(OutboxMessage.id).with_for_update(skip_locked=True)))
        _hold_subjects(held)
        for row in held:
            row.crashes, row.is_possible_duplicate = row.crashes + 1, True
            _set_aside(row, "the worker stopped over this message again and again")


def _set_aside(row: OutboxMessage, reason: str) -> None:
    row.state, row.failure_class, row.last_error = "quarantined", "unwritable", reason
    row.lease_token, row.lease_until = None, None
    kind = kind_of(row)
    if not isinstance(kind, Carrier):
        try:
            with db.session.begin_nested():
                kind.failed(row.payload, reason)
        except Exception as error:  # what broke the worker may break this too; a person is told by the page
            current_app.logger.error("message %s: %s while it was set aside", row.ref, type(error).__name__)
    audit.record("system", "message.quarantined", "outbox", row.ref, kind=row.kind, crashes=row.crashes)


def _take(rows: Sequence[OutboxMessage]) -> None:
    """Write a lease of one token for all of `rows`, and note it on them."""
    if not rows:
        return
    token = new_ref(24)
    until = clock.now() + timedelta(seconds=current_settings().outbox_lease_seconds)
    for row in rows:
        # The worker that held it may have been killed after the server took the mail: say so, and keep the
        # Message-ID so that both copies are one logical notification (assurance §3.2).
        if row.lease_token is not None:
            row.is_possible_duplicate, row.crashes = True, row.crashes + 1
    db.session.flush()
    ids = [row.id for row in rows]
    leased = update(OutboxMessage).where(OutboxMessage.id.in_(ids))
    leased = leased.values(attempts=OutboxMessage.attempts + 1, lease_token=token, lease_until=until)
    db.session.execute(leased.execution_options(synchronize_session=False))
    for row in rows:
        db.session.expunge(row)
        row.attempts, row.lease_token, row.lease_until = row.attempts + 1, token, until


def record_and_lease(done: Sequence[Done], most: int, resting: Collection[str] = ()) -> list[OutboxMessage]:
    """Record what is over and take the next messages in one transaction: the disk is waited for once."""
    with unit_of_work():
        if done:
            complete_all(done)
        return lease(most, resting)


@dataclass(frozen=True)
class Done:
    """What became of a message: sent, dropped because nobody wants it any more, or failed.

    mail: for the built-in mailbox. failure: why it failed.
    """

    message: OutboxMessage
    token: str
    state: str = "sent"
    receipt: Any = None
    mail: Mail | None = None
    failure: Failure | None = None


def _held(message: OutboxMessage, token: str | None) -> OutboxMessage | None:
    """Return the row while this worker still holds it: a worker that was overtaken must not write."""
    found = select(OutboxMessage).where(OutboxMessage.id == message.id, OutboxMessage.lease_token == token)
    row = db.session.scalar(found.with_for_update() if is_postgresql() else found)
    return row if row is not None and row.state == "pending" else None


def complete(message: OutboxMessage, token: str, state: str = "sent", receipt: Any = None) -> bool:
    """Record that `message` was sent, or dropped because nobody wants it any more. False where overtaken."""
    return complete_all([Done(message, token, state, receipt)]) == 1


def complete_all(done: Sequence[Done]) -> int:
    """Record several messages in one transaction; return how many this worker still held."""
    with unit_of_work():
        is_refused = any(one.failure and not isinstance(kind_of(one.message), Carrier) for one in done)
        relay.hold(is_made=is_refused)
        held = _all_held(done)
        _hold_subjects([one.message for one in held])
        for state in ("sent", "dropped"):
            _set_state([one.message.id for one in held if one.state == state], state)
        over = [one for one in held if one.failure is None]
        for one in over:
            _tell_owner(one)
        if any(one.state == "sent" and one.mail is None and one.receipt is None for one in over):
            relay.succeeded()
        audit.record_all(
            [("system", f"message.{one.state}", "outbox", one.message.ref,
              {"kind": one.message.kind, "attempts": one.message.attempts}) for one in over]
        )  # fmt: skip
        for one in held:
            if one.failure is not None:
                _note_failure(db.session.get_one(OutboxMessage, one.message.id), one.failure)
    return len(held)


def _all_held(done: Sequence[Done]) -> list[Done]:
    """Return what this worker still holds: what was overtaken it must not write."""
    found = select(OutboxMessage.id, OutboxMessage.lease_token).where(
        OutboxMessage.id.in_([one.message.id for one in done]), OutboxMessage.state == "pending"
    )
    if is_postgresql():
        found = found.order_by(OutboxMessage.id).with_for_update()
    held = {tuple(row) for row in db.session.execute(found)}
    return [one for one in done if (one.message.id, one.token) in held]


def _set_state(ids: Sequence[int], state: str) -> None:
    if not ids:
        return
    done = update(OutboxMessage).where(OutboxMessage.id.in_(ids))
    done = done.values(
        state=state, lease_token=None, lease_until=None, last_error="", failure_class="",
        sent_at=clock.now() if state == "sent" else None,
    )  # fmt: skip
    db.session.execute(done.execution_options(synchronize_session=False))


def _hold_subjects(rows: Sequence[OutboxMessage]) -> None:
    """Lock what the owners will change before the audit chain is: a page locks in that order too."""
    for name in sorted({row.kind for row in rows}):
        kind = kinds()[name]
        if not isinstance(kind, Carrier) and kind.hold is not None:
            kind.hold([row.payload for row in rows if row.kind == name])


def _tell_owner(done: Done) -> None:
    now, message, kind = clock.now(), done.message, kind_of(done.message)
    if done.mail is not None:
        db.session.add(
            MailboxMessage(
                message_id=message_id(message), recipient=done.mail.recipient, subject=done.mail.subject,
                text=done.mail.text, html=done.mail.html, received_at=now,
            )
        )  # fmt: skip
    if isinstance(kind, Carrier):
        kind.sent(message.payload, done.receipt, now) if done.state == "sent" else kind.dropped(message.payload)
    elif done.state == "sent":
        kind.sent(message.payload, now)
    elif kind.dropped is not None:
        kind.dropped(message.payload)


def fail(message: OutboxMessage, token: str, failure: Failure) -> None:
    """Record a failed attempt: retry later, set aside or give up; tell the owner."""
    complete_all([Done(message, token, "failed", failure=failure)])


def _note_failure(row: OutboxMessage, failure: Failure) -> None:
    found, now, kind = failure.failure_class, clock.now(), kind_of(row)
    row.lease_token, row.lease_until, row.last_error = None, None, failure.text[:300]
    row.failure_class = found.key
    row.is_possible_duplicate = row.is_possible_duplicate or failure.is_uncertain
    if not isinstance(kind, Carrier):
        relay.failed(found)
    if found.key == "unwritable":
        row.crashes += 1
        if row.crashes >= MOST_CRASHES:
            _set_aside(row, failure.text[:300])
            return
    later = next_attempt(now, found, row.attempts, row.due_at)
    if isinstance(kind, Carrier):
        kind.tried(row.payload, failure, later is None)
    elif later is None:
        kind.failed(row.payload, failure.text)
    if later is not None:
        row.next_attempt_at = later
        row.attempts -= not found.burns_attempt
        return
    row.state = "failed"
    audit.record("system", "message.failed", "outbox", row.ref, kind=row.kind, reason=failure.text[:120])


def give_back(messages: Sequence[tuple[OutboxMessage, str]]) -> None:
    """Return messages that this worker leased and did not try: others may take them at once."""
    if not messages:
        return
    with unit_of_work():
        for message, token in messages:
            row = _held(message, token)
            if row is not None:
                row.lease_token, row.lease_until, row.attempts = None, None, row.attempts - 1


def set_aside(message: OutboxMessage, token: str, reason: str) -> None:
    """Set a message aside that was sent and could not be recorded, so that it is not sent again and again."""
    with unit_of_work():
        row = _held(message, token)
        if row is not None:
            row.is_possible_duplicate = True
            _set_aside(row, reason)
