"""Who may answer one query now, as the tables say."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries.followup.models import AnswerGrant, ProviderPoolMember
from query_mgr.queries.followup.reading import Calendars, absences_of
from query_mgr.queries.followup.standing import Asked, Grant, Relation
from query_mgr.queries.models import Query


def asked_of(query: Query) -> Asked:
    """Return whom a query was put to and who stands beside them."""
    grants = select(AnswerGrant).where(
        AnswerGrant.grantor_id == query.provider_id, AnswerGrant.revoked_at.is_(None)
    )
    return Asked(
        query.provider_id,
        _pool_of(query),
        absences_of([query.provider_id]).get(query.provider_id, ()),
        tuple(
            Grant(one.delegate_id, one.since_on, one.until_on)
            for one in db.session.scalars(grants.order_by(AnswerGrant.id))
        ),
    )


def _pool_of(query: Query) -> frozenset[int]:
    """Return the members of the pool that a query went to; none where its provider has been changed for one outside."""
    if query.pool_id is None:
        return frozenset()
    wanted = select(ProviderPoolMember.provider_id).where(ProviderPoolMember.pool_id == query.pool_id)
    members = frozenset(db.session.scalars(wanted))
    return members if query.provider_id in members else frozenset()


def relation_of(query: Query, person: int) -> Relation:
    """Return how a provider stands to a query now."""
    now = clock.now()
    if person == query.provider_id:  # nearly always, and then nothing need be read
        return Asked(person).relation(person, now, now.date())
    return asked_of(query).relation(person, now, Calendars().of(query.encounter.facility).day_of(now))


def holders_of(query: Query) -> list[Provider]:
    """Return who gets a link to a query that is sent now: the one who was asked first; nobody who cannot be mailed."""
    now = clock.now()
    ids = asked_of(query).holders(now, Calendars().of(query.encounter.facility).day_of(now))
    found = [db.session.get_one(Provider, one) for one in ids]
    return [one for one in found if one.id == query.provider_id or (one.is_active and one.email)]
