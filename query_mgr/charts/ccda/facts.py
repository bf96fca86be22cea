"""What the readers of entries share, and how a fact is named, dated and told apart from others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lxml import etree

from query_mgr.charts.ccda.elements import find, find_all, said
from query_mgr.charts.ccda.narrative import Narrative
from query_mgr.charts.ccda.people import identifier
from query_mgr.charts.ccda.times import Point, Span, Times
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import EncounterRecord, FactRecord

#: facts that stay the same thing while their dates change: told apart without them
_LASTING = {"problem", "allergy", "medication"}
_NEAR = timedelta(days=1)
#: ActStatus -> status of what was measured or done
STATUSES = {
    "completed": "completed", "active": "active", "new": "active", "held": "active", "suspended": "stopped",
    "aborted": "stopped", "cancelled": "cancelled", "obsolete": "cancelled", "nullified": "entered_in_error",
}  # fmt: skip
MEASURED_STATUSES = {
    "completed": "final", "": "final", "aborted": "cancelled", "cancelled": "cancelled", "obsolete": "cancelled",
    "nullified": "entered_in_error",
}  # fmt: skip


@dataclass(frozen=True)
class Context:
    """One document while its entries are read."""

    patient_key: str
    encounter_key: str | None
    encounter: EncounterRecord | None
    made_at: datetime
    narrative: Narrative
    times: Times
    warnings: Warnings


@dataclass(frozen=True)
class Statement:
    """One clinical statement with what stands around it: its organizer or concern act, innermost first."""

    element: etree._Element
    section: str  # LOINC code of its section
    around: tuple[etree._Element, ...] = ()

    @property
    def where(self) -> str:
        """Its place, for reports."""
        return f"line {self.element.sourceline}"

    @property
    def is_negated(self) -> bool:
        """Whether it, or what it stands in, says that something is not so or was not done."""
        return any(one.get("negationInd") == "true" for one in (self.element, *self.around))

    @property
    def status(self) -> str:
        """Its own ActStatus; nullified and cancelled where an organizer or concern around it is."""
        own = said(find(self.element, "statusCode"), "code")
        outer = [said(find(one, "statusCode"), "code") for one in self.around]
        for taken_back in ("nullified", "cancelled"):
            if taken_back in outer:
                return taken_back
        return own or next(filter(None, outer), "")


def when(statement: Statement, context: Context) -> tuple[Span, Point]:
    """Return the statement's own time and the one it is filed under.

    Filed under: its own beginning, else its end, that of what it stands in, the time somebody wrote it, the document's.
    """
    span = context.times.span(_effective(statement.element), f"{statement.where} effectiveTime")
    if span.low or span.high:
        return span, span.low or span.high or _made(context)
    for outer in statement.around:
        around = context.times.span(find(outer, "effectiveTime"), f"{statement.where} effectiveTime")
        if around.low:
            return span, around.low
    for one in (statement.element, *statement.around):
        written = context.times.point(find(one, "author/time"), f"{statement.where} author/time")
        if written:
            return span, written
    context.warnings.add("no-time", statement.where, "says not when it was true; filed under the document's time")
    return span, _made(context)


def _effective(element: etree._Element) -> etree._Element | None:
    """Return the effectiveTime that says when, not how often (PIVL_TS, EIVL_TS)."""
    times = list(find_all(element, "effectiveTime"))
    plain = [one for one in times if find(one, "period") is None and find(one, "event") is None]
    return next(iter(plain), None)


def _made(context: Context) -> Point:
    return Point(context.made_at, "", is_day_known=True)


def filed(fact: FactRecord, statement: Statement, context: Context) -> FactRecord:
    """Return the fact with its identity, and under the stay where its time lies within it."""
    lasting = fact.kind in _LASTING
    owner, number = next(
        (pair for one in find_all(statement.element, "id") if (pair := identifier(one))[1]), ("", "")
    )
    # Senders reuse ids of entries, so a fact is told apart by what it is about too.
    parts = [fact.patient_key, fact.kind, fact.code or fact.name.casefold(), owner, number]
    if not lasting or not number:
        parts.append(fact.observed_at.isoformat())
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]
    key = f"CDA {owner}|{number}"[:170] if number else "CDA entry"
    at_stay = is_in_stay(fact.observed_at, context, fact.ended_at, is_lasting=lasting)
    return replace(
        fact,
        source_key=f"{key}#{digest}",
        encounter_key=context.encounter_key if at_stay else None,
        told_at=context.made_at,
    )


def is_in_stay(
    begun_at: datetime, context: Context, ended_at: datetime | None = None, *, is_lasting: bool = False
) -> bool:
    """Return whether something belongs to the document's stay: its time overlaps it.

    Documents repeat what was true long before. What lasts (a problem, a drug) lasts until somebody says that it ended.
    """
    stay = context.encounter
    if stay is None:
        # The stay is known by its number only: a day around the document is surely part of it.
        return context.encounter_key is not None and abs(begun_at - context.made_at) <= _NEAR
    if begun_at > (stay.discharged_at or max(context.made_at, stay.admitted_at)) + _NEAR:
        return False
    if is_lasting:
        return ended_at is None or ended_at >= stay.admitted_at
    return (ended_at or begun_at) >= stay.admitted_at - _NEAR
