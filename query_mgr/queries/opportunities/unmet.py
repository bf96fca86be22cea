"""A documented diagnosis that its own measurements do not bear out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.clinical.assertions import AFFIRMED
from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import Condition
from query_mgr.clinical.requirements.definition import CHANGES, Requirement
from query_mgr.queries.opportunities.gap import VALIDATION, Gap
from query_mgr.queries.opportunities.quoting import facts_named, of_statements, ordered
from query_mgr.queries.opportunities.record import Record

_MOST_READINGS = 4


def measured_by(condition: Condition) -> frozenset[str]:
    """Return the measurement that alone decides a condition, as an empty or one-element set.

    Only where every criterion is data about one measurement and nothing else: then readings that do not meet it speak
    against the diagnosis. Chronic conditions are left out, because treatment keeps their values normal.
    """
    labs: set[str] = set()
    if condition.chronic or any(one.when is None for one in condition.criteria):
        return frozenset()
    for one in condition.criteria:
        for leaf in leaves(one.when) if one.when else ():
            if leaf.kind not in ("measure", "patient") or leaf.op in CHANGES or leaf.for_hours:
                return frozenset()
            labs |= {leaf.lab} - {""}
    return frozenset(labs) if len(labs) == 1 else frozenset()


def leaves(requirement: Requirement) -> Iterator[Requirement]:
    """Yield the single requirements of one."""
    if not requirement.parts:
        yield requirement
    for part in requirement.parts:
        yield from leaves(part)


def of_unmet(condition: Condition, record: Record) -> Iterator[Gap]:
    """Yield the gap of a condition that a provider documents while no reading of the stay meets its criteria."""
    (lab,) = measured_by(condition)
    readings = record.chart.measured.get(lab, ())
    documented = record.latest(condition.id, AFFIRMED)
    if documented is None or len(readings) < 2 or criteria_met(condition, record.chart):
        return
    if documented.document.kind == "emergency_note" and record.denied(condition.id):
        return
    values = facts_named(record.chart, (one.fact.ref for one in readings[-_MOST_READINGS:]))
    yield Gap(
        VALIDATION,
        condition.id,
        f"unmet:{condition.id}",
        ordered([*of_statements([documented]), *values]),
        criteria=condition.criteria[0].text,
        criteria_source=condition.criteria[0].source,
    )
