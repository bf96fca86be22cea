"""What the finder looks for: every probe looks for one thing, and says what of a chart it depends on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

from query_mgr.clinical.library import Condition, load
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.queries.library.definition import Template
from query_mgr.queries.opportunities.asked import of_template
from query_mgr.queries.opportunities.differing import (
    AXES,
    CALLED_OTHERWISE,
    RIVALS,
    of_axis,
    of_denial,
    of_other_words,
    of_rivals,
)
from query_mgr.queries.opportunities.gap import Gap
from query_mgr.queries.opportunities.judgement import Treatment, Unlinked, judgement, treatments
from query_mgr.queries.opportunities.others import of_others, of_unlinked
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.treated import given, of_treatment
from query_mgr.queries.opportunities.undocumented import of_criteria
from query_mgr.queries.opportunities.unmet import measured_by, of_unmet

#: what a provider may deny and another affirm, and the record must settle
DENIABLE = (
    "sepsis", "pneumonia", "acute_kidney_injury", "heart_failure", "myocardial_infarction", "pulmonary_embolism",
    "respiratory_failure", "encephalopathy", "malnutrition", "stroke", "dvt", "urinary_tract_infection", "cellulitis",
    "osteomyelitis", "acute_tubular_necrosis", "delirium", "pressure_injury", "ileus", "bowel_obstruction", "cholecystitis",
    "preeclampsia", "endocarditis", "seizure", "acute_respiratory_failure", "ards", "septic_shock", "cardiogenic_shock",
    "c_difficile", "pancreatitis", "bacteremia", "heparin_induced_thrombocytopenia", "dic", "appendicitis",
    "diverticulitis", "hepatic_encephalopathy", "intraamniotic_infection", "neonatal_sepsis", "alcohol_withdrawal",
    "surgical_site_infection", "central_line_infection", "rhabdomyolysis",
)  # fmt: skip


@dataclass(frozen=True)
class Probe:
    """One thing to look for. requirements, conditions, words: what it reads; a change of anything else cannot move it."""

    key: str
    find: Callable[[Record], Iterator[Gap]]
    requirements: tuple[Requirement, ...] = ()
    conditions: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


def probes(templates: Mapping[str, Template]) -> tuple[Probe, ...]:
    """Return all probes: the lasting ones, and one of each template."""
    return (*lasting(), *(_of_template(one) for one in templates.values()))


@cache
def lasting() -> tuple[Probe, ...]:
    """Return the probes of conditions, treatments and conflicts, which only a release changes."""
    return (
        *(_of_criteria(one) for one in load().values() if _is_asked_from_criteria(one)),
        *(_of_unmet(one) for one in load().values() if measured_by(one)),
        *(_of_treatment(one) for one in treatments()),
        *(_of_unlinked(one) for one in judgement().unlinked),
        *(
            Probe(f"others:{one}", partial(of_others, one), conditions=frozenset({one}))
            for one in judgement().named_by_others
        ),
        *(_of_rivals(*pair) for pair in RIVALS),
        *(_of_other_words(one) for one in CALLED_OTHERWISE),
        *(Probe(f"axis:{one}", partial(of_axis, one), words=sum(AXES[one], ())) for one in AXES),
        *(Probe(f"denial:{one}", partial(of_denial, one), conditions=frozenset({one})) for one in DENIABLE),
    )


def _is_asked_from_criteria(condition: Condition) -> bool:
    by_value = condition.id in judgement().from_criteria_with
    return (by_value or condition.id not in judgement().not_from_criteria) and any(
        one.when for one in condition.criteria
    )


def _of_criteria(condition: Condition) -> Probe:
    further = judgement().from_criteria_with.get(condition.id)
    needs = (*(one.when for one in condition.criteria if one.when), *((further,) if further else ()))
    return Probe(f"criteria:{condition.id}", partial(of_criteria, condition), needs, frozenset({condition.id}))


def _of_unmet(condition: Condition) -> Probe:
    needs = tuple(one.when for one in condition.criteria if one.when)
    return Probe(f"unmet:{condition.id}", partial(of_unmet, condition), needs, frozenset({condition.id}))


def _of_treatment(treatment: Treatment) -> Probe:
    about = frozenset({treatment.condition, *treatment.reasons})
    needs = (given(treatment), Requirement("code", "a reason", codes=treatment.codes or ("-",)))
    return Probe(f"treatment:{treatment.id}", partial(of_treatment, treatment), needs, about, treatment.words)


def _of_unlinked(row: Unlinked) -> Probe:
    find = partial(of_unlinked, row)
    return Probe(f"unlinked:{row.condition}", find, (row.after,), frozenset({row.condition}))


def _of_rivals(condition: str, rival: str) -> Probe:
    find = partial(of_rivals, condition, rival)
    return Probe(f"rivals:{condition}:{rival}", find, conditions=frozenset({condition, rival}))


def _of_other_words(condition: str) -> Probe:
    find = partial(of_other_words, condition)
    return Probe(
        f"otherwise:{condition}", find, conditions=frozenset({condition}), words=CALLED_OTHERWISE[condition]
    )


def _of_template(template: Template) -> Probe:
    shown = (option.shown_when for option in template.options if option.shown_when)
    wanted = {template.condition, *judgement().about.get(template.id, {})}
    about = frozenset(wanted & load().keys())
    criteria = (one.when for each in sorted(about) for one in load()[each].criteria if one.when)
    also = (
        judgement().only_with.get(template.id),
        judgement().not_with.get(template.id),
        judgement().borne_out_by.get(template.condition),
        *judgement().about.get(template.id, {}).values(),
    )
    needs = (template.requires, *template.unless, *shown, *criteria, *filter(None, also))
    return Probe(f"template:{template.id}", partial(of_template, template), needs, about)
