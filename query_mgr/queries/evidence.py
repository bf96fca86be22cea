"""Evidence whose source was withdrawn or corrected after it was picked: the coder is told, and it is never sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select

from query_mgr.audit import actions as audit
from query_mgr.charts.events import when_changed
from query_mgr.charts.evidence import NOT_EVIDENCE, fact_text, trend_text
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.lifecycle import OPEN, UNSENT
from query_mgr.queries.models import Query, QueryIndicator, QueryIndicatorReading

WATCHED = (*UNSENT, *OPEN)
_KEYS_PER_SELECT = 500
#: how far a time that was typed by hand may lie from the value's own, and a note that tells the value behind it
_VALUES_WITHIN = timedelta(hours=1)
_NOTES_WITHIN = timedelta(hours=24)


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
    """Return what became of an indicator's source: a key of SOURCE_STATES, or "" where it stands as it was picked."""
    now = in_chart([indicator])
    if not now:
        return "withdrawn"
    return "" if now[indicator] == indicator.text else "changed"


def in_chart(indicators: Iterable[QueryIndicator]) -> dict[QueryIndicator, str]:
    """Return what the chart says now where each indicator was picked; those whose source counts no more are left out."""
    picked = tuple(indicators)
    refs = {ref for one in picked for ref in _refs(one)}
    documents = {one.ref: one for one in db.session.scalars(_standing(Document, refs))}
    facts = {one.ref: one for one in db.session.scalars(_standing(Fact, refs))}
    said = {one: _said(one, documents, facts) for one in picked}
    return {one: text for one, text in said.items() if text is not None}


def _said(one: QueryIndicator, documents: dict[str, Document], facts: dict[str, Fact]) -> str | None:
    if one.source_kind == "document":
        document = documents.get(one.source_ref)
        return document.text[one.start : one.end] if document else None
    refs = _refs(one)
    values = sorted((facts[ref] for ref in refs if ref in facts), key=lambda each: (each.observed_at, each.id))
    if len(values) < len(refs):
        return None
    return trend_text(values, ZoneInfo(current_settings().time_zone)) if len(values) > 1 else fact_text(values[0])


def _refs(one: QueryIndicator) -> tuple[str, ...]:
    return one.fact_refs if one.source_kind == "trend" else (one.source_ref,)


def _standing(kind: type[Document] | type[Fact], refs: set[str]) -> Select[Any]:
    return select(kind).where(kind.ref.in_(refs), kind.status.not_in(NOT_EVIDENCE))


def said_around(encounter: Encounter, at: datetime) -> tuple[str, ...]:
    """Return what an encounter's chart holds at a time that somebody states: its values, and the notes written then or soon after."""
    values = select(Fact).where(
        Fact.encounter_id == encounter.id, Fact.status.not_in(NOT_EVIDENCE),
        Fact.observed_at.between(at - _VALUES_WITHIN, at + _VALUES_WITHIN),
    )  # fmt: skip
    notes = select(Document.text).where(
        Document.encounter_id == encounter.id, Document.status.not_in(NOT_EVIDENCE),
        Document.authored_at.between(at - _VALUES_WITHIN, at + _NOTES_WITHIN),
    )  # fmt: skip
    return (*map(fact_text, db.session.scalars(values)), *db.session.scalars(notes))


def register() -> None:
    """Hook into imports."""
    when_changed(recheck)
