"""From tables to the rows that the metrics take: one statement, columns only."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from query_mgr.accounts.models import Provider
from query_mgr.charts.models import Encounter
from query_mgr.insight.breakdown import NOT_NAMED
from query_mgr.insight.filters import Filters
from query_mgr.insight.metrics import QueryRow
from query_mgr.platform.db import db
from query_mgr.queries.models import Query

# In the order of QueryRow's fields.
_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Query.ref,
    Query.title,
    Query.status,
    Query.outcome,
    Provider.name,
    Provider.ref,
    Encounter.service_line,
    Query.sent_at,
    Query.delivered_at,
    Query.responded_at,
    Query.answered_at,
    Query.closed_at,
    Query.due_at,
    Query.purpose,
    Query.timing,
    Query.template_key,
    Query.template_version,
)


def rows(filters: Filters, zone: tzinfo) -> list[QueryRow]:
    """Return the queries sent in the range, the latest first; cancelled ones too, so that they can be counted out."""
    found = db.session.execute(_where(filters, zone).order_by(Query.sent_at.desc(), Query.id.desc()))
    return [QueryRow(*row) for row in found]


def service_lines() -> list[str]:
    """Return the service lines that encounters name."""
    query = select(Encounter.service_line).where(Encounter.service_line != "").distinct()
    return list(db.session.scalars(query.order_by(Encounter.service_line)))


def provider_name(ref: str) -> str | None:
    """Return the name behind a provider's ref."""
    return db.session.scalar(select(Provider.name).where(Provider.ref == ref))


def _where(filters: Filters, zone: tzinfo) -> Select[Any]:
    begin, end = filters.bounds(zone)
    query = (
        select(*_COLUMNS)
        .select_from(Query)
        .join(Provider, Provider.id == Query.provider_id)
        .join(Encounter, Encounter.id == Query.encounter_id)
        .where(Query.sent_at >= begin, Query.sent_at < end)
    )
    if filters.service_line:
        wanted = "" if filters.service_line == NOT_NAMED else filters.service_line
        query = query.where(Encounter.service_line == wanted)
    if filters.provider:
        query = query.where(Provider.ref == filters.provider)
    return query
