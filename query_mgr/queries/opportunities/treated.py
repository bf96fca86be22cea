"""A drug with few indications, and none of them in the chart. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.clinical.assertions import FAMILY, HYPOTHETICAL
from query_mgr.clinical.requirements.definition import Requirement, bare
from query_mgr.clinical.requirements.matching import look
from query_mgr.clinical.requirements.wording import mentions
from query_mgr.queries.opportunities.gap import TREATMENT, Gap
from query_mgr.queries.opportunities.judgement import Treatment
from query_mgr.queries.opportunities.quoting import quoted
from query_mgr.queries.opportunities.record import Record

_CRITERIA = "A treatment is given whose reason the record does not state."
_BEHIND = 15  # "seizure prophylaxis" is a reason, and of its two words the first is looked for
_SOURCE = "ICD-10-CM Official Guidelines, section III (additional diagnoses: conditions that are treated)"


def given(treatment: Treatment) -> Requirement:
    """Return the requirement that one of its drugs is given."""
    label = f"{treatment.drugs[0]} or another drug of its kind"
    return Requirement("medication", label, words=tuple(f"{one}*" for one in treatment.drugs))


def of_treatment(treatment: Treatment, record: Record) -> Iterator[Gap]:
    """Yield the gap of a treatment that nothing in the chart explains, with the reason where something does."""
    evidence, missing = look(given(treatment), record.chart)
    if not missing:
        yield Gap(
            TREATMENT,
            treatment.condition,
            f"treatment:{treatment.id}",
            quoted(evidence, record.chart),
            criteria=_CRITERIA,
            criteria_source=_SOURCE,
            suppressed_because=_explained(treatment, record),
        )


def _explained(treatment: Treatment, record: Record) -> str:
    """Return in words what the drug is for. History and what a nurse noted explain it too: only silence is a gap."""
    for condition in (treatment.condition, *treatment.reasons):
        if any(True for _ in record.statements(condition)) or record.documented(condition):
            return f"the chart names a reason: {condition.replace('_', ' ')}"
    codes = tuple(map(bare, treatment.codes))
    for code in record.chart.codes:
        if codes and bare(code).startswith(codes):
            return f"the chart names a reason: {code}"
    problems = [one.name for one in record.chart.facts if one.kind == "problem"]
    for text in (*problems, *(one.text for one in record.chart.documents)):
        for (start, end), state in mentions(text, treatment.words, treatment.looks_like):
            if state != FAMILY and (state != HYPOTHETICAL or "prophyla" in text[start : end + _BEHIND].lower()):
                return f"the chart names a reason: {text[start:end]}"
    return ""
