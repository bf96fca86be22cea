"""Queries that wait hold the final code set back."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from query_mgr.coding.holds import when_asked
from query_mgr.coding.scrub.case import OpenQuestion
from query_mgr.platform.db import chunks, db
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query


def waiting_queries(encounter_ids: Collection[int]) -> dict[int, tuple[OpenQuestion, ...]]:
    """Return, by encounter id, the queries that are sent and not answered, or answered and not reconciled."""
    found: dict[int, tuple[OpenQuestion, ...]] = {}
    for ids in chunks(encounter_ids):
        wanted = select(Query.encounter_id, Query.ref, Query.title, Query.status)
        wanted = wanted.where(Query.encounter_id.in_(ids), Query.status.in_((*OPEN, "answered"))).order_by(
            Query.id
        )
        for encounter_id, ref, title, status in db.session.execute(wanted):
            found[encounter_id] = (*found.get(encounter_id, ()), OpenQuestion(ref, title, status == "answered"))
    return found


def register() -> None:
    """Let the scrubber ask."""
    when_asked(waiting_queries)
