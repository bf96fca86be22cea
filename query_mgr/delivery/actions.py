"""Put a message into the outbox; lease, complete and fail it. The sending itself stands in worker.py."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from query_mgr.audit import actions as audit
from query_mgr.delivery.models import MailboxMessage, OutboxMessage
from query_mgr.delivery.retry import MAX_ATTEMPTS, Failure, next_attempt
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings


@dataclass(frozen=True)
class Mail:
    """One mail to one mailbox. Neither subject nor texts may hold PHI (assurance §1.2 item 11)."""

    recipient: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Kind:
    """What a kind of mail can do: `render` writes the mail at the moment of sending, or returns None where
    it is no longer wanted; `sent` and `failed` tell its owner, in the transaction that records it."""

    render: Callable[[dict[str, Any]], Mail | None]
    sent: Callable[[dict[str, Any], datetime], None]
    failed: Callable[[dict[str, Any], str], None]


@dataclass(frozen=True)
class Carrier:
    """A kind of message that brings its own way out.

    carry: deliver it and return the receiver's receipt, or None where it is no longer wanted. It is told whether the
    receiver may have the message already, runs outside any transaction, and raises `retry.DeliveryError`. One that
    was killed after the receipt carries the message again, so a receiver must be able to tell a second copy by
    something that stays the same. sent, tried (is it over?) and dropped tell the owner, in the transaction that
    records it.
    """

    carry: Callable[[dict[str, Any], bool], Any]
    sent: Callable[[dict[str, Any], Any, datetime], None]
    tried: Callable[[dict[str, Any], Failure, bool], None]
    dropped: Callable[[dict[str, Any]], None]


_kinds: dict[str, Kind | Carrier] = {}


def register(name: str, kind: Kind | Carrier) -> None:
    """Let a higher slice say how its messages are written or carried, and who hears of their fate."""
    _kinds[name] = kind


def enqueue(kind: str, payload: dict[str, Any], *, not_before: datetime | None = None) -> OutboxMessage:
    """Add a message in the running transaction; the worker sends it after the commit.

    payload: references only. Raises KeyError for a kind that nobody registered.
    """
    _kinds[kind]
    now = clock.now()
    message = OutboxMessage(kind=kind, payload=payload, created_at=now, next_attempt_at=not_before or now)
    db.session.add(message)
    db.session.flush()
    return message


def withdraw(ref: str) -> bool:
    """Take a message back in the running transaction; its owner is not told.

    False where that is too late: it is over, a worker has it, or one that had it was killed and may have sent it.
    """
    found = select(OutboxMessage).where(OutboxMessage.ref == ref).with_for_update()
    row = db.session.scalar(found.execution_options(populate_existing=True))
    if row is None or row.state != "pending" or row.lease_token is not None or row.is_possible_duplicate:
        return False
    row.state = "dropped"
    audit.record("system", "message.dropped", "outbox", row.ref, kind=row.kind, attempts=row.attempts)
    return True


def message_id(message: OutboxMessage) -> str:
    """Return the Message-ID of `message`: always the same, so that a receiver can tell a second copy."""
    settings = current_settings()
    digest = hmac.new(settings.secret_key.encode(), f"message:{message.ref}".encode(), hashlib.sha256)
    domain = settings.mail_sender.rpartition("@")[2]
    return f"<{digest.hexdigest()[:32]}@{domain}>"


def lease_next(resting: Collection[str] = ()) -> OutboxMessage | None:
    """Take the next due message for this worker, or None. A lease that ran out is taken over.

    resting: kinds that are left alone.
    """
    now = clock.now()
    with unit_of_work():
        due = (
            select(OutboxMessage)
            .where(OutboxMessage.state == "pending", OutboxMessage.next_attempt_at <= now)
            .where(or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= now))
            .where(OutboxMessage.kind.not_in(resting))
            .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            .limit(1)
        )
        if is_postgresql():
            due = due.with_for_update(skip_locked=True)
        message = db.session.scalar(due)
        if message is None:
            return None
        # The worker that held it may have been killed after the server took the mail: say so, and keep the
        # Message-ID so that both copies are one logical notification (assurance §3.2).
        message.is_possible_duplicate = message.is_possible_duplicate or message.lease_token is not None
        message.attempts += 1
        message.lease_token = new_ref(24)
        message.lease_until = now + timedelta(seconds=current_settings().outbox_lease_seconds)
    return message


def _held(message: OutboxMessage, token: str | None) -> OutboxMessage | None:
    """Return the row while this worker still holds it: a worker that was overtaken must not write."""
    found = select(OutboxMessage).where(OutboxMessage.id == message.id, OutboxMessage.lease_token == token)
    row = db.session.scalar(found.with_for_update() if is_postgresql() else found)
    return row if row is not None and row.state == "pending" else None


def deliver_to_mailbox(message: OutboxMessage, mail: Mail) -> None:
    """Put `mail` on the built-in mailbox page and complete the message, in one transaction: exactly once."""
    with unit_of_work():
        row = _held(message, message.lease_token)
        if row is None:
            return
        now = clock.now()
        db.session.add(
            MailboxMessage(
                message_id=message_id(row),
                recipient=mail.recipient,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                received_at=now,
            )
        )
        _finish(row, "sent")


def complete(message: OutboxMessage, token: str, state: str = "sent", receipt: Any = None) -> bool:
    """Record that `message` was sent, or dropped because nobody wants it any more. False where overtaken."""
    with unit_of_work():
        row = _held(message, token)
        if row is None:
            return False
        _finish(row, state, receipt)
    return True


def _finish(row: OutboxMessage, state: str, receipt: Any = None) -> None:
    row.state, row.lease_token, row.lease_until, row.last_error = state, None, None, ""
    row.sent_at = clock.now() if state == "sent" else None
    kind = _kinds[row.kind]
    if isinstance(kind, Carrier):
        kind.sent(row.payload, receipt, clock.now()) if state == "sent" else kind.dropped(row.payload)
    elif state == "sent":
        kind.sent(row.payload, clock.now())
    audit.record("system", f"message.{state}", "outbox", row.ref, kind=row.kind, attempts=row.attempts)


def fail(message: OutboxMessage, token: str, failure: Failure) -> None:
    """Record a failed attempt: retry later, or give up; tell the owner."""
    with unit_of_work():
        row = _held(message, token)
        if row is None:
            return
        row.lease_token, row.lease_until, row.last_error = None, None, failure.text[:300]
        is_over = failure.is_permanent or row.attempts >= MAX_ATTEMPTS
        kind = _kinds[row.kind]
        if isinstance(kind, Carrier):
            kind.tried(row.payload, failure, is_over)
        elif is_over:
            kind.failed(row.payload, failure.text)
        if is_over:
            row.state = "failed"
            audit.record("system", "message.failed", "outbox", row.ref, kind=row.kind, reason=failure.text[:120])
        else:
            row.next_attempt_at = next_attempt(clock.now(), row.attempts)


def kind_of(message: OutboxMessage) -> Kind | Carrier:
    """Return the registered kind of `message`."""
    return _kinds[message.kind]
