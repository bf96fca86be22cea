"""Take in a mail that came back: a bounce stops its message, an automatic reply is a signal, a reply is not kept."""

from __future__ import annotations

import hashlib

from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.delivery import signals, verp
from query_mgr.delivery.actions import Carrier, Kind, Mail, enqueue, kinds, register
from query_mgr.delivery.failures import class_of_bounce
from query_mgr.delivery.inbound import Inbound, read
from query_mgr.delivery.models import InboundMail, OutboxMessage
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings

#: what a person has to look at where no message of ours is found for it
_MATTERS = {"bounce", "complaint", "unreadable"}
NOTICE = "reply_notice"


def take_in(raw: bytes, recipient: str = "") -> InboundMail:
    """Note what a mail says and do what follows; the same mail again changes nothing. Its text is not kept.

    recipient: the envelope's, where the mail server tells it.
    """
    found = read(raw, current_settings().mail_sender)
    digest = hashlib.sha256(raw).hexdigest()
    try:
        with unit_of_work():
            known = _known(digest)
            return known or _noted(found, digest, recipient)
    except IntegrityError:  # two processes took in the same mail at once
        known = _known(digest)
        if known is None:
            raise
        return known


def _known(digest: str) -> InboundMail | None:
    return db.session.scalar(select(InboundMail).where(InboundMail.digest == digest))


def _noted(found: Inbound, digest: str, recipient: str) -> InboundMail:
    refs = (verp.ref_in(one) for one in (recipient, *found.addresses) if one)
    message = _message(next(filter(None, refs), None))
    needs_person = found.kind in ("complaint", "unreadable") or (message is None and found.kind in _MATTERS)
    row = InboundMail(
        digest=digest, kind=found.kind, state="waiting" if needs_person else "noted",
        outbox_ref=message.ref if message else None, status_code=found.status[:12],
        recipient=found.recipient if message is None else "", received_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("system", "mail.came_back", "inbound_mail", row.ref, kind=row.kind, outbox=row.outbox_ref or "")
    if message is not None:
        _follow(found, message)
    return row


def _message(ref: str | None) -> OutboxMessage | None:
    if ref is None:
        return None
    wanted = select(OutboxMessage).where(OutboxMessage.ref == ref).with_for_update()
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def _follow(found: Inbound, message: OutboxMessage) -> None:
    if found.kind == "bounce":
        _bounced(message, found.status)
    elif found.kind == "auto_reply":
        signals.publish(signals.AutoReply(message.ref, message.kind, message.payload, clock.now()))
    elif found.kind == "reply" and message.kind != NOTICE and _replies(message) == 1:
        enqueue(NOTICE, {"outbox": message.ref})


def _bounced(message: OutboxMessage, status: str) -> None:
    """Stop a message that came back; one that is over already stays as it is."""
    kind = kinds().get(message.kind)
    if message.state not in ("sent", "pending") or kind is None or isinstance(kind, Carrier):
        return
    failure = class_of_bounce(status)
    message.state, message.lease_token, message.lease_until = "failed", None, None
    message.failure_class = failure.key
    message.last_error = f"it came back: {failure.title}" + (f" ({status})" if status else "")
    kind.failed(message.payload, message.last_error)
    audit.record("system", "message.bounced", "outbox", message.ref, kind=message.kind, status=status)


def _replies(message: OutboxMessage) -> int:
    wanted = select(func.count(InboundMail.id)).where(
        InboundMail.outbox_ref == message.ref, InboundMail.kind == "reply"
    )
    return db.session.scalar(wanted) or 0


def settle(actor: Actor, ref: str) -> bool:
    """Take a mail off the list of what needs attention; False where it is not on it. Raises NotAllowedError."""
    actor.must("delivery.repair")
    with unit_of_work():
        row = db.session.scalar(select(InboundMail).where(InboundMail.ref == ref))
        if row is None or row.state != "waiting":
            return False
        row.state, row.settled_by = "settled", actor.email
        audit.record(actor.email, "mail.settled", "inbound_mail", row.ref, kind=row.kind)
    return True


def _notice(payload: dict[str, str]) -> Mail | None:
    """Write to whoever replied that nobody reads replies, at the address that the message itself would go to now."""
    message = db.session.scalar(select(OutboxMessage).where(OutboxMessage.ref == payload["outbox"]))
    kind = kinds().get(message.kind) if message else None
    if message is None or not isinstance(kind, Kind):
        return None
    original = kind.render(message.payload)
    if original is None:
        return None
    values = {"organization": current_settings().organization, "subject": original.subject}
    return Mail(
        recipient=original.recipient, subject="Your reply was not read",
        text=render_template("mail/reply_notice.txt", **values),
    )  # fmt: skip


def register_notice() -> None:
    """Hook the notice into the outbox."""
    register(NOTICE, Kind(_notice, lambda payload, at: None, lambda payload, reason: None))
