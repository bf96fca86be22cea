"""Gaps weighed against each other and against the chart: what is one question, and what another one answers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from query_mgr.clinical.library import load
from query_mgr.queries.opportunities.differing import RIVALS
from query_mgr.queries.opportunities.gap import (
    CONFLICT,
    POA,
    PROCEDURE,
    TREATMENT,
    UNDOCUMENTED,
    UNSPECIFIED,
    VALIDATION,
    Gap,
)
from query_mgr.queries.opportunities.judgement import judgement
from query_mgr.queries.opportunities.ranking import ranked
from query_mgr.queries.opportunities.record import Record, narrower

#: two gaps on one condition of which the second is settled with the first: (this one, by that one)
_FIRST = {
    *((kind, CONFLICT) for kind in (UNDOCUMENTED, VALIDATION, UNSPECIFIED, POA, TREATMENT)),
    (TREATMENT, UNDOCUMENTED),
    (UNSPECIFIED, VALIDATION),
    (UNSPECIFIED, UNDOCUMENTED),
    (POA, UNDOCUMENTED),
    (POA, VALIDATION),
}


def settle(gaps: Iterable[Gap], record: Record) -> tuple[Gap, ...]:
    """Return one gap for each kind and condition, narrower before wider ones, in the order of the list."""
    single = _merged(gaps)
    open_gaps = [one for one in single if not one.suppressed_because]
    settled = [
        one if one.suppressed_because else replace(one, suppressed_because=_answered(one, open_gaps, record))
        for one in single
    ]
    return ranked(settled)


def _merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Return one gap for each kind and condition: an open one before a suppressed one, one with a template before others."""
    found: dict[tuple[str, str], Gap] = {}
    for one in gaps:
        key = (one.kind, one.condition)
        found[key] = _joined(found[key], one) if key in found else one
    return list(found.values())


def _joined(first: Gap, second: Gap) -> Gap:
    if bool(first.suppressed_because) != bool(second.suppressed_because):
        return second if first.suppressed_because else first
    main = second if second.probe.startswith("criteria:") else first
    return replace(main, template=first.template or second.template)


def _answered(gap: Gap, others: list[Gap], record: Record) -> str:
    """Return in words what makes a gap no question of its own, "" where nothing does."""
    for other in others:
        if other is gap:
            continue
        is_closer = other.condition != gap.condition and other.condition in narrower()[gap.condition]
        if is_closer and other.kind in (gap.kind, UNDOCUMENTED):
            return f"asked more closely as {_name(other.condition)}"
        if other.condition == gap.condition and (gap.kind, other.kind) in _FIRST:
            return f"the other gap on {_name(other.condition)} comes first"
    if gap.kind == CONFLICT:
        return _other_side(gap, others)
    if gap.kind not in (UNDOCUMENTED, TREATMENT, PROCEDURE, UNSPECIFIED):
        return ""
    asked = {one.condition for one in others if one is not gap}
    for other_id in judgement().explained_by.get(gap.condition, ()):
        family = narrower()[other_id] - narrower()[gap.condition]
        if family & asked:
            return f"explained by {_name(min(family & asked))}, which is asked about"
        if gap.kind != UNSPECIFIED and record.documented(other_id):
            return f"explained by {_name(other_id)}, which is documented"
    return ""


def _other_side(gap: Gap, others: list[Gap]) -> str:
    """Return in words that a conflict is the other side of one that is asked about, "" where it is none."""
    for first, second in RIVALS:
        if gap.condition == second and any(one.kind == CONFLICT and one.condition == first for one in others):
            return f"the other side of the conflict on {_name(first)}"
    return ""


def _name(condition: str) -> str:
    return load()[condition].name.lower()
