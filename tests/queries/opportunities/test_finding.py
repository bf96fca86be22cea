"""What the finder asks and what it leaves alone, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from query_mgr.clinical.library import load
from query_mgr.queries.library.files import shipped
from query_mgr.queries.opportunities.finding import finder_of
from query_mgr.queries.opportunities.gap import CONFLICT, KINDS, TREATMENT, UNDOCUMENTED, UNSPECIFIED, VALIDATION
from query_mgr.queries.opportunities.judgement import FOLDER, judgement, treatments
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.settling import settle
from tests.queries.opportunities.builders import KIDNEY_NOTE, KIDNEY_VALUES, a_chart, asked, gaps
from tests.queries.opportunities.labelled import charts, scores

KIDNEY = a_chart((KIDNEY_NOTE,), KIDNEY_VALUES)


def with_note(text: str, role: str = "attending", hours: int = 30) -> dict[str, str]:
    """Return why the kidney injury is not asked about, by kind, once somebody has written `text`."""
    chart = a_chart((KIDNEY_NOTE, (hours, role, "progress_note", text)), KIDNEY_VALUES)
    return {kind: one.suppressed_because for kind, one in gaps(chart, "acute_kidney_injury").items()}


def test_criteria_that_are_met_without_the_diagnosis_are_a_gap_with_its_evidence() -> None:
    found = gaps(KIDNEY, "acute_kidney_injury")[UNDOCUMENTED]
    assert not found.suppressed_because
    assert [one.text for one in found.evidence] == ["Creatinine 0.9 mg/dL", "Creatinine 2.1 mg/dL"]
    assert "KDIGO" in found.criteria_source
    assert shipped()[found.template].condition == "acute_kidney_injury"


@pytest.mark.parametrize(
    "text", ["AKI, improving.", "Likely acute kidney injury.", "Acute renal failure from volume loss."]
)
def test_a_synonym_or_a_likely_diagnosis_by_a_provider_documents_it(text: str) -> None:
    assert "already documented" in with_note(text)[UNDOCUMENTED]


def test_a_narrower_kind_documents_it() -> None:
    assert "already documented" in with_note("ATN after hypotension.")[UNDOCUMENTED]


def test_a_nurse_documents_nothing() -> None:
    assert with_note("Resident aware of AKI.", role="nurse")[UNDOCUMENTED] == ""


def test_a_family_history_documents_nothing() -> None:
    assert with_note("Mother had acute kidney injury.")[UNDOCUMENTED] == ""


def test_what_a_provider_rules_out_is_not_asked() -> None:
    assert "addressed" in with_note("Creatinine noted, hemolyzed dilution. No AKI.")[UNDOCUMENTED]


def test_a_denial_long_before_the_evidence_does_not_answer_it() -> None:
    values = (*KIDNEY_VALUES, (120, "lab", "Creatinine", 3.9, "mg/dL"))
    chart = a_chart((KIDNEY_NOTE, (2, "attending", "history_and_physical", "No acute kidney injury.")), values)
    assert gaps(chart, "acute_kidney_injury")[UNDOCUMENTED].suppressed_because == ""


def test_a_code_or_the_problem_list_documents_it() -> None:
    coded = replace(KIDNEY, codes=("N17.9",))
    assert "N17.9" in gaps(coded, "acute_kidney_injury")[UNDOCUMENTED].suppressed_because
    listed = a_chart((KIDNEY_NOTE,), (*KIDNEY_VALUES, (1, "problem", "Acute kidney injury", "", "")))
    assert "problem list" in gaps(listed, "acute_kidney_injury")[UNDOCUMENTED].suppressed_because


def test_kidney_injury_is_no_question_in_a_patient_on_dialysis() -> None:
    assert "explained by" in with_note("ESRD on hemodialysis.")[UNDOCUMENTED]


def test_of_two_kinds_of_one_condition_the_narrower_is_asked() -> None:
    chart = a_chart(
        ((2, "attending", "history_and_physical", "E. coli sepsis due to pyelonephritis. Hypotension on norepinephrine."),),
        ((1, "lab", "Lactate", 4.4, "mmol/L"), (2, "medication", "Norepinephrine infusion", "", ""),
         (1, "vital", "Mean arterial pressure", 55, "mmHg"), (1, "vital", "Systolic blood pressure", 78, "mmHg")),
    )  # fmt: skip
    assert (UNDOCUMENTED, "septic_shock") in asked(chart)
    assert not {one for one in asked(chart) if one[1] in ("shock", "sepsis", "hypotension")}


def test_a_diagnosis_that_its_own_measurement_contradicts_wants_validation() -> None:
    note = (20, "attending", "progress_note", "Hyponatremia, fluid restriction.")
    normal = tuple((hours, "lab", "Sodium", 139 + hours / 10, "mmol/L") for hours in (2, 10))
    assert (VALIDATION, "hyponatremia") in asked(a_chart((note,), normal))
    low = ((2, "lab", "Sodium", 128, "mmol/L"), normal[1])
    assert (VALIDATION, "hyponatremia") not in asked(a_chart((note,), low))


def test_a_low_sodium_diet_is_no_diagnosis() -> None:
    note = (20, "attending", "progress_note", "Low-sodium diet, walk daily.")
    chart = a_chart((note,), tuple((hours, "lab", "Sodium", 140, "mmol/L") for hours in (2, 10)))
    assert asked(chart) == set()


def test_a_drug_with_few_indications_and_none_documented_is_a_gap() -> None:
    drug = ((2, "medication", "Levothyroxine 75 mcg PO daily", "", ""),)
    note = (1, "attending", "history_and_physical", "Cholecystitis. Continue home medications.")
    assert (TREATMENT, "hypothyroidism") in asked(a_chart((note,), drug))
    reason = (1, "attending", "history_and_physical", "Cholecystitis. PMH: hypothyroidism.")
    assert gaps(a_chart((reason,), drug), "hypothyroidism")[TREATMENT].suppressed_because


def test_providers_who_differ_are_a_conflict_and_one_who_changed_his_mind_is_not() -> None:
    attending = (10, "attending", "progress_note", "TIA, symptoms resolved.")
    neurology = (20, "consultant", "consult_note", "Acute ischemic stroke, left corona radiata.")
    later = (30, "attending", "discharge_summary", "TIA. Aspirin and clopidogrel.")
    assert (CONFLICT, "stroke") in asked(a_chart((attending, neurology, later)))
    agreed = (30, "attending", "discharge_summary", "Ischemic stroke. Aspirin and clopidogrel.")
    assert (CONFLICT, "stroke") not in asked(a_chart((attending, neurology, agreed)))


def test_what_only_a_dietitian_names_is_asked_of_a_provider() -> None:
    notes = (
        (5, "attending", "history_and_physical", "Poor intake, weight loss."),
        (
            30,
            "dietitian",
            "nutrition_note",
            "Severe malnutrition, ASPEN: 12% loss in 3 months, fat and muscle loss.",
        ),
    )
    assert (UNDOCUMENTED, "malnutrition") in asked(a_chart(notes))


def test_detail_of_a_documented_wider_condition_is_asked_on_that_condition() -> None:
    chart = a_chart(
        ((5, "attending", "progress_note", "AKI, urine with muddy brown casts. Nephrology to see."),),
        KIDNEY_VALUES,
    )
    assert (UNSPECIFIED, "acute_kidney_injury") in asked(chart)
    assert (UNDOCUMENTED, "acute_tubular_necrosis") not in asked(chart)


def test_a_stated_cause_is_not_asked_for() -> None:
    values = ((1, "lab", "Platelets", 60, "10*3/uL"),)
    silent = a_chart(((5, "attending", "progress_note", "Thrombocytopenia. Heparin stopped."),), values)
    assert (UNSPECIFIED, "thrombocytopenia") in asked(silent)
    told = a_chart(
        ((5, "attending", "progress_note", "Thrombocytopenia due to cirrhosis. Heparin stopped."),), values
    )
    assert (UNSPECIFIED, "thrombocytopenia") not in asked(told)


def test_no_chart_has_no_gaps() -> None:
    assert asked(a_chart()) == set()


def test_asking_only_what_a_change_touches_finds_what_a_whole_scan_finds() -> None:
    finder = finder_of(shipped())
    for one in charts():
        before = replace(one.chart, documents=one.chart.documents[:-1], facts=one.chart.facts[::2])
        touched = finder.touched(one.chart.facts[1::2], one.chart.documents[-1:])
        after = finder.rescan(Record(one.chart), finder.scan(Record(before)), touched)
        whole = settle(finder.scan(Record(one.chart)), Record(one.chart))
        assert {repr(each) for each in settle(after, Record(one.chart))} == {repr(each) for each in whole}, one.id


def test_a_new_value_touches_few_probes() -> None:
    finder = finder_of(shipped())
    fact = KIDNEY.facts[0]._replace(ref="new", observed_at=KIDNEY.facts[0].observed_at + timedelta(hours=1))
    touched = finder.touched([fact], [])
    assert "criteria:acute_kidney_injury" in touched
    assert "criteria:pulmonary_embolism" not in touched
    assert finder.touched([fact._replace(name="Rheumatoid factor")], []) == frozenset()


def test_the_labelled_charts_are_found_as_a_specialist_labelled_them() -> None:
    every = charts()
    recall, precision, _ = scores(one for one in every if not one.is_held_back)
    assert recall >= 0.9
    assert precision >= 0.9
    recall, precision, _ = scores(one for one in every if one.is_held_back)
    assert recall >= 0.85
    assert precision >= 0.8


def test_judgement_names_templates_that_exist() -> None:
    known = shipped()
    tables = judgement()
    assert {*tables.only_with, *tables.not_with, *tables.about, *tables.by_hand} <= known.keys()
    assert {one.condition for one in treatments()} <= load().keys()


def test_judgement_refuses_an_unknown_condition_by_part_and_name(tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = (
        (FOLDER / "judgement.yaml")
        .read_text(encoding="utf-8")
        .replace("explained_by:\n", "explained_by:\n  gout_x: []\n")
    )
    (tmp_path / "judgement.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"judgement.yaml: explained_by: 'gout_x' is no condition"):
        judgement(tmp_path / "judgement.yaml")


def test_every_kind_has_a_name_and_a_rank() -> None:
    from query_mgr.queries.opportunities.ranking import KIND_RANK

    assert KIND_RANK.keys() == KINDS.keys()
