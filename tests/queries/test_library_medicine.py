"""Adult medicine templates: each option stands only on a chart that makes it credible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from query_mgr.clinical.requirements.chart import ChartContext
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.fitting import fits
from tests.queries.template_charts import chart, chart_from
from tests.queries.test_library_templates import shown


def _with(
    name: str, *facts: list[object], notes: tuple[str, ...] = (), codes: tuple[str, ...] = ()
) -> ChartContext:
    """Return the chart that the template fits, with more facts, notes and codes."""
    more = chart_from({"facts": facts, "notes": [[30, "attending", "progress_note", text] for text in notes]})
    one = chart(name, "fits")
    documents = (*one.documents, *(d._replace(ref=f"more {d.ref}") for d in more.documents))
    found = (*one.facts, *(f._replace(ref=f"more {f.ref}") for f in more.facts))
    return replace(one, documents=documents, facts=found, codes=(*one.codes, *codes))


@pytest.mark.parametrize(
    ("name", "more", "offered", "kept_back"),
    [
        ("respiratory_failure_detail", {}, "acute_on_chronic_hypercapnia", ""),
        ("pleural_effusion_treated", {}, "heart_failure", "malignant"),
        ("pneumonia_swallowing", {}, "aspiration", "both"),
        ("pulmonary_edema_cause", {}, "volume", ""),
        ("infection_systemic_response", {}, "sepsis_dysfunction", ""),
        ("sepsis_circulation", {}, "septic_shock", "hypovolemic"),
        ("cellulitis_site", {}, "left_lower", "right_lower"),
        ("kidney_injury_validation", {}, "ruled_out", "chronic_only"),
        ("kidney_injury_validation", {"codes": ("N18.4",)}, "chronic_only", ""),
        ("acid_base_treated", {}, "lactic", "respiratory"),
        ("troponin_significance", {}, "type_2", "injury_chronic"),
        ("cardiomyopathy_type", {}, "ischemic", "hypertrophic"),
        ("shock_type", {}, "septic", "cardiogenic"),
        ("syncope_cause", {}, "orthostatic", "cardiac"),
        ("very_high_pressure_treated", {}, "emergency", ""),
        ("low_pressure_treated", {}, "drugs", "shock"),
        ("low_pressure_treated", {"facts": ([5, "lab", "Lactate", 2.1, "mmol/L"],)}, "shock", "dialysis"),
        ("glucose_emergency", {}, "ketoacidosis", "hyperosmolar"),
        ("steroid_glucose", {}, "steroid_hyperglycemia", "type_2_steroid"),
        ("cortisol_treated", {}, "primary", "critical_illness"),
    ],
)  # fmt: skip
def test_an_option_is_offered_where_the_chart_speaks_for_it(
    name: str, more: dict[str, tuple[object, ...]], offered: str, kept_back: str
) -> None:
    keys = shown(
        name, _with(name, *more.get("facts", ()), notes=more.get("notes", ()), codes=more.get("codes", ()))
    )  # type: ignore[arg-type]
    assert offered in keys
    assert kept_back not in keys


def test_a_high_pressure_without_an_affected_organ_offers_no_emergency() -> None:
    one = chart("very_high_pressure_treated", "fits")
    calm = replace(one, documents=tuple(d._replace(text="HTN, nicardipine drip.") for d in one.documents))
    assert "emergency" not in shown("very_high_pressure_treated", calm)


def test_a_troponin_without_signs_of_ischemia_offers_no_infarction() -> None:
    one = chart("troponin_significance", "fits")
    calm = replace(one, documents=tuple(d._replace(text="GI bleed, trend troponin.") for d in one.documents))
    keys = shown("troponin_significance", calm)
    assert "injury_acute" in keys
    assert not {"type_1", "type_2", "demand"} & keys


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("respiratory_failure_validation", [3, "vital", "Oxygen saturation", 89, "%"]),
        ("kidney_injury_validation", [30, "lab", "Creatinine", 1.7, "mg/dL"]),
        ("heart_failure_validation", [3, "lab", "BNP", 100, "pg/mL"]),
    ],
)
def test_a_validation_is_needless_where_the_chart_meets_the_criterion(name: str, fact: list[object]) -> None:
    assert not fits(shipped()[name], _with(name, fact)).fits


def test_pneumonia_with_an_infiltrate_needs_no_validation() -> None:
    one = chart("pneumonia_validation", "fits")
    later = one.documents[1]._replace(ref="d9", text="New right lower lobe infiltrate.")
    assert not fits(shipped()["pneumonia_validation"], replace(one, documents=(*one.documents, later))).fits


def test_an_answer_on_sepsis_at_admission_sets_the_indicator_only() -> None:
    changes = {o.key: [c.poa for c in o.changes] for o in shipped()["sepsis_poa"].options}
    assert changes == {"present": ["Y"], "not_present": ["N"], "other": [], "undetermined": ["W"]}
