"""Asking again with new evidence: the new query keeps its thread, and shows what was asked and answered before."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, lifecycle
from query_mgr.queries.evidence import state_of
from query_mgr.queries.models import Query


@dataclass(frozen=True)
class Earlier:
    """What was asked and answered before, as the new query shows it. Times are ISO 8601 in UTC."""

    ref: str
    question: str
    asked_at: str
    answer: str
    answered_by: str
    answered_at: str


def ask_again(actor: Actor, earlier: Query, shown: Earlier) -> Query:
    """Start a draft that asks an answered query again, with those of its indicators that still stand.

    Raises lifecycle.NotPossibleError for a query without an answer, accounts.NotAllowedError.
    """
    actor.must("query.compose")
    if earlier.status not in ("answered", "closed"):
        raise lifecycle.NotPossibleError(
            "Only an answered query is asked again; reply to this one, or cancel it first."
        )
    with unit_of_work():
        content = actions.input_of(earlier)
        standing = [picked for picked, one in zip(content.indicators, earlier.indicators, strict=True)
                    if not state_of(one)]  # fmt: skip
        values = vars(content) | {"indicators": tuple(standing)}
        query = actions.save_draft(actor, earlier.encounter, earlier.provider, actions.QueryInput(**values))
        query.parent_id, query.earlier = earlier.id, asdict(shown)
        audit.record(actor.email, "query.asked_again", "query", query.ref, earlier=earlier.ref)
    return query


def ancestors(query: Query) -> list[Query]:
    """Return the queries that `query` follows, the latest first."""
    found: list[Query] = []
    parent_id = query.parent_id
    while parent_id is not None:
        parent = db.session.get_one(Query, parent_id)
        found.append(parent)
        parent_id = parent.parent_id
    return found


def thread_of(query: Query) -> list[Query]:
    """Return the whole thread of `query`, itself included, the oldest first; one query alone is no thread."""
    found = {one.id: one for one in (query, *ancestors(query))}
    fresh = list(found)
    while fresh:
        below = db.session.scalars(select(Query).where(Query.parent_id.in_(fresh))).all()
        fresh = [one.id for one in below if one.id not in found]
        found |= {one.id: one for one in below}
    return sorted(found.values(), key=lambda one: one.id) if len(found) > 1 else []
