"""The mail server's record in the database, so that every worker on every host knows of it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.delivery.breaker import Circuit, after_failure, after_sending, probing, room
from query_mgr.delivery.failures import CLASSES, FailureClass
from query_mgr.delivery.models import MailRelay
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings


def name() -> str:
    """Return what the configured mail server is called."""
    settings = current_settings()
    return f"{settings.mail_server}:{settings.mail_port}"


def _fingerprint() -> str:
    """Return what changes when somebody mends the settings; it gives no password away."""
    one = current_settings()
    said = f"{one.mail_username}\0{one.mail_password}\0{one.mail_use_tls}\0{one.mail_tls_ca}\0{one.mail_sender}"
    return hmac.new(one.secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()


def _row(*, is_held: bool = False) -> MailRelay | None:
    found = select(MailRelay).where(MailRelay.name == name())
    if is_held:
        found = found.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(found)


def _circuit(row: MailRelay) -> Circuit:
    return Circuit(**{field: getattr(row, field) for field in Circuit.__dataclass_fields__})


def _keep(row: MailRelay, circuit: Circuit) -> None:
    for field, value in asdict(circuit).items():
        setattr(row, field, value)


def circuit() -> Circuit:
    """Return how the configured mail server does."""
    row = _row()
    return _circuit(row) if row else Circuit()


def hold(*, is_made: bool) -> None:
    """Lock the mail server's record in the running transaction, if there is one. is_made: make it if it is missing.

    A worker does this before it locks messages, their subjects and the audit chain, in this order: nobody waits in a circle.
    """
    if current_settings().mail_goes_to_mailbox or _row(is_held=True) is not None or not is_made:
        return
    try:
        with db.session.begin_nested():
            _new()
    except IntegrityError:  # another worker made it at this moment
        _row(is_held=True)


@dataclass(frozen=True)
class Room:
    """How many mails may be taken from the outbox now, and the record that says so."""

    number: int
    row: MailRelay | None = None


def room_for(wanted: int) -> Room:
    """Return how many mails may be taken from the outbox in the running transaction; `took` says how many were.

    0 while the server is left alone or the rate is used up; 1 where one message is to try whether it goes again.
    """
    settings, now = current_settings(), clock.now()
    if settings.mail_goes_to_mailbox:
        return Room(wanted)
    row = _row()
    if row is not None and (row.closed_until is not None or settings.mail_per_minute):
        row = _row(is_held=True)
    if row is None:
        return Room(room(None, settings.mail_per_minute, wanted, now))
    if row.closed_until is not None and row.fingerprint != _fingerprint():
        _keep(row, Circuit())
    if row.closed_until is not None:
        return Room(int(probing(_circuit(row), now) is not None), row)
    return Room(room(row.next_send_at, settings.mail_per_minute, wanted, now), row)


def took(found: Room, number: int) -> None:
    """Note, in the running transaction, that `number` mails are on their way."""
    settings, now = current_settings(), clock.now()
    if settings.mail_goes_to_mailbox or (found.row is None and not settings.mail_per_minute):
        return
    row = found.row or _new()
    trying = probing(_circuit(row), now)
    if trying is not None:
        _keep(row, trying)
    if settings.mail_per_minute:
        row.next_send_at = after_sending(number, settings.mail_per_minute, now)


def _new() -> MailRelay:
    row = MailRelay(name=name(), failures=0, closings=0, failure_class="", fingerprint="")
    db.session.add(row)
    db.session.flush()
    return row


def failed(failure: FailureClass) -> None:
    """Note, in the running transaction, that a mail failed; the server is left alone after too many in a row."""
    row = _row(is_held=True)
    if row is None and not failure.trips_after:
        return
    row = row or _new()
    before = _circuit(row)
    after = after_failure(before, failure, clock.now())
    _keep(row, after)
    if after.closed_at and not before.closed_at:
        row.fingerprint = _fingerprint()
        audit.record("system", "mail.stopped", "mail_relay", row.name[:80], reason=failure.key)
    elif before.closed_at and not after.closed_at:
        audit.record("system", "mail.resumed", "mail_relay", row.name[:80])


def succeeded() -> None:
    """Note, in the running transaction, that the server took a mail."""
    row = _row()
    if row is None or not (row.failures or row.closed_until):
        return
    was_closed = row.closed_until is not None
    _keep(row, Circuit())
    if was_closed:
        audit.record("system", "mail.resumed", "mail_relay", row.name[:80])


def resume(actor: Actor) -> None:
    """Let mail go again at once, as somebody mended what stopped it. Raises NotAllowedError."""
    actor.must("delivery.repair")
    with unit_of_work():
        row = _row(is_held=True)
        if row is not None and row.closed_until is not None:
            _keep(row, Circuit())
            audit.record(actor.email, "mail.resumed", "mail_relay", row.name[:80])


def reason(found: Circuit) -> FailureClass:
    """Return why a closed circuit is closed."""
    return CLASSES[found.failure_class]
