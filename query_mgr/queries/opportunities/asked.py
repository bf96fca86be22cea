"""What the query templates find: a template that fits a chart is a gap of the kind that its purpose names. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from query_mgr.clinical.assertions import NEGATED, UNCERTAIN
from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import mentions
from query_mgr.clinical.requirements.matching import holds
from query_mgr.queries.library.definition import Template
from query_mgr.queries.library.fitting import Match, fits
from query_mgr.queries.opportunities.gap import (
    CONFLICT,
    POA,
    PROCEDURE,
    TREATMENT,
    UNDOCUMENTED,
    UNSPECIFIED,
    VALIDATION,
    Gap,
)  # fmt: skip
from query_mgr.queries.opportunities.judgement import judgement
from query_mgr.queries.opportunities.quoting import quoted
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.undocumented import new_or_wider

KIND_OF: Mapping[str, str] = {
    "new_condition": UNDOCUMENTED,
    "specificity": UNSPECIFIED,
    "acuity": UNSPECIFIED,
    "cause_effect": UNSPECIFIED,
    "clinical_validation": VALIDATION,
    "poa": POA,
    "conflict": CONFLICT,
    "procedure": PROCEDURE,
}
#: what is diagnosed so soon was there on admission (ICD-10-CM Official Guidelines, appendix I)
_AT_ADMISSION = timedelta(hours=24)
#: templates that find another kind of gap than their purpose says
_OTHER_KIND = {
    "treatment_without_diagnosis": TREATMENT,
    "home_oxygen_reason": TREATMENT,
    "pathology_result": UNDOCUMENTED,  # a pathologist's word is no provider's: nothing conflicts until one speaks
}


def of_template(template: Template, record: Record) -> Iterator[Gap]:
    """Yield the gap that a template asks about, where it fits this chart."""
    if template.id in judgement().by_hand or not holds(template.requires, record.chart):
        return
    match = fits(template, record.chart)
    if not match.fits:
        return
    condition = _condition(match, record)
    if condition is None:
        return
    kind = _OTHER_KIND.get(template.id, KIND_OF[template.purpose])
    if kind == UNSPECIFIED and not record.documented(condition):
        # The template speaks of what others found, or of the narrower of two conditions.
        kind, condition = new_or_wider(condition, record)
    yield Gap(
        kind,
        condition,
        f"template:{template.id}",
        quoted(match.met, record.chart),
        criteria=" ".join(template.when_to_use.split()),
        criteria_source=template.criteria_source,
        template=template.id,
        suppressed_because=_suppressed(kind, condition, template, record),
    )


def _condition(match: Match, record: Record) -> str | None:
    """Return the condition that the gap is about; None where a general template found no condition of the library."""
    template = match.template
    for one, needed in judgement().about.get(template.id, {}).items():
        if holds(needed, record.chart) if needed else criteria_met(load()[one], record.chart):
            return one
    if template.condition in load():
        return template.condition
    named = [
        one.condition
        for evidence in match.met
        for source in evidence.sources
        for one in mentions(source.term or source.text)
    ]
    return max(named, key=judgement().weight, default=None)


def _suppressed(kind: str, condition: str, template: Template, record: Record) -> str:
    detail = judgement().only_with.get(template.id)
    if detail and not holds(detail, record.chart):
        return "the chart holds no detail that the documentation lacks"
    settled = judgement().not_with.get(template.id)
    if settled and holds(settled, record.chart):
        return "the chart answers it"
    if template.purpose in ("cause_effect", "specificity") and template.id.endswith(("_cause", "_source")):
        stated = record.cause(condition)
        if stated:
            return f"its cause is documented: “{stated}”"
    if kind == POA:
        return _poa_settled(condition, record)
    if kind == VALIDATION:
        return _validated(condition, template, record)
    if kind == UNDOCUMENTED:
        return record.documented(condition)
    return ""


def _poa_settled(condition: str, record: Record) -> str:
    """Return in words why presence on admission is no question: nobody documents the condition, or one does at once."""
    if not record.documented(condition):
        return "no provider has documented the condition yet"
    first, admitted_at = record.first(condition), record.chart.admitted_at
    if first and admitted_at and first.at - admitted_at <= _AT_ADMISSION:
        return f"documented at admission: “{first.quote}”"
    return ""


def _validated(condition: str, template: Template, record: Record) -> str:
    """Return in words why a documented diagnosis needs no validation, "" where it does."""
    last, first = record.latest(condition), record.first(condition)
    if last and last.said.state == NEGATED:
        return f"ruled out later: “{last.quote}”"
    if template.id == "early_diagnosis_not_carried":
        if load()[condition].chronic:
            return "a chronic condition, named once among the comorbidities"
        if last and first and last.at - first.at > _AT_ADMISSION:
            return f"carried on in other words: “{last.quote}”"
        if first is None or first.said.state == UNCERTAIN:
            return "only thought of on the first day"
    return "the chart meets the criteria" if _is_borne_out(condition, record) else ""


def _is_borne_out(condition: str, record: Record) -> bool:
    """Say whether a documented diagnosis needs no validation: by judgement.yaml, else by its own criteria."""
    if condition in judgement().borne_out_by:
        needed = judgement().borne_out_by[condition]
        return needed is not None and holds(needed, record.chart)
    return bool(criteria_met(load()[condition], record.chart))
