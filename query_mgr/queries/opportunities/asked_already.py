"""Gaps of a stay that a query asks about already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select

from query_mgr.clinical.library import load
from query_mgr.platform.db import chunks, db
from query_mgr.queries.models import Query
from query_mgr.queries.opportunities.gap import Gap
from query_mgr.queries.opportunities.record import narrower

_ANSWERED = ("answered", "closed")


class AskedQuery(NamedTuple):
    """A query of an encounter that was not cancelled."""

    encounter_id: int
    ref: str
    title: str
    condition: str
    template: str
    status: str


def queries_on(encounter_ids: Collection[int]) -> Mapping[int, Sequence[AskedQuery]]:
    """Return the queries of encounters, drafts too, by encounter id."""
    found: dict[int, list[AskedQuery]] = {}
    columns = (Query.encounter_id, Query.ref, Query.title, Query.condition, Query.template_key, Query.status)
    for ids in chunks(encounter_ids):
        wanted = (
            select(*columns).where(Query.encounter_id.in_(ids), Query.status != "cancelled").order_by(Query.id)
        )
        for row in db.session.execute(wanted):
            found.setdefault(row.encounter_id, []).append(AskedQuery(*row))
    return found


def asking(condition: str, template: str, queries: Iterable[AskedQuery]) -> AskedQuery | None:
    """Return the query that asks about a gap: by the same template, or about the condition, a kind of it or a wider one."""
    for one in queries:
        if template and one.template == template:
            return one
        if one.condition in load() and (
            one.condition in narrower()[condition] or condition in narrower()[one.condition]
        ):
            return one
    return None


def because_asked(query: AskedQuery) -> str:
    """Return in words why a gap with this query is not asked again."""
    if query.status in _ANSWERED:
        return f"already asked and answered: “{query.title}”"
    return f"already asked: “{query.title}” ({query.status.replace('_', ' ')})"


def without_asked(gaps: Iterable[Gap], queries: Sequence[AskedQuery]) -> tuple[Gap, ...]:
    """Return the gaps, those that a query asks about suppressed."""
    found = []
    for gap in gaps:
        query = None if gap.suppressed_because else asking(gap.condition, gap.template, queries)
        found.append(replace(gap, suppressed_because=because_asked(query)) if query else gap)
    return tuple(found)
