"""A query that went to the wrong provider: another is asked, under the same clock."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Document
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.queries import events
from query_mgr.queries.actions import QueryError, locked, move
from query_mgr.queries.followup import running
from query_mgr.queries.models import Query, QueryRevision
from query_mgr.queries.sending import Reasons, check, freeze


def reassign(actor: Actor, query: Query, provider: Provider, reason: str = "") -> Query:
    """Ask another provider the same question. It was sent and is due when it was; what was shown before is kept.

    reason: kept where warnings or the guard ask for one. Raises QueryError, lifecycle.NotPossibleError.
    """
    actor.must("query.reassign")
    reason = one_line(reason)
    with unit_of_work():
        query, before = locked(query.id), query.provider
        if provider.id == before.id:
            raise QueryError("Choose somebody else: this provider was asked.")
        if query.talk is not None:
            raise QueryError("A talk was between two people: cancel this query, and ask the other in writing.")
        move(query, "reassign", actor.email, before_provider=before.ref, provider=provider.ref)
        _keep_revision(query)
        events.publish("revoked", query)
        query.provider, query.bundle_id, query.revision = provider, None, query.revision + 1
        db.session.flush()
        check(query, Reasons(query.override_reason or reason, query.repeat_reason or reason))
        freeze(query)
        running.look_again_at([provider.id])
        for one in query.handed_back:
            if one.decided_at is None:
                one.to_id, one.decided_by, one.decided_at = provider.id, actor.email, clock.now()
        events.publish("sent", query)
    return query


def _keep_revision(query: Query) -> None:
    db.session.add(
        QueryRevision(
            query_id=query.id, revision=query.revision, provider_id=query.provider_id, snapshot=query.snapshot,
            snapshot_html=query.snapshot_html, snapshot_hash=query.snapshot_hash, replaced_at=clock.now(),
        )
    )  # fmt: skip


def candidates(query: Query, askable: Iterable[Provider]) -> list[tuple[str, list[Provider]]]:
    """Return whom to ask instead, in groups by why, the likeliest first: named, author of the evidence, attending, others."""
    left = {one.id: one for one in askable if one.id != query.provider_id}
    encounter = query.encounter
    groups = (
        ("Named by whoever handed it back", [one.named_id for one in reversed(query.handed_back)]),
        ("Wrote what the query quotes", _authors(query)),
        ("Attending", [encounter.attending_id]),
        ("Same service line", [key for key, one in left.items() if one.service_line == query.provider.service_line]),
        ("Others", list(left)),
    )  # fmt: skip
    found = []
    for why, ids in groups:
        chosen = [left.pop(one) for one in ids if one in left]
        if chosen:
            found.append((why, chosen))
    return found


def _authors(query: Query) -> list[int]:
    refs = [one.source_ref for one in query.indicators if one.source_kind == "document"]
    wanted = select(Document.author_id).where(Document.ref.in_(refs), Document.author_id.is_not(None))
    return [one for one in db.session.scalars(wanted.order_by(Document.authored_at.desc())) if one]


def earlier_revisions(query: Query) -> list[QueryRevision]:
    """Return what was shown to those who were asked before, the oldest first."""
    wanted = select(QueryRevision).where(QueryRevision.query_id == query.id)
    return list(db.session.scalars(wanted.order_by(QueryRevision.revision)))
