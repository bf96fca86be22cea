"""The worker: sends what is due. `flask worker` runs it; several may run at once."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from query_mgr.delivery import actions, schedule
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.retry import classify
from query_mgr.delivery.transport import Smtp
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings


def drain(smtp: Smtp, limit: int = 1000) -> int:
    """Send what is due, at most `limit` messages; return how many were taken."""
    for count in range(limit):
        message = actions.lease_next()
        if message is None:
            return count
        _send(message, smtp)
    return limit


def _send(message: OutboxMessage, smtp: Smtp) -> None:
    token = message.lease_token or ""
    db.session.expunge(message)
    kind = actions.kind_of(message)
    if isinstance(kind, actions.Carrier):
        _carry(message, token, kind)
        return
    try:
        mail = kind.render(message.payload)
        db.session.rollback()
        if mail is None:
            actions.complete(message, token, "dropped")
            return
        if current_settings().mail_goes_to_mailbox:
            actions.deliver_to_mailbox(message, mail)
            return
        smtp.send(mail, actions.message_id(message))
    except Exception as error:
        _failed(message, token, error)
        return
    _crash_if_asked("after_smtp")
    actions.complete(message, token)


def _carry(message: OutboxMessage, token: str, kind: actions.Carrier) -> None:
    try:
        receipt = kind.carry(message.payload, message.is_possible_duplicate)
        db.session.rollback()
    except Exception as error:
        _failed(message, token, error)
        return
    if receipt is None:
        actions.complete(message, token, "dropped")
        return
    _crash_if_asked("after_receipt")
    actions.complete(message, token, receipt=receipt)


def _failed(message: OutboxMessage, token: str, error: Exception) -> None:
    """Leave the message in the outbox, whatever the error is: it is tried again, unless that is hopeless."""
    db.session.rollback()
    failure = classify(error)
    current_app.logger.warning("message %s: %s", message.ref, failure.text)
    actions.fail(message, token, failure)


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
    chores = schedule.Schedule()
    with Smtp() as smtp:
        while not stopping.is_set():
            try:
                chores.run_due()
                taken = drain(smtp, 50)
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
