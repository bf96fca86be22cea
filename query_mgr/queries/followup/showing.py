"""What a query's page says of its follow-up: what applies, what was done, what comes, and every time the clock stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries.followup.duty import Pause
from query_mgr.queries.followup.models import FollowUpPolicy, FollowUpStep, QueryFollowUp
from query_mgr.queries.followup.plan import Plan
from query_mgr.queries.followup.policy import RECIPIENTS, Policy
from query_mgr.queries.followup.reading import followed
from query_mgr.queries.followup.stored import policy_of
from query_mgr.queries.models import Query

OUTCOMES = {
    "taken": "its mail is being written",
    "mailed": "mailed",
    "left_out": "left out: a later reminder took its place",
    "nobody": "nobody is named who can be told",
    "over": "no longer needed",
}


@dataclass(frozen=True)
class Line:
    """One step as the page tells it. outcome: "" where it is still to come."""

    at: datetime
    words: str
    outcome: str


@dataclass(frozen=True)
class Shown:
    """The follow-up of one query. state: why its clock does not run, "" while it does; hours: that counted until now."""

    policy: Policy
    version: str
    state: str
    hours: float | None
    lines: tuple[Line, ...]
    pauses: tuple[Pause, ...]


def words_of(key: str) -> str:
    """Return how a step is called on pages."""
    if key.startswith("reminder_"):
        return f"Reminder {key.removeprefix('reminder_')} to the provider"
    if key.startswith("cover_"):
        return "Sent to the covering provider"
    return "First mail to the provider" if key == "first" else f"Notice to {RECIPIENTS[key]}"


def follow_up_of(query: Query) -> Shown | None:
    """Return what is known of a query's follow-up, None for one that was sent before any was kept, or never."""
    row = db.session.get(QueryFollowUp, query.id)
    if row is None:
        return None
    now, done = clock.now(), _done(query)
    current, hours = Plan(state=row.unfollowed_because), None
    taken: frozenset[str] = frozenset()
    for one in followed([query.id]):
        current, taken = one.plan(now), one.done(one.plan(now))
        if current.started_at is not None and not current.is_over:
            hours = one.duty.hours_between(current.started_at, now)
    coming = tuple(Line(step.at, words_of(step.key), "") for step in current.steps if step.key not in taken)
    return Shown(
        policy_of(row.terms), _version(row.policy_ref), current.state, hours, done + coming, current.pauses
    )


def _done(query: Query) -> tuple[Line, ...]:
    wanted = (
        select(FollowUpStep)
        .where(FollowUpStep.query_id == query.id)
        .order_by(FollowUpStep.taken_at, FollowUpStep.id)
    )
    return tuple(
        Line(one.taken_at, words_of(one.key), OUTCOMES[one.outcome]) for one in db.session.scalars(wanted)
    )


def _version(ref: str) -> str:
    row = db.session.scalar(select(FollowUpPolicy).where(FollowUpPolicy.ref == ref)) if ref else None
    if row is None:
        return "the policy that ships"
    named = [one for one in (row.site, row.service_line, row.priority) if one]
    return f"{', '.join(named) or 'all queries'}, version {row.version}"
