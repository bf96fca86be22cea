"""Which of a condition's published criteria a chart meets, and by what. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from query_mgr.clinical.library import Condition, Criterion
from query_mgr.clinical.requirements.chart import ChartContext, Evidence
from query_mgr.clinical.requirements.matching import holds, look


@dataclass(frozen=True)
class Met:
    """A criterion that a chart meets, and the evidence for it."""

    condition: str  # id
    criterion: Criterion
    evidence: tuple[Evidence, ...]


def criteria_met(condition: Condition, chart: ChartContext) -> tuple[Met, ...]:
    """Return the criteria of `condition` that `chart` meets. Criteria that are only words are never met here."""
    found = []
    for criterion in condition.criteria:
        if criterion.when is not None and holds(criterion.when, chart):  # most are not met, which is quick to see
            found.append(Met(condition.id, criterion, tuple(look(criterion.when, chart)[0])))
    return tuple(found)


def all_met(conditions: Iterable[Condition], chart: ChartContext) -> tuple[Met, ...]:
    """Return what `chart` meets of all `conditions`, in their order."""
    return tuple(one for condition in conditions for one in criteria_met(condition, chart))
