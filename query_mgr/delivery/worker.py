"""The worker: sends what is due. `flask worker` runs it; several may run at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from query_mgr.delivery import actions, leasing, schedule
from query_mgr.delivery.leasing import Done
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.retry import REST_SECONDS, Failure, classify
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.wakeup import Bell
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings

#: a worker takes what it sends in this time and records it at once: more is quicker, and more to double if it is killed
_BATCH_SECONDS, _LARGEST_BATCH = 0.25, 100


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


class Pace:
    """How many messages this worker takes at a time: one at first and after a failure, more while they go quickly."""

    def __init__(self) -> None:
        self.size = 1

    def went(self, number: int, seconds: float) -> None:
        """Learn that `number` messages took so long."""
        fitting = int(_BATCH_SECONDS * number / seconds) if seconds > 0 else _LARGEST_BATCH
        self.size = max(1, min(self.size * 2, fitting, _LARGEST_BATCH))

    def stumbled(self) -> None:
        """Learn that something failed."""
        self.size = 1


def drain(smtp: Smtp, limit: int = 1000, rest: Rest | None = None, stopping: threading.Event | None = None) -> int:
    """Send what is due, at most `limit` messages; return how many were tried.

    A receiver that does not answer costs one wait and no attempt of the other messages to it.
    """
    rest, pace, count = rest or Rest(), Pace(), 0
    done: list[Done] = []
    leasing.set_poison_aside()
    while count < limit and not (stopping and stopping.is_set()):
        begun = time.monotonic()
        batch = _next_batch(done, min(pace.size, limit - count), rest)
        if not batch:
            break
        sending = time.monotonic()  # waiting for the database says nothing of the mail server
        tried, done, failure = _work_off(batch, smtp, begun, stopping)
        count += tried
        pace.stumbled() if failure else pace.went(tried, time.monotonic() - sending)
        if failure is not None and failure.is_unanswered:
            rest.begin(batch[0][0].kind)
    _record(done)
    return count


Leased = tuple[OutboxMessage, str]


def _next_batch(done: list[Done], size: int, rest: Rest) -> list[Leased]:
    """Record what is over and take what comes next, each message with the token that it was leased with."""
    try:
        found = leasing.record_and_lease(done, size, rest.kinds())
    except Exception as error:
        if not done:
            raise
        current_app.logger.error("outbox: %s while recording %s messages", type(error).__name__, len(done))
        _record_singly(done)
        found = leasing.lease(size, rest.kinds())
    return [(message, message.lease_token or "") for message in found]


def _work_off(
    batch: Sequence[Leased], smtp: Smtp, begun: float, stopping: threading.Event | None
) -> tuple[int, list[Done], Failure | None]:
    """Send messages that this worker leased together; return how many were tried, what is over and not yet recorded,
    and the failure that ended it, if others would have failed alike. The rest is given back then.
    """
    done: list[Done] = []
    for tried, (message, token) in enumerate(batch):
        if tried and _must_stop(begun, stopping):
            _record(done)
            leasing.give_back(batch[tried:])
            return tried, [], None
        done.append(_tried(message, token, smtp))
        failure = done[-1].failure
        if failure is not None and not failure.is_about_one_message:
            _record(done)
            leasing.give_back(batch[tried + 1 :])
            return tried + 1, [], failure
    return len(batch), done, None


def _must_stop(begun: float, stopping: threading.Event | None) -> bool:
    """Return whether the rest is better left to others: told to stop, or the lease could end while it is sent."""
    settings = current_settings()
    left = settings.outbox_lease_seconds - (time.monotonic() - begun)
    return bool(stopping and stopping.is_set()) or left < settings.mail_timeout_seconds + 5


def _tried(message: OutboxMessage, token: str, smtp: Smtp) -> Done:
    """Send one message. It stays in the outbox whatever goes wrong: it is tried again, unless that is hopeless."""
    try:
        return _sent(message, token, smtp)
    except Exception as error:
        db.session.rollback()
        failure = classify(error)
        current_app.logger.warning("message %s: %s", message.ref, failure.text)
        return Done(message, token, "failed", failure=failure)


def _sent(message: OutboxMessage, token: str, smtp: Smtp) -> Done:
    """Send one message, or find that nobody wants it any more."""
    kind = actions.kind_of(message)
    if isinstance(kind, actions.Carrier):
        receipt = kind.carry(message.payload, message.is_possible_duplicate)
        db.session.rollback()
        if receipt is None:
            return Done(message, token, "dropped")
        _crash_if_asked("after_receipt")
        return Done(message, token, receipt=receipt)
    mail = kind.render(message.payload)
    db.session.rollback()
    if mail is None:
        return Done(message, token, "dropped")
    if current_settings().mail_goes_to_mailbox:
        return Done(message, token, mail=mail)
    smtp.send(mail, actions.message_id(message), message.ref)
    _crash_if_asked("after_smtp")
    return Done(message, token)


def _record(done: Sequence[Done]) -> None:
    """Record what is over. Where one message cannot be recorded, the others are, each for itself."""
    if not done:
        return
    try:
        leasing.complete_all(done)
    except Exception as error:
        current_app.logger.error("outbox: %s while recording %s messages", type(error).__name__, len(done))
        _record_singly(done)


def _record_singly(done: Sequence[Done]) -> None:
    db.session.rollback()
    for one in done:
        try:
            leasing.complete_all([one])
        except OperationalError:  # the database is away: the lease ends, and a second copy says what it is
            raise
        except Exception as error:
            db.session.rollback()
            current_app.logger.error(
                "message %s: %s after it %s", one.message.ref, type(error).__name__, one.state
            )
            leasing.set_aside(one.message, one.token, f"{one.state}, and not recorded ({type(error).__name__})")


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
    chores, rest, bell = schedule.Schedule(), Rest(), Bell()
    with Smtp() as smtp:
        while not stopping.is_set():
            try:
                chores.run_due()
                taken = drain(smtp, 50, rest, stopping)
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
                bell.wait(stopping, current_settings().worker_poll_seconds)
    bell.close()
