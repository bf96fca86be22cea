"""What a person does with a gap: dismiss it with a reason, take that back, or ask."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import compose
from query_mgr.queries.actions import QueryError
from query_mgr.queries.models import Query
from query_mgr.queries.opportunities.gap import Gap
from query_mgr.queries.opportunities.models import Opportunity
from query_mgr.queries.opportunities.store import gap_of, told

LONGEST_REASON = 500
_MOST_ATTACHED = 6


def dismiss(actor: Actor, found: Opportunity, reason: str) -> None:
    """Say why a gap is not worth a query; it stays so until its evidence says something new. Raises QueryError."""
    actor.must("query.compose")
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= LONGEST_REASON:
        raise QueryError(f"Say why this is not worth a query, in 3 to {LONGEST_REASON} characters.")
    with unit_of_work():
        row = _still_there(found.id)
        row.dismissed_reason, row.dismissed_by, row.dismissed_at = reason, actor.email, clock.now()
        row.dismissed_evidence, row.is_open = sorted(told(gap_of(row))), False
        _tell(actor, "opportunity.dismissed", row)


def reopen(actor: Actor, found: Opportunity) -> None:
    """Take a dismissal back. Raises QueryError where the gap is gone."""
    actor.must("query.compose")
    with unit_of_work():
        row = _still_there(found.id)
        row.undismiss()
        row.is_open = not row.suppressed_because
        _tell(actor, "opportunity.reopened", row)


def ask(actor: Actor, found: Opportunity, provider: Provider) -> Query:
    """Start a draft from the template that fits, or a blank one with the evidence of the gap. Raises QueryError."""
    actor.must("query.compose")
    gap = gap_of(found)
    draft = compose.start(actor, found.encounter, provider, gap.template)
    return draft if gap.template else _with_evidence(actor, draft, gap)


def _with_evidence(actor: Actor, draft: Query, gap: Gap) -> Query:
    """Attach what the gap rests on; the title and the question stay neutral, for the coder to word."""
    for one in [each for each in gap.evidence if each.kind in ("document", "fact")][:_MOST_ATTACHED]:
        draft = compose.attach(actor, draft, compose.Place(one.kind, (one.ref,), one.start, one.end))
    return draft


def _tell(actor: Actor, action: str, row: Opportunity) -> None:
    audit.record(actor.email, action, "encounter", row.encounter.ref, kind=row.kind, condition=row.condition)


def _still_there(row_id: int) -> Opportunity:
    row = db.session.scalar(select(Opportunity).where(Opportunity.id == row_id).with_for_update())
    if row is None:
        raise QueryError("This gap is no longer there; the chart has changed since. Load the page again.")
    return row
