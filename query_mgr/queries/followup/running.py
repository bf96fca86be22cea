"""Begin to follow a query, note what happens to it, and take the steps whose time has come, each exactly once.

Two phases, each in short transactions, so that a worker that is killed leaves nothing half done: first the steps are
written down as taken (their key is unique within a round), then each recipient gets one mail for all of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, select, update

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql, unit_of_work
from query_mgr.queries.actions import locked
from query_mgr.queries.followup import notices
from query_mgr.queries.followup.models import FollowUpStep, QueryClockEvent, QueryFollowUp
from query_mgr.queries.followup.plan import CLOCK, Plan, Step, to_do
from query_mgr.queries.followup.reading import Followed, followed, leads, policy_for, scope_of
from query_mgr.queries.followup.stored import as_stored
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query

AT_ONCE = 100  # queries in one transaction
#: how long an answer may take where the site's calendar is never open
WITHOUT_A_CALENDAR = timedelta(hours=72)
NOT_MAILED = "spoken, and not to be confirmed by mail"
#: the statuses in which a provider can be reminded
REMINDED = ("sent", "delivered", "opened", "spoken")

Row = TypeVar("Row")
SendLinks = Callable[[Provider, Sequence[Query], datetime], None]
_send_links: list[SendLinks] = []


def when_reminded(send: SendLinks) -> None:
    """Let a higher slice write the mail that leads a provider to queries, not before a moment."""
    if send not in _send_links:
        _send_links.append(send)


def begin(query: Query) -> None:
    """Put a query that is being sent under the policy in force, in the running transaction, and set its due time."""
    applied = policy_for(scope_of(query))
    row = db.session.get(QueryFollowUp, query.id) or QueryFollowUp(query_id=query.id)
    row.policy_ref, row.terms, row.unfollowed_because = applied.ref, as_stored(applied.policy), ""
    db.session.add(row)
    db.session.flush()
    assert query.sent_at is not None
    found = followed([query.id])[0]
    query.due_at = found.duty.add_hours(query.sent_at, applied.policy.due) or query.sent_at + WITHOUT_A_CALENDAR
    _look_again(row, found, found.plan(query.sent_at))


def apply_anew(query: Query) -> None:
    """Put a query that is out under the policy in force now, in the running transaction."""
    row = db.session.get(QueryFollowUp, query.id)
    if row is None or query.status not in OPEN:
        return
    applied = policy_for(scope_of(query))
    row.policy_ref, row.terms = applied.ref, as_stored(applied.policy)
    _plan_anew(query, row)


def leave_alone(query: Query, why: str) -> None:
    """Remind nobody of a query, in the running transaction; its due time stands."""
    row = db.session.get_one(QueryFollowUp, query.id)
    row.unfollowed_because, row.next_at = why, None


def first_mail_at(query: Query) -> datetime | None:
    """Return when the mail of a query that is sent now may go, or None where follow-up sends it later."""
    now = clock.now()
    for found in followed([query.id]):
        if any(step.key == "first" for step in found.plan(now).steps):
            return None
        if found.policy.first_send == "after_quiet":
            return found.duty.calendar.after_quiet(now)
    return now


def note_move(query: Query, event: str) -> None:
    """Keep what a lifecycle event does to the clock, in the transaction of that event."""
    if event not in CLOCK:
        return
    db.session.add(QueryClockEvent(query_id=query.id, kind=event, at=clock.now()))
    row = db.session.get(QueryFollowUp, query.id)
    if row is None:
        return
    if CLOCK[event] == "ends":
        row.next_at = None
        return
    _plan_anew(query, row)


def _plan_anew(query: Query, row: QueryFollowUp) -> None:
    db.session.flush()
    for found in followed([query.id]):
        current = found.plan(clock.now())
        query.due_at = current.due_at or query.due_at
        _look_again(row, found, current)


def look_again_at(providers: Iterable[int] | None = None) -> None:
    """Have open queries planned anew, in the running transaction: those to some providers, or all."""
    wanted = select(Query.id).where(Query.status.in_(OPEN))
    if providers is not None:
        wanted = wanted.where(Query.provider_id.in_(list(providers)))
    db.session.execute(
        update(QueryFollowUp)
        .where(QueryFollowUp.query_id.in_(wanted), QueryFollowUp.unfollowed_because == "")
        .values(next_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )


def run_due() -> int:
    """Take every step whose time has come and mail it; return how many mails were queued. The worker calls it often."""
    while _take_some():
        continue
    return _mail_taken()


def _held(wanted: Select[Row]) -> Select[Row]:
    """Hold rows against other workers; what another one holds is left to it."""
    return wanted.with_for_update(skip_locked=True) if is_postgresql() else wanted


def _take_some() -> bool:
    now = clock.now()
    due = select(QueryFollowUp).where(QueryFollowUp.next_at <= now).order_by(QueryFollowUp.next_at).limit(AT_ONCE)
    if db.session.scalar(select(QueryFollowUp.query_id).where(QueryFollowUp.next_at <= now).limit(1)) is None:
        db.session.rollback()
        return False
    with unit_of_work():
        rows = {one.query_id: one for one in db.session.scalars(_held(due))}
        known = leads()
        for row in rows.values():
            row.next_at = (
                None  # what follows sets it anew; a row that nothing follows must not come again and again
            )
        for one in followed(sorted(rows)):
            _take(one, rows[one.query_id], now, known)
    return bool(rows)


def _take(one: Followed, row: QueryFollowUp, now: datetime, known: dict[tuple[str, str], int]) -> None:
    current = one.plan(now)
    due, left_out = to_do(current.steps, one.done(current), now)
    for step in left_out:
        _write(one, current, step, now, "left_out", ("", None))
    for step in due:
        to = whom(one, step, known)
        _write(one, current, step, now, "taken" if to[0] else "nobody", to)
    query = db.session.get_one(Query, one.query_id)
    if current.due_at and current.due_at != query.due_at:
        locked(one.query_id).due_at = current.due_at
    taken = one.taken | {(current.round, step.key) for step in (*due, *left_out)}
    _look_again(row, one, current, frozenset(key for round_, key in taken if round_ == current.round))


def _write(
    one: Followed, current: Plan, step: Step, now: datetime, outcome: str, to: tuple[str, int | None]
) -> None:
    row = FollowUpStep(
        query_id=one.query_id, round=current.round, key=step.key, recipient=step.recipient, to_kind=to[0], to_id=to[1],
        planned_at=step.at, taken_at=now, outcome=outcome,
    )  # fmt: skip
    db.session.add(row)


def whom(one: Followed, step: Step, known: dict[tuple[str, str], int]) -> tuple[str, int | None]:
    """Return who a step is for, as kind and id; ("", None) where that is nobody who can be mailed."""
    match step.recipient:
        case "advisor":
            return ("advisor", None) if notices.advisors() else ("", None)
        case "lead":
            site, line = one.scope.site, one.scope.service_line
            whom = known.get((site, line)) or known.get(("", line))
            # The one who was asked is not told of a silence of their own.
            can_be_told = whom != one.provider_id and notices.reachable(whom)[0]
            return ("lead", whom) if can_be_told else ("", None)
        case "cover":
            return notices.reachable(step.cover)
        case _:
            return notices.reachable(one.provider_id)


def _look_again(row: QueryFollowUp, one: Followed, current: Plan, done: frozenset[str] | None = None) -> None:
    done = one.done(current) if done is None else done
    row.next_at = min((step.at for step in current.steps if step.key not in done), default=None)


def _mail_taken() -> int:
    """Write one mail to each recipient of steps that were taken."""
    waiting = select(FollowUpStep.to_kind, FollowUpStep.to_id).where(FollowUpStep.outcome == "taken").distinct()
    recipients = db.session.execute(waiting).all()
    db.session.rollback()
    mails = [_mail(kind, who) for kind, who in recipients]
    return len([one for one in mails if one])


def _mail(kind: str, who: int | None) -> bool:
    with unit_of_work():
        wanted = select(FollowUpStep).where(
            FollowUpStep.outcome == "taken",
            FollowUpStep.to_kind == kind,
            FollowUpStep.to_id.is_not_distinct_from(who),
        )
        steps = db.session.scalars(_held(wanted.order_by(FollowUpStep.id))).all()
        queries = {one: locked(one) for one in sorted({step.query_id for step in steps})}
        for step in steps:
            step.outcome = "mailed" if queries[step.query_id].status in REMINDED else "over"
        mailed = [step for step in steps if step.outcome == "mailed"]
        if not mailed:
            return False
        asked = [queries[one] for one in sorted({step.query_id for step in mailed})]
        not_before = max(one.duty.calendar.after_quiet(clock.now()) for one in followed([one.id for one in asked]))
        _write_mail(kind, who, asked, not_before)
        for step in mailed:
            audit.record(
                "system", f"query.{step.recipient}_told", "query", queries[step.query_id].ref, step=step.key
            )
    return True


def _write_mail(kind: str, who: int | None, asked: Sequence[Query], not_before: datetime) -> None:
    if kind == "provider":
        provider = db.session.get_one(Provider, who)
        for send in _send_links:
            send(provider, asked, not_before)
        return
    notices.enqueue(kind, who, asked, not_before)
