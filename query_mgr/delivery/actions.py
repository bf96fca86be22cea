"""Put a message into the outbox, take it back. Leasing and settling stand in leasing.py, sending in worker.py."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.delivery import wakeup
from query_mgr.delivery.letters import as_html
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.retry import Failure, give_up_at
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings


@dataclass(frozen=True)
class Mail:
    """One mail to one mailbox. Neither subject nor text may hold PHI (assurance §1.2 item 11); HTML is made of the text."""

    recipient: str
    subject: str
    text: str

    @property
    def html(self) -> str:
        """The same as HTML."""
        return as_html(self.text, self.subject)


@dataclass(frozen=True)
class Way:
    """A link that helps with a troubled message. action: the permission that its page asks for."""

    label: str
    endpoint: str
    values: dict[str, str]
    action: str


@dataclass(frozen=True)
class About:
    """What a page may say of a message: never anything of a patient. is_over: nobody needs it any more."""

    who: str
    what: str
    is_over: bool = False
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Kind:
    """What a kind of mail can do.

    render: write the mail at the moment of sending, or return None where it is no longer wanted. sent, failed: tell its
    owner, in the transaction that records it; failed may follow sent, when the mail bounces. about: describe it to
    staff. again: make a new message for what is still wanted, on behalf of somebody (an address for the audit), in the
    running transaction; False where the same message can be tried once more. dropped: tell its owner that `render`
    returned None. hold: lock what `sent` changes, for several
    messages and in one order whoever asks, before anything else is locked.
    """

    render: Callable[[dict[str, Any]], Mail | None]
    sent: Callable[[dict[str, Any], datetime], None]
    failed: Callable[[dict[str, Any], str], None]
    about: Callable[[dict[str, Any]], About] | None = None
    again: Callable[[dict[str, Any], str], bool] | None = None
    dropped: Callable[[dict[str, Any]], None] | None = None
    hold: Callable[[Sequence[dict[str, Any]]], None] | None = None


@dataclass(frozen=True)
class Carrier:
    """A kind of message that brings its own way out.

    carry: deliver it and return the receiver's receipt, or None where it is no longer wanted. It is told whether the
    receiver may have the message already, runs outside any transaction, and raises `retry.DeliveryError`. One that
    was killed after the receipt carries the message again, so a receiver must be able to tell a second copy by
    something that stays the same. sent, tried (is it over?) and dropped tell the owner, in the transaction that
    records it. about: describe it to staff.
    """

    carry: Callable[[dict[str, Any], bool], Any]
    sent: Callable[[dict[str, Any], Any, datetime], None]
    tried: Callable[[dict[str, Any], Failure, bool], None]
    dropped: Callable[[dict[str, Any]], None]
    about: Callable[[dict[str, Any]], About] | None = field(default=None)


_kinds: dict[str, Kind | Carrier] = {}


def register(name: str, kind: Kind | Carrier) -> None:
    """Let a higher slice say how its messages are written or carried, and who hears of their fate."""
    _kinds[name] = kind


def kind_of(message: OutboxMessage) -> Kind | Carrier:
    """Return the registered kind of `message`. Raises KeyError where nobody registered it."""
    return _kinds[message.kind]


def kinds() -> dict[str, Kind | Carrier]:
    """Return every registered kind by its name."""
    return dict(_kinds)


def enqueue(
    kind: str, payload: dict[str, Any], *, not_before: datetime | None = None, due_at: datetime | None = None
) -> OutboxMessage:
    """Add a message in the running transaction; the worker sends it after the commit.

    payload: references only. due_at: when it is of no use any more; the soonest goes first, and it is given up then, or
    after three days. Raises KeyError for a kind that nobody registered.
    """
    _kinds[kind]
    now = clock.now()
    start = max(now, not_before or now)
    message = OutboxMessage(
        kind=kind, payload=payload, created_at=now, next_attempt_at=start, due_at=give_up_at(start, due_at)
    )
    db.session.add(message)
    db.session.flush()
    wakeup.ring()
    return message


def withdraw(ref: str) -> bool:
    """Take a message back in the running transaction; its owner is not told.

    False where that is too late: it is over, a worker has it, or one that had it was killed and may have sent it.
    """
    # A worker that records this very row holds it: that is too late, and waiting could be waiting in a circle.
    found = select(OutboxMessage).where(OutboxMessage.ref == ref).with_for_update(skip_locked=True)
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
