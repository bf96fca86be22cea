"""What a person can do about a message that did not arrive: try it again, or drop it."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.delivery import wakeup
from query_mgr.delivery.actions import Kind, kinds
from query_mgr.delivery.attention import may_retry
from query_mgr.delivery.models import TROUBLED, OutboxMessage
from query_mgr.delivery.retry import give_up_at
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work


class RepairError(ValueError):
    """The message cannot be repaired as asked; the text says why."""


def retry(actor: Actor, ref: str) -> None:
    """Try a message again now, from the beginning; what its owner can make anew goes out as a new message.

    Raises RepairError, NotAllowedError.
    """
    actor.must("delivery.repair")
    with unit_of_work():
        row = _repairable(ref)
        kind = kinds().get(row.kind)
        if not may_retry(row):
            raise RepairError("This message is settled on its own page; open it from here.")
        is_anew = row.state in TROUBLED and isinstance(kind, Kind) and kind.again is not None
        if is_anew and kind.again(row.payload, actor.email):  # type: ignore[union-attr,misc]
            row.state = "dropped"
            audit.record(actor.email, "message.replaced", "outbox", row.ref, kind=row.kind)
            return
        now = clock.now()
        row.state, row.crashes, row.next_attempt_at, row.due_at = "pending", 0, now, give_up_at(now, row.due_at)
        row.last_error, row.failure_class = "", ""
        wakeup.ring()
        audit.record(actor.email, "message.retried", "outbox", row.ref, kind=row.kind)


def drop(actor: Actor, ref: str) -> None:
    """Take a message out for good; its owner learns that nobody got it. Raises RepairError, NotAllowedError."""
    actor.must("delivery.repair")
    with unit_of_work():
        row = _repairable(ref)
        kind = kinds().get(row.kind)
        if row.state == "pending":
            if not isinstance(kind, Kind):
                raise RepairError("This message is settled on its own page; open it from here.")
            kind.failed(row.payload, "taken out of the outbox by hand")
        row.state = "dropped"
        audit.record(actor.email, "message.dropped", "outbox", row.ref, kind=row.kind, attempts=row.attempts)


def _repairable(ref: str) -> OutboxMessage:
    wanted = select(OutboxMessage).where(OutboxMessage.ref == ref).with_for_update()
    row = db.session.scalar(wanted.execution_options(populate_existing=True))
    if row is None or row.state not in ("pending", *TROUBLED):
        raise RepairError("This message is over; load the page again.")
    if row.state == "pending" and row.lease_until and row.lease_until > clock.now():
        raise RepairError("A worker is sending this message right now; look again in a minute.")
    return row
