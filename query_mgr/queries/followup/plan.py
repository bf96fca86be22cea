"""What follows a query, and when: one pure function of its policy, its provider's hours and what happened to it.

The clock of a query (field.md §4): it starts at delivery, stops at a bounce, which voids what had passed, stands while the
provider is away, and ends with a response. A question back is a response: after the coder's reply a new clock starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from query_mgr.queries.followup.duty import Away, Duty, Pause
from query_mgr.queries.followup.policy import Policy

#: lifecycle event -> what it does to the clock; an event that is not listed does nothing
CLOCK = {
    "send": "waits",
    "cosign": "waits",
    "resend": "waits",
    "reply": "waits",
    "deliver": "starts",
    "speak": "starts",
    "open": "starts",
    "bounce": "stops",
    "ask": "ends",
    "hand_back": "ends",
    "reassign": "goes on",
    "answer": "ends",
    "document": "ends",
    "cancel": "ends",
    "close": "ends",
    "bill": "ends",
}
#: why the clock does not run after an event
STILL = {
    "send": "not delivered yet",
    "cosign": "not delivered yet",
    "resend": "not delivered yet",
    "reply": "the reply is not delivered yet",
    "bounce": "the mail came back: nobody got it",
    "ask": "the provider asked for more; the coder is to reply",
    "hand_back": "handed back as not theirs; the coder is to choose whom to ask",
    "answer": "answered",
    "document": "answered in the chart",
    "cancel": "withdrawn",
    "close": "closed",
    "bill": "discharged and billed",
}


@dataclass(frozen=True)
class ClockEvent:
    """One thing that happened to a query: a key of CLOCK, and when."""

    kind: str
    at: datetime


@dataclass(frozen=True)
class Step:
    """One thing to do. key: unique within a round; recipient: a key of policy.RECIPIENTS; cover: that provider's id."""

    key: str
    recipient: str
    at: datetime
    cover: int | None = None


@dataclass(frozen=True)
class Plan:
    """What follows. round: how often the clock started anew, counted from 1. state: why it does not run, "" while it does."""

    round: int = 0
    started_at: datetime | None = None
    due_at: datetime | None = None
    state: str = ""
    is_over: bool = False
    steps: tuple[Step, ...] = ()
    pauses: tuple[Pause, ...] = ()


@dataclass
class _Clock:
    """The clock as it stands after some of the events."""

    round: int = 0
    started_at: datetime | None = None
    asked_at: datetime | None = None
    last: str = "send"
    stopped: list[Pause] = field(default_factory=list)

    def take(self, event: ClockEvent) -> None:
        """Go on by one event."""
        match CLOCK.get(event.kind):
            case "waits":
                self._resume(event.at)
                self.started_at, self.asked_at, self.last = None, event.at, event.kind
            case "starts" if self.started_at is None and CLOCK[self.last] != "ends":
                self._resume(event.at)
                self.round, self.started_at, self.last = self.round + 1, event.at, event.kind
            case "stops" if CLOCK[self.last] != "ends":
                self.started_at, self.last = None, event.kind
                self.stopped.append(Pause(event.at, None, STILL[event.kind]))
            case "ends" | "goes on":
                self._resume(event.at)
                self.last = event.kind

    def _resume(self, at: datetime) -> None:
        if self.stopped and self.stopped[-1].until is None:
            held = self.stopped.pop()
            self.stopped.append(Pause(held.since, at, held.why))

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more, unless it is asked anew."""
        return CLOCK[self.last] == "ends"

    @property
    def state(self) -> str:
        """Why it does not run, "" while it does."""
        return "" if CLOCK[self.last] in ("starts", "goes on") else STILL[self.last]


def plan(policy: Policy, duty: Duty, events: Iterable[ClockEvent], until: datetime) -> Plan:
    """Return what follows a query.

    events: in the order in which they came. until: up to when pauses are told, now as a rule. No step depends on it.
    """
    clock = _Clock()
    for one in events:
        clock.take(one)
    pauses = tuple(clock.stopped)
    if clock.started_at is None:
        first = () if clock.is_over else _first(policy, duty, clock)
        return Plan(clock.round, None, None, clock.state, clock.is_over, first, pauses)
    due_at = duty.add_hours(clock.started_at, policy.due)
    end = until if due_at is None else max(until, due_at)
    pauses += () if clock.is_over else duty.pauses(clock.started_at, end)
    steps = () if clock.is_over else tuple(sorted(_steps(policy, duty, clock.started_at), key=lambda one: one.at))
    return Plan(clock.round, clock.started_at, due_at, clock.state, clock.is_over, steps, pauses)


def _first(policy: Policy, duty: Duty, clock: _Clock) -> tuple[Step, ...]:
    """Return the first mail where the policy lets it wait for the next mail of reminders."""
    if policy.first_send != "with_digest" or clock.asked_at is None or clock.last not in ("send", "cosign"):
        return ()
    at = Duty(duty.calendar).mail_time(clock.asked_at)
    return (Step("first", "provider", at),) if at else ()


def _steps(policy: Policy, duty: Duty, started_at: datetime) -> Iterable[Step]:
    site = Duty(duty.calendar)
    for key, recipient, hours in policy.steps:
        at = duty.add_hours(started_at, hours)
        sent_at = (duty if recipient == "provider" else site).mail_time(at) if at else None
        if sent_at:
            yield Step(key, recipient, sent_at)
    for one in duty.away:
        if one.cover is not None and one.end > started_at:
            at = site.mail_time(_known(one, started_at))
            if at and at < one.end:
                yield Step(f"cover_{one.ref}", "cover", at, one.cover)


def _known(away: Away, started_at: datetime) -> datetime:
    """Return from when a query concerns whoever covers: it is there, the absence has begun, and it is known."""
    return max(started_at, away.since, away.noted_at or away.since)


def to_do(steps: Iterable[Step], done: frozenset[str], now: datetime) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return the steps to take now, and those to leave out as a later reminder takes their place.

    done: keys taken or left out in this round already.
    """
    due = [one for one in steps if one.at <= now and one.key not in done]
    reminders = [one for one in due if one.key.startswith("reminder")]
    skipped = tuple(reminders[:-1])
    return tuple(one for one in due if one not in skipped), skipped
