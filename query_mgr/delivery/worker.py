"""The worker: sends what is due. `flask worker` runs it; several may run at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from query_mgr.delivery import actions, schedule
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.retry import REST_SECONDS, Failure, classify
from query_mgr.delivery.transport import Smtp
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings


class Rest:
    """Which kinds of message one worker leaves alone for a moment, as nobody answered there."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def begin(self, kind: str) -> None:
        """Leave `kind` alone from now on."""
        self._until[kind] = time.monotonic() + REST_SECONDS

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds that rest now."""
        return tuple(kind for kind, until in self._until.items() if time.monotonic() < until)


def drain(smtp: Smtp, limit: int = 1000, rest: Rest | None = None) -> int:
    """Send what is due, at most `limit` messages; return how many were taken.

    A receiver that does not answer costs one wait and no attempt of the other messages to it.
    """
    rest = rest or Rest()
    for count in range(limit):
        message = actions.lease_next(rest.kinds())
        if message is None:
            return count
        kind = message.kind
        failure = _send(message, smtp)
        if failure is not None and failure.is_unanswered:
            rest.begin(kind)
    return limit


def _send(message: OutboxMessage, smtp: Smtp) -> Failure | None:
    token = message.lease_token or ""
    db.session.expunge(message)
    kind = actions.kind_of(message)
    if isinstance(kind, actions.Carrier):
        return _carry(message, token, kind)
    try:
        mail = kind.render(message.payload)
        db.session.rollback()
        if mail is None:
            actions.complete(message, token, "dropped")
            return None
        if current_settings().mail_goes_to_mailbox:
            actions.deliver_to_mailbox(message, mail)
            return None
        smtp.send(mail, actions.message_id(message))
    except Exception as error:
        return _failed(message, token, error)
    _crash_if_asked("after_smtp")
    actions.complete(message, token)
    return None


def _carry(message: OutboxMessage, token: str, kind: actions.Carrier) -> Failure | None:
    try:
        receipt = kind.carry(message.payload, message.is_possible_duplicate)
        db.session.rollback()
    except Exception as error:
        return _failed(message, token, error)
    if receipt is None:
        actions.complete(message, token, "dropped")
        return None
    _crash_if_asked("after_receipt")
    actions.complete(message, token, receipt=receipt)
    return None


def _failed(message: OutboxMessage, token: str, error: Exception) -> Failure:
    """Leave the message in the outbox, whatever the error is: it is tried again, unless that is hopeless."""
    db.session.rollback()
    failure = classify(error)
    current_app.logger.warning("message %s: %s", message.ref, failure.text)
    actions.fail(message, token, failure)
    return failure


def _crash_if_asked(place: str) -> None:
    """Die like a killed process where the fault tests ask for it (assurance §3.4)."""
    if current_settings().crash_at == place:
        os.kill(os.getpid(), signal.SIGKILL)


@click.command("worker", help="Send what the outbox holds, until SIGINT or SIGTERM.")
@click.option("--once", is_flag=True, help="Send what is due now, then stop.")
@with_appcontext
def worker(once: bool) -> None:
    """Run the worker."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    parent = os.getppid()
    chores, rest = schedule.Schedule(), Rest()
    with Smtp() as smtp:
        while not stopping.is_set():
            try:
                chores.run_due()
                taken = drain(smtp, 50, rest)
            except Exception as error:  # the database may be away for a moment
                db.session.rollback()
                current_app.logger.error("worker: %s; trying again", type(error).__name__)
                taken = 0
            if once and not taken:
                return
            # A worker whose web process was killed must not live on beside the next one.
            if os.getppid() != parent and not once:
                return
            if not taken:
                smtp.close()
                stopping.wait(current_settings().worker_poll_seconds)
