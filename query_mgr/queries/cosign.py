"""A trainee's query goes out once a lead has co-signed it: four eyes, and words where it comes back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from query_mgr.accounts.session import Actor
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import events
from query_mgr.queries.actions import LONGEST_TEXT, QueryError, locked, move
from query_mgr.queries.models import Query, QueryCosigning
from query_mgr.queries.sending import Reasons, check, dispatch, dispatch_together, locked_in_order


def submit(actor: Actor, query: Query, override_reason: str = "", repeat_reason: str = "") -> Query:
    """Hand a draft to the leads; it must be fit to be sent.

    Raises sending.SendBlockedError, QueryError, lifecycle.NotPossibleError.
    """
    actor.must("query.submit")
    if actor.user_id is None:
        raise QueryError("Only a person can ask for a co-signature.")
    with unit_of_work():
        query = locked(query.id)
        check(query, Reasons(override_reason, repeat_reason))
        move(query, "submit", actor.email)
        query.cosignings.append(QueryCosigning(asked_by_id=actor.user_id, asked_at=clock.now()))
    return query


def waiting() -> Sequence[Query]:
    """Return the queries that wait for a co-signature, the longest wait first."""
    found = select(Query).where(Query.status == "awaiting_cosign").order_by(Query.updated_at, Query.id)
    return db.session.scalars(found).all()


def given_back_to(actor: Actor) -> Sequence[Query]:
    """Return the drafts of `actor` that a lead gave back and that were not handed in again, the oldest first."""
    last = select(func.max(QueryCosigning.id)).group_by(QueryCosigning.query_id)
    given_back = select(QueryCosigning.query_id).where(
        QueryCosigning.id.in_(last), QueryCosigning.decision == "returned"
    )
    found = select(Query).where(
        Query.status == "draft", Query.author_id == actor.user_id, Query.id.in_(given_back)
    )
    return db.session.scalars(found.order_by(Query.updated_at, Query.id)).all()


def is_own(actor: Actor, query: Query) -> bool:
    """Return whether somebody would co-sign what they wrote or handed in themselves."""
    return actor.user_id in {query.author_id, *(one.asked_by_id for one in query.cosignings)}


def cosign(actor: Actor, query: Query) -> Query:
    """Send a trainee's query; the lint and the guard decide anew, with the reasons that its author gave.

    Raises QueryError for one's own; as sending.send does.
    """
    actor.must("query.cosign")
    with unit_of_work():
        query = locked(query.id)
        _second_person(actor, query)
        _decide(actor, query, "cosigned")
        dispatch(actor, query, "cosign", Reasons(query.override_reason, query.repeat_reason))
        events.publish("sent", query)
    return query


def waiting_with(query: Query) -> Sequence[Query]:
    """Return what else waits for a co-signature about the same encounter to the same provider."""
    found = select(Query).where(
        Query.status == "awaiting_cosign", Query.id != query.id,
        Query.encounter_id == query.encounter_id, Query.provider_id == query.provider_id,
    )  # fmt: skip
    return db.session.scalars(found.order_by(Query.id)).all()


def cosign_together(actor: Actor, queries: Sequence[Query]) -> list[Query]:
    """Send a trainee's queries about one encounter to one provider in one mail; all of them, or none.

    Raises as `cosign` and sending.send_together do.
    """
    actor.must("query.cosign")
    with unit_of_work():
        found = locked_in_order(*queries)
        for query in found:
            _second_person(actor, query)
            _decide(actor, query, "cosigned")
        reasons = {one.ref: Reasons(one.override_reason, one.repeat_reason) for one in found}
        dispatch_together(actor, found, "cosign", reasons)
    return found


def give_back(actor: Actor, query: Query, note: str) -> Query:
    """Return a query to its author with words. Raises QueryError, lifecycle.NotPossibleError."""
    actor.must("query.cosign")
    if not note.strip() or len(note) > LONGEST_TEXT:
        raise QueryError(f"Say what the author should change, in at most {LONGEST_TEXT} characters.")
    with unit_of_work():
        query = locked(query.id)
        _second_person(actor, query)
        move(query, "return", actor.email)
        _decide(actor, query, "returned", note.strip())
    return query


def take_back(actor: Actor, query: Query) -> Query:
    """Make one's own query a draft again. Raises QueryError, lifecycle.NotPossibleError."""
    actor.must("query.submit")
    with unit_of_work():
        query = locked(query.id)
        if not is_own(actor, query):
            raise QueryError("Only its author takes a query back.")
        move(query, "take_back", actor.email)
        _decide(actor, query, "taken_back")
    return query


def _second_person(actor: Actor, query: Query) -> None:
    if is_own(actor, query):
        raise QueryError("A second person decides: nobody co-signs a query of their own.")


def _decide(actor: Actor, query: Query, decision: str, note: str = "") -> None:
    for one in query.cosignings:
        if not one.decision:
            one.decision, one.decided_by_id, one.decided_at, one.note = decision, actor.user_id, clock.now(), note
    db.session.flush()
