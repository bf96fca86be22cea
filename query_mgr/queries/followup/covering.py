"""What can be said of providers' time: absences and cover, rosters, leave to answer for another, pools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.queries.actions import open_draft
from query_mgr.queries.followup import running
from query_mgr.queries.followup.models import (
    AnswerGrant,
    DutyRoster,
    ProviderAbsence,
    ProviderPool,
    ProviderPoolMember,
)
from query_mgr.queries.followup.policy import FollowUpError
from query_mgr.queries.models import Query

LONGEST_AWAY = timedelta(days=400)
LONGEST_BLOCK = 60  # days on or off in a roster
#: how long an automatic reply counts that names no end
AUTO_REPLY_DAYS = 3
MOST_MEMBERS = 50


def note_absence(
    actor: Actor, provider: Provider, since: datetime, until: datetime | None, cover: Provider | None
) -> ProviderAbsence:
    """Keep that a provider is away, and who covers; the clock of what they were asked stands meanwhile.

    Raises FollowUpError.
    """
    actor.must("cover.note")
    return _keep_absence(provider, since, until, cover, "staff", actor.email)


def own_absence(
    provider: Provider, since: datetime, until: datetime | None, cover: Provider | None
) -> ProviderAbsence:
    """Keep what a provider, who has proved who they are, says of their own time. Raises FollowUpError."""
    return _keep_absence(provider, since, until, cover, "own", f"provider:{provider.ref}")


def note_auto_reply(provider: Provider, at: datetime) -> ProviderAbsence | None:
    """Take an automatic reply as a sign that a provider is away for AUTO_REPLY_DAYS, unless an absence is known.

    It is a sign and no more: staff can withdraw it, and it says nothing of who covers.
    """
    with unit_of_work():
        known = absences_at(provider, at)
        if known:
            return None
        return _keep_absence(provider, at, at + timedelta(days=AUTO_REPLY_DAYS), None, "auto_reply", "system")


def absences_at(provider: Provider, at: datetime) -> list[ProviderAbsence]:
    """Return the absences of a provider that stand at a moment."""
    wanted = select(ProviderAbsence).where(
        ProviderAbsence.provider_id == provider.id,
        ProviderAbsence.withdrawn_at.is_(None),
        ProviderAbsence.since_at <= at,
    )
    return [one for one in db.session.scalars(wanted) if one.until_at is None or one.until_at > at]


def _keep_absence(
    provider: Provider, since: datetime, until: datetime | None, cover: Provider | None, source: str, by: str
) -> ProviderAbsence:
    if until is not None and until <= since:
        raise FollowUpError("The absence ends before it begins; change one of the times.")
    if until is not None and until - since > LONGEST_AWAY:
        raise FollowUpError("The absence is longer than a year; make the provider inactive instead.")
    if cover is not None and (cover.id == provider.id or not (cover.is_active and cover.email)):
        raise FollowUpError("Somebody else must cover, who is active and has an email address.")
    with unit_of_work():
        row = ProviderAbsence(
            provider_id=provider.id, since_at=since, until_at=until, cover_id=cover.id if cover else None, source=source,
            noted_by=by, noted_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        running.look_again_at([provider.id])
        audit.record(
            by, "absence.noted", "provider", provider.ref, source=source, cover=cover.ref if cover else ""
        )
    return row


def withdraw_absence(actor: Actor, row: ProviderAbsence) -> None:
    """Let an absence count no more, now and in what it paused."""
    actor.must("cover.note")
    _withdraw(row, actor.email)


def take_back_own(row: ProviderAbsence) -> None:
    """Let an absence count no more, by the word of the provider, who has proved who they are."""
    _withdraw(row, f"provider:{row.provider.ref}")


def _withdraw(row: ProviderAbsence, by: str) -> None:
    with unit_of_work():
        row = db.session.get_one(ProviderAbsence, row.id)
        if row.withdrawn_at is None:
            row.withdrawn_at = clock.now()
            running.look_again_at([row.provider_id])
            audit.record(by, "absence.withdrawn", "provider", row.provider.ref, source=row.source)


def set_roster(
    actor: Actor, provider: Provider, anchor: date, on_days: int, off_days: int, works_weekends: bool
) -> None:
    """Keep a provider's days on and off in turn; no days off at all takes the roster away. Raises FollowUpError."""
    actor.must("cover.note")
    if not 1 <= on_days <= LONGEST_BLOCK or not 0 <= off_days <= LONGEST_BLOCK:
        raise FollowUpError(f"Days on are 1 to {LONGEST_BLOCK}, days off 0 to {LONGEST_BLOCK}.")
    with unit_of_work():
        row = db.session.get(DutyRoster, provider.id)
        if off_days == 0 and not works_weekends:
            if row is not None:
                db.session.delete(row)
        else:
            row = row or DutyRoster(provider_id=provider.id)
            row.anchor_on, row.on_days, row.off_days, row.works_weekends = (
                anchor,
                on_days,
                off_days,
                works_weekends,
            )
            db.session.add(row)
        db.session.flush()
        running.look_again_at([provider.id])
        audit.record(actor.email, "roster.set", "provider", provider.ref, on=on_days, off=off_days)


def grant(actor: Actor, grantor: Provider, delegate: Provider, since: date, until: date | None) -> AnswerGrant:
    """Let one provider answer what another is asked. Raises FollowUpError."""
    actor.must("cover.grant")
    if grantor.id == delegate.id:
        raise FollowUpError("Choose two different providers.")
    if until is not None and until < since:
        raise FollowUpError("The last day lies before the first; change one of them.")
    if not (delegate.is_active and delegate.email):
        raise FollowUpError("The one who is to answer is inactive or has no email address on file.")
    with unit_of_work():
        row = AnswerGrant(
            grantor_id=grantor.id, delegate_id=delegate.id, since_on=since, until_on=until, granted_by=actor.email,
            granted_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(actor.email, "grant.given", "provider", grantor.ref, delegate=delegate.ref)
    return row


def revoke(actor: Actor, row: AnswerGrant) -> None:
    """Take a leave to answer back; the links that rest on it end with it."""
    actor.must("cover.grant")
    with unit_of_work():
        row = db.session.get_one(AnswerGrant, row.id)
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            audit.record(actor.email, "grant.revoked", "provider", row.grantor.ref, delegate=row.delegate.ref)


def save_pool(actor: Actor, pool: ProviderPool | None, name: str, members: Sequence[Provider]) -> ProviderPool:
    """Keep a pool with its members. Raises FollowUpError."""
    actor.must("cover.grant")
    name = one_line(name)
    if not name or len(name) > 80:
        raise FollowUpError("Give the pool a name of at most 80 characters.")
    if not 2 <= len(members) <= MOST_MEMBERS:
        raise FollowUpError(f"A pool has 2 to {MOST_MEMBERS} members.")
    with unit_of_work():
        taken = db.session.scalar(select(ProviderPool).where(ProviderPool.name == name))
        if taken is not None and (pool is None or taken.id != pool.id):
            raise FollowUpError("Another pool has this name.")
        pool = db.session.get_one(ProviderPool, pool.id) if pool else ProviderPool()
        pool.name = name
        db.session.add(pool)
        held = {one.provider_id: one for one in pool.members}
        pool.members = [held.get(one.id) or ProviderPoolMember(provider_id=one.id) for one in members]
        db.session.flush()
        audit.record(actor.email, "pool.saved", "provider_pool", pool.ref, members=len(members))
    return pool


def ask_pool(actor: Actor, query: Query, pool: ProviderPool | None) -> Query:
    """Put a draft to a pool beside its provider, who must be one of it, or to that provider alone.

    Raises FollowUpError; lifecycle.NotPossibleError once it was sent.
    """
    actor.must("query.compose")
    with unit_of_work():
        query = open_draft(query)
        if pool is not None and query.provider_id not in {one.provider_id for one in pool.members}:
            raise FollowUpError("Choose a provider of this pool first: the query is put to them and to the pool.")
        query.pool_id, query.updated_at = pool.id if pool else None, clock.now()
        audit.record(actor.email, "query.pool", "query", query.ref, pool=pool.ref if pool else "")
    return query


def pools_of(provider_id: int) -> list[ProviderPool]:
    """Return the pools that a provider is in."""
    wanted = select(ProviderPool).join(ProviderPoolMember, ProviderPoolMember.pool_id == ProviderPool.id)
    return list(
        db.session.scalars(wanted.where(ProviderPoolMember.provider_id == provider_id).order_by(ProviderPool.name))
    )
