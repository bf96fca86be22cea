"""The outbox, and the built-in mailbox that receives mail while no SMTP server is configured."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref

#: states in which a person has to look: refused or bounced, or set aside after it broke the worker again and again
TROUBLED = ("failed", "quarantined")


class OutboxMessage(Model):
    """One message to be sent exactly once, written in the transaction that made it necessary."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_state_due", "state", "due_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    kind: Mapped[str] = mapped_column(String(40))
    #: references only: what the renderer of `kind` needs to write the mail at the moment of sending
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="pending")  # pending | sent | dropped | one of TROUBLED
    attempts: Mapped[int] = mapped_column(default=0)
    #: how often a worker died while it held this message, or could not write it
    crashes: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: the soonest is sent first; tried no longer than until then
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    #: the row of failures.CLASSES that the last failure belongs to
    failure_class: Mapped[str] = mapped_column(String(20), default="")
    is_possible_duplicate: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailRelay(Model):
    """How one mail server did lately: read by every worker before it takes mail from the outbox."""

    __tablename__ = "mail_relay"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)  # host:port
    #: the class of the last failure, and how many of it came in a row
    failure_class: Mapped[str] = mapped_column(String(20), default="")
    failures: Mapped[int] = mapped_column(default=0)
    #: how often it was closed without a success since, and until when it is now
    closings: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: what it was configured with when it was closed: other settings open it again
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    #: when the configured rate lets the next mail go
    next_send_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailboxMessage(Model):
    """A mail as the built-in mailbox page shows it (embedded and demo mode)."""

    __tablename__ = "mailbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(255), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InboundMail(Model):
    """Mail that came back: what a machine said in it, and nothing of its text."""

    __tablename__ = "inbound_mail"
    __table_args__ = (Index("ix_inbound_mail_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    #: SHA-256 of the whole mail: the same one twice is one
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))  # a key of inbound.KINDS
    state: Mapped[str] = mapped_column(String(10))  # noted | waiting (a person has to look) | settled
    #: the message that it answers, found by VERP alone
    outbox_ref: Mapped[str | None] = mapped_column(String(16))
    status_code: Mapped[str] = mapped_column(String(12), default="")  # RFC 3463
    recipient: Mapped[str] = mapped_column(String(255), default="")  # of a bounce that nothing was found for
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(255), default="")
