"""What the guard says of a stored query: the same question in its encounter, and its provider's load."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.guard import COUNTED, FATIGUE_DAYS, Asked, Follows, Load, Notice, notices
from query_mgr.queries.models import Query
from query_mgr.queries.threads import ancestors

_COLUMNS = (Query.ref, Query.title, Query.condition, Query.purpose, Query.template_key, Query.status)


def notices_of(query: Query) -> tuple[Notice, ...]:
    """Return what speaks against sending `query` now."""
    others = select(*_COLUMNS).where(
        Query.encounter_id == query.encounter_id, Query.id != query.id, Query.status.in_(COUNTED)
    )
    asked = Asked(query.ref, query.title, query.condition, query.purpose, query.template_key, query.status)
    earlier = ancestors(query)
    answered = [one.answered_at for one in earlier if one.answered_at]
    return notices(
        asked,
        [Asked(*row) for row in db.session.execute(others.order_by(Query.id))],
        max((one.observed_at for one in query.indicators), default=None),
        Follows(frozenset(one.ref for one in earlier), max(answered, default=None)),
        Load(_sent_lately(query), current_settings().provider_queries_a_week),
    )


def _sent_lately(query: Query) -> int:
    since = clock.now() - timedelta(days=FATIGUE_DAYS)
    counted = select(func.count(Query.id)).where(
        Query.provider_id == query.provider_id,
        Query.id != query.id,
        Query.sent_at > since,
        Query.status != "cancelled",
    )
    return db.session.scalar(counted) or 0
