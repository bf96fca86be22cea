"""Criteria met without the diagnosis. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import Condition, load
from query_mgr.clinical.requirements.matching import holds
from query_mgr.queries.opportunities.gap import UNDOCUMENTED, UNSPECIFIED, Gap, Indicator
from query_mgr.queries.opportunities.judgement import judgement
from query_mgr.queries.opportunities.quoting import quoted
from query_mgr.queries.opportunities.record import Record

#: a denial does not answer for what was found so long after it
_OUTDATED = timedelta(hours=48)


def of_criteria(condition: Condition, record: Record) -> Iterator[Gap]:
    """Yield the gap of a condition whose criteria this chart meets, with the reason where it is none."""
    met = criteria_met(condition, record.chart)
    further = judgement().from_criteria_with.get(condition.id)
    if not met or (further and not holds(further, record.chart)):
        return
    evidence = quoted((one for each in met for one in each.evidence), record.chart)
    kind, about = new_or_wider(condition.id, record)
    yield Gap(
        kind,
        about,
        f"criteria:{condition.id}",
        evidence,
        criteria=met[0].criterion.text,
        criteria_source=met[0].criterion.source,
        suppressed_because=record.documented(condition.id) or addressed(condition.id, record, evidence),
    )


def new_or_wider(condition: str, record: Record) -> tuple[str, str]:
    """Return what kind of gap a condition is that the chart points to, and on which condition.

    With a wider one documented it is detail of that one, but for those that are a diagnosis of their own beside it.
    """
    if record.documented(condition) or condition in judgement().new_beside_wider:
        return UNDOCUMENTED, condition
    wider = load()[condition].kind_of
    while wider:
        if record.documented(wider):
            return UNSPECIFIED, wider
        wider = load()[wider].kind_of
    return UNDOCUMENTED, condition


def addressed(condition: str, record: Record, evidence: tuple[Indicator, ...]) -> str:
    """Return in words where a provider says that the patient does not have it, in the light of this evidence."""
    denied = record.denied(condition)
    newest = max((one.at for one in evidence if one.at and one.kind == "fact"), default=None)
    if denied is None or (newest is not None and newest - denied.at > _OUTDATED):
        return ""
    return f"a provider addressed it: “{denied.quote}”"
