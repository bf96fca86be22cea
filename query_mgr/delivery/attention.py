"""What a person has to see to, and what is on its way: the one page for everything that did not arrive (P5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from query_mgr.delivery import relay
from query_mgr.delivery.actions import About, Carrier, kinds
from query_mgr.delivery.breaker import Circuit
from query_mgr.delivery.failures import CLASSES, FailureClass
from query_mgr.delivery.inbound import KINDS
from query_mgr.delivery.models import TROUBLED, InboundMail, OutboxMessage
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings

_SHOWN = 100
_QUEUED_SHOWN = 25
#: a mail server that was away for so long needs somebody to look at it
_LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Item:
    """A message that needs somebody: who should have got what, why they did not, and what to do."""

    message: OutboxMessage
    about: About
    failure: FailureClass
    may_retry: bool


@dataclass(frozen=True)
class Queued:
    """A message on its way. goes_at: when it will leave as far as is known, or None where it may leave now."""

    message: OutboxMessage
    about: About
    goes_at: datetime | None


@dataclass(frozen=True)
class Sender:
    """How the mail server does. failure: why nothing goes, or None."""

    circuit: Circuit
    failure: FailureClass | None

    @property
    def needs_somebody(self) -> bool:
        """Whether waiting alone may not help."""
        at = self.circuit.closed_at
        return self.failure is not None and (
            self.circuit.is_paused or (at is not None and at + _LONG < clock.now())
        )


def sender() -> Sender:
    """Return how the configured mail server does."""
    circuit = Circuit() if current_settings().mail_goes_to_mailbox else relay.circuit()
    return Sender(circuit, relay.reason(circuit) if circuit.is_closed else None)


def count() -> int:
    """Return how many things need somebody."""
    messages = select(func.count(OutboxMessage.id)).where(OutboxMessage.state.in_(TROUBLED))
    mails = select(func.count(InboundMail.id)).where(InboundMail.state == "waiting")
    return (db.session.scalar(messages) or 0) + (db.session.scalar(mails) or 0) + sender().needs_somebody


def items() -> list[Item]:
    """Return the messages that need somebody, the oldest first."""
    wanted = select(OutboxMessage).where(OutboxMessage.state.in_(TROUBLED)).order_by(OutboxMessage.id)
    found = [(row, about(row)) for row in db.session.scalars(wanted.limit(_SHOWN))]
    return [
        Item(row, said, CLASSES.get(row.failure_class, CLASSES["refused"]), may_retry(row))
        for row, said in found
        if not said.is_over
    ]


def came_back() -> list[InboundMail]:
    """Return the mails that came back and that a person has to look at, the oldest first."""
    wanted = select(InboundMail).where(InboundMail.state == "waiting").order_by(InboundMail.id)
    return list(db.session.scalars(wanted.limit(_SHOWN)))


def queued() -> tuple[list[Queued], int]:
    """Return the messages that leave next, and how many wait in all."""
    wanted = select(OutboxMessage).where(OutboxMessage.state == "pending")
    rows = db.session.scalars(wanted.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(_QUEUED_SHOWN)).all()
    total = db.session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.state == "pending")) or 0
    opens_at = None if current_settings().mail_goes_to_mailbox else relay.circuit().closed_until
    per_minute, now = current_settings().mail_per_minute, clock.now()
    return [
        Queued(row, about(row), leaves_at(place, row.next_attempt_at, opens_at, per_minute, now))
        for place, row in enumerate(rows)
    ], total


def leaves_at(
    place: int, next_attempt_at: datetime, opens_at: datetime | None, per_minute: int, now: datetime
) -> datetime | None:
    """Return when the message at `place` of the queue (from 0) leaves, or None for as soon as a worker looks. Pure."""
    begin = max(now, opens_at or now)
    turn = begin + timedelta(minutes=place / per_minute) if per_minute else begin
    at = max(turn, next_attempt_at)
    return at if at > now else None


def about(row: OutboxMessage) -> About:
    """Return what a page may say of a message: never anything of a patient."""
    kind = kinds().get(row.kind)
    unnamed = About("nobody named", row.kind.replace("_", " ").replace(":", " by "))
    if kind is None:
        return unnamed
    if kind.about is not None:
        return kind.about(row.payload)
    if isinstance(kind, Carrier):
        return unnamed
    try:
        mail = kind.render(row.payload)
    except Exception:  # the page is where a message that cannot be written is seen
        return unnamed
    return About(mail.recipient, f"“{mail.subject}”") if mail else replace(unnamed, is_over=True)


def may_retry(row: OutboxMessage) -> bool:
    """Return whether the same message can be tried once more from here: a carrier's owner has a page of its own."""
    kind = kinds().get(row.kind)
    return kind is not None and not isinstance(kind, Carrier)


def inbound_words() -> dict[str, str]:
    """Return what a page says of each kind of mail that came back."""
    return KINDS


def forget_settled() -> None:
    """Take off the list what nobody needs any more: answered, cancelled or sent anew elsewhere."""
    wanted = select(OutboxMessage).where(OutboxMessage.state.in_(TROUBLED)).order_by(OutboxMessage.id)
    over = [row.id for row in db.session.scalars(wanted.limit(1000)) if about(row).is_over]
    db.session.rollback()
    if not over:
        return
    with unit_of_work():
        again = select(OutboxMessage).where(OutboxMessage.id.in_(over), OutboxMessage.state.in_(TROUBLED))
        for row in db.session.scalars(again.order_by(OutboxMessage.id).with_for_update()):
            row.state = "dropped"
