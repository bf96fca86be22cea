"""Evidence whose source was withdrawn or corrected after it was picked: the coder is told, and it is never sent."""

from __future__ import annotations

from collections import defaultdict
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from query_mgr.audit import actions as audit
from query_mgr.charts.events import when_changed
from query_mgr.charts.evidence import NOT_EVIDENCE, fact_text, trend_text
from query_mgr.charts.models import Document, Fact
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.lifecycle import OPEN, UNSENT
from query_mgr.queries.models import Query, QueryIndicator, QueryIndicatorReading

#: what can have become of a source; the words that pages show
STATES = {
    "withdrawn": "withdrawn from the chart since it was picked",
    "changed": "corrected in the chart since it was picked",
}
WATCHED = (*UNSENT, *OPEN)
_KEYS_PER_SELECT = 500


def recheck(refs: frozenset[str]) -> None:
    """Compare the indicators of drafts and open queries with their sources, in the running transaction.

    refs: of documents and facts that changed. What was sent stays as it was sent; only its state is noted.
    """
    moved: dict[str, list[str]] = defaultdict(list)
    ordered = sorted(refs)
    for at in range(0, len(ordered), _KEYS_PER_SELECT):
        for indicator, query_ref in _users(ordered[at : at + _KEYS_PER_SELECT]):
            state = state_of(indicator)
            if state != indicator.source_state:
                indicator.source_state = state
                moved[query_ref].append(state or "restored")
    for query_ref, states in moved.items():
        audit.record("system", "query.evidence_changed", "query", query_ref, states=sorted(states))


def _users(refs: list[str]) -> list[tuple[QueryIndicator, str]]:
    in_trends = select(QueryIndicatorReading.indicator_id).where(QueryIndicatorReading.fact_ref.in_(refs))
    found = (
        select(QueryIndicator, Query.ref)
        .join(Query, Query.id == QueryIndicator.query_id)
        .where(
            or_(QueryIndicator.source_ref.in_(refs), QueryIndicator.id.in_(in_trends)), Query.status.in_(WATCHED)
        )
    )
    return [(row[0], row[1]) for row in db.session.execute(found)]


def state_of(indicator: QueryIndicator) -> str:
    """Return what became of an indicator's source: a key of STATES, or "" where it stands as it was picked."""
    if indicator.source_kind == "document":
        document = db.session.scalar(select(Document).where(Document.ref == indicator.source_ref))
        if document is None or document.status in NOT_EVIDENCE:
            return "withdrawn"
        return "" if document.text[indicator.start : indicator.end] == indicator.text else "changed"
    refs = [one.fact_ref for one in indicator.readings] or [indicator.source_ref]
    facts = db.session.scalars(select(Fact).where(Fact.ref.in_(refs)).order_by(Fact.observed_at, Fact.id)).all()
    if len(facts) < len(refs) or any(one.status in NOT_EVIDENCE for one in facts):
        return "withdrawn"
    zone = ZoneInfo(current_settings().time_zone)
    now = trend_text(facts, zone) if indicator.readings else fact_text(facts[0])
    return "" if now == indicator.text else "changed"


def register() -> None:
    """Hook into imports."""
    when_changed(recheck)
