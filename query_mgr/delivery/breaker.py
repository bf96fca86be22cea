"""When a mail server is left alone, and for how long. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from query_mgr.delivery.failures import CLASSES, FailureClass

_FIRST, _CAP = timedelta(minutes=1), timedelta(minutes=30)
#: a wrong password that is tried too often locks an account; a person has to act anyway
_PAUSED = timedelta(minutes=15)


@dataclass(frozen=True)
class Circuit:
    """One mail server's record. closed_until: nobody sends before; then one message tries whether it goes again."""

    failure_class: str = ""
    failures: int = 0
    closings: int = 0
    closed_at: datetime | None = None
    closed_until: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether mail waits, or one message is trying."""
        return self.closed_until is not None

    @property
    def is_paused(self) -> bool:
        """Whether a person has to mend it: waiting alone does not."""
        return self.is_closed and CLASSES[self.failure_class].told == "administrator"


def after_failure(circuit: Circuit, failure: FailureClass, now: datetime) -> Circuit:
    """Return the record after a message failed with `failure`."""
    if not failure.trips_after:
        # The server was there and spoke: what it said was about this message.
        return Circuit() if failure.burns_attempt and circuit.is_closed else replace(circuit, failures=0)
    failures = circuit.failures + 1 if circuit.failure_class == failure.key else 1
    seen = replace(circuit, failure_class=failure.key, failures=failures)
    if not circuit.is_closed and failures < failure.trips_after:
        return seen
    if circuit.closed_until and now < circuit.closed_until and circuit.failures:
        return seen  # a message that was on its way when it was closed, not the one that tries again
    closings = circuit.closings + 1
    wait = _PAUSED if failure.action == "pause" else min(_CAP, _FIRST * 2 ** min(closings - 1, 10))
    return replace(seen, closings=closings, closed_at=circuit.closed_at or now, closed_until=now + wait)


def probing(circuit: Circuit, now: datetime) -> Circuit | None:
    """Return the record after somebody took the one message that tries again; None while it is too early."""
    if circuit.closed_until is None or now < circuit.closed_until:
        return None
    return replace(circuit, failures=0, closed_until=now + _FIRST)


def room(next_send_at: datetime | None, per_minute: int, wanted: int, now: datetime) -> int:
    """Return how many of `wanted` messages the rate lets go now: at most what one second holds.

    per_minute: 0 for no limit.
    """
    if not per_minute:
        return wanted
    return 0 if next_send_at and next_send_at > now else max(1, min(wanted, per_minute // 60))


def after_sending(number: int, per_minute: int, now: datetime) -> datetime | None:
    """Return when the next message may go after `number` of them now."""
    return now + number * timedelta(minutes=1) / per_minute if per_minute else None
