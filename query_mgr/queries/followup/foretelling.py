"""What will go out to whom in the next days, by the very plan that the worker follows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import chunks, db
from query_mgr.queries.followup.models import FollowUpStep, QueryFollowUp
from query_mgr.queries.followup.plan import Plan, Step, to_do
from query_mgr.queries.followup.reading import Followed, followed, leads
from query_mgr.queries.followup.running import whom
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query

#: how many foretold mails and standing queries a page shows
SHOWN = 300


@dataclass(frozen=True)
class Part:
    """One query in a mail: its id, reference in mails, and the key of the step."""

    query_id: int
    ref: str
    mail_ref: str
    key: str


@dataclass(frozen=True)
class Mail:
    """One mail that will go out, if nothing happens before. recipient: a key of policy.RECIPIENTS; name: "" for nobody."""

    at: datetime
    recipient: str
    to: tuple[str, int | None]
    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Still:
    """A query whose clock does not run, and why."""

    ref: str
    mail_ref: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True)
class Forecast:
    """Mails in order of time, and the queries that stand still now."""

    mails: tuple[Mail, ...]
    still: tuple[Still, ...]


def foretell(now: datetime, until: datetime) -> Forecast:
    """Return what goes out from `now` to `until` while nobody answers and nothing changes."""
    wanted = select(Query.id, Query.ref, Query.mail_ref).join(QueryFollowUp, QueryFollowUp.query_id == Query.id)
    refs = {row.id: (row.ref, row.mail_ref) for row in db.session.execute(wanted.where(Query.status.in_(OPEN)))}
    known, still = leads(), list[Still]()
    mails: dict[tuple[datetime, str, tuple[str, int | None]], list[Part]] = defaultdict(list)
    for one in followed(refs):
        ref, mail_ref = refs[one.query_id]
        current = one.plan(now)
        if current.state:
            still.append(Still(ref, mail_ref, current.state))
        still += [Still(ref, mail_ref, each.why, each.until) for each in current.pauses
                  if not current.state and each.since <= now and (each.until is None or each.until > now)]  # fmt: skip
        for at, step in _coming(one, current, now, until):
            mails[at, step.recipient, whom(one, step, known)].append(Part(one.query_id, ref, mail_ref, step.key))
    names = _names({who for _, _, (kind, who) in mails if kind != "advisor" and who is not None})
    found = (
        Mail(
            at,
            recipient,
            to,
            "the physician advisors" if to[0] == "advisor" else names.get(to[1] or 0, ""),
            tuple(parts),
        )
        for (at, recipient, to), parts in mails.items()
    )
    return Forecast(tuple(sorted(found, key=lambda one: (one.at, one.recipient, one.name))), tuple(still))


def _coming(one: Followed, current: Plan, now: datetime, until: datetime) -> list[tuple[datetime, Step]]:
    due, left_out = to_do(current.steps, one.done(current), now)
    over = {step.key for step in (*due, *left_out)} | one.done(current)
    later = [(step.at, step) for step in current.steps if step.key not in over and step.at <= until]
    return [(now, step) for step in due] + later


def _names(ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in chunks(ids):
        for one in db.session.scalars(select(Provider).where(Provider.id.in_(some))):
            found[one.id] = one.signature_name
    return found


def taken(since: datetime, until: datetime) -> list[FollowUpStep]:
    """Return the steps that were taken or left out from `since` to `until`, in order of time."""
    wanted = select(FollowUpStep).where(FollowUpStep.taken_at >= since, FollowUpStep.taken_at <= until)
    return list(db.session.scalars(wanted.order_by(FollowUpStep.taken_at, FollowUpStep.id)))
