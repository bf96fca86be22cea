"""The chart of a stay as the finder reads it: with the problem list as it stood then."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import or_, select

from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Encounter, Fact
from query_mgr.clinical.requirements.chart import ChartContext, ChartFact
from query_mgr.platform.db import rows
from query_mgr.queries.compose import chart_of


def stay_of(encounter: Encounter) -> ChartContext:
    """Return the chart of a stay with the problems of the patient that other stays brought and that had not ended."""
    chart = chart_of(encounter)
    wanted = select(Fact.ref, Fact.name, Fact.code, Fact.code_system, Fact.observed_at).where(
        Fact.patient_id == encounter.patient_id,
        Fact.kind == "problem",
        Fact.status.not_in(NOT_EVIDENCE),
        or_(Fact.encounter_id.is_(None), Fact.encounter_id != encounter.id),
        Fact.observed_at <= (encounter.discharged_at or encounter.admitted_at),
        or_(Fact.ended_at.is_(None), Fact.ended_at >= encounter.admitted_at),
    )
    listed = rows(wanted)
    if not listed:
        return chart
    problems = tuple(
        ChartFact(one.ref, "problem", one.name, one.code, None, "", "", "", one.observed_at) for one in listed
    )
    codes = tuple(one.code for one in listed if one.code_system == "icd10cm")
    return replace(
        chart,
        facts=(*chart.facts, *problems),
        codes=tuple(dict.fromkeys((*chart.codes, *codes))),
        documented_codes=(*(chart.documented_codes or ()), *codes),
    )
