"""Templates of brain, mind, gut, nutrition, clinic and documents: they offer what the chart speaks for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.fitting import fits
from query_mgr.queries.library.render import render

ADMITTED = datetime(2026, 3, 2, 6, tzinfo=UTC)


def _note(text: str, hours: float = 20, kind: str = "progress_note", role: str = "attending") -> ChartDocument:
    return ChartDocument(f"{role}-{kind}-{hours}", text, role, kind, ADMITTED + timedelta(hours=hours))


def _value(name: str, value: float, unit: str, kind: str = "lab", hours: float = 1) -> ChartFact:
    at = ADMITTED + timedelta(hours=hours)
    return ChartFact(f"{name}-{hours}", kind, name, "", value, str(value), unit, "", at)


def _chart(*items: ChartDocument | ChartFact, codes: tuple[str, ...] = ()) -> ChartContext:
    return ChartContext(
        tuple(one for one in items if isinstance(one, ChartDocument)),
        tuple(one for one in items if isinstance(one, ChartFact)),
        codes,
        admitted_at=ADMITTED,
        age_years=60,
    )


def _offered(template: str, chart: ChartContext) -> set[str]:
    assert fits(shipped()[template], chart).missing == ()
    return {option.key for option in render(shipped()[template], chart).options}


def test_depression_is_recurrent_only_where_an_earlier_episode_stands_in_the_chart() -> None:
    first = _offered("depression_severity", _chart(_note("Depression, sertraline."), codes=("F32.A",)))
    again = _offered(
        "depression_severity", _chart(_note("Depression, second episode, sertraline."), codes=("F32.A",))
    )
    assert "single_moderate" in first and "recurrent_moderate" not in first
    assert "recurrent_moderate" in again and "single_moderate" not in again
    assert not {"single_severe", "single_psychotic"} & first


@pytest.mark.parametrize(
    ("code", "expected"), [("F10.239", "F10.231"), ("F10.139", "F10.131"), ("F10.939", "F10.931")]
)
def test_delirium_in_withdrawal_keeps_the_level_of_use_that_is_coded(code: str, expected: str) -> None:
    chart = _chart(_note("Alcohol withdrawal, CIWA 22, disoriented."), codes=(code,))
    shown = render(shipped()["alcohol_withdrawal_type"], chart).options
    assert [change.code for one in shown if one.key.startswith("delirium") for change in one.changes] == [expected]


def test_hallucinations_are_offered_as_such_only_where_somebody_saw_them() -> None:
    chart = _chart(_note("Alcohol withdrawal, CIWA 12, tremor. No hallucinations."), codes=("F10.239",))
    offered = _offered("alcohol_withdrawal_type", chart)
    assert "uncomplicated_dependence" in offered
    assert not {"perceptual_dependence", "delirium_dependence"} & offered


@pytest.mark.parametrize(
    ("index", "expected"), [(30, "class_1"), (35, "class_2"), (40, "class_3"), (18.4, "underweight")]
)
def test_a_body_mass_index_offers_its_own_class(index: float, expected: str) -> None:
    chart = _chart(_note("Diet counseled."), _value("Body mass index (BMI)", index, "kg/m2", "vital"))
    classes = {"class_1", "class_2", "class_3", "underweight"}
    assert _offered("body_mass_index_meaning", chart) & classes == {expected}


@pytest.mark.parametrize("index", [18.5, 29.9])
def test_a_body_mass_index_between_asks_nothing(index: float) -> None:
    chart = _chart(_note("Diet counseled."), _value("Body mass index (BMI)", index, "kg/m2", "vital"))
    assert not fits(shipped()["body_mass_index_meaning"], chart).fits


def test_a_pregnant_patients_body_mass_index_asks_nothing() -> None:
    chart = _chart(_note("Diet counseled."), _value("Body mass index (BMI)", 36, "kg/m2", "vital"))
    assert fits(shipped()["body_mass_index_meaning"], chart).fits
    assert not fits(shipped()["body_mass_index_meaning"], replace(chart, codes=("Z34.90",))).fits


def test_a_fall_of_phosphate_outside_of_five_days_is_no_matter_of_feeding() -> None:
    note = _note("Tube feeds started, phosphate repleted, thiamine.", 30)

    def asked(hours: float) -> bool:
        values = (_value("Phosphate", 3.4, "mg/dL", hours=10), _value("Phosphate", 2.0, "mg/dL", hours=hours))
        return fits(shipped()["electrolytes_after_feeding"], _chart(note, *values)).fits

    assert asked(129)
    assert not asked(131)


def test_what_is_called_history_is_asked_about_by_the_drug_that_goes_on() -> None:
    said = _note("History of COPD. History of atrial fibrillation.")
    drug = _value("Apixaban", 5, "mg", "medication")
    match = render(shipped()["current_or_past_condition"], _chart(said, drug))
    assert "atrial fibrillation" in match.question and "COPD" not in match.question


def test_a_consultants_diagnosis_is_quoted_with_the_words_of_the_attending() -> None:
    chart = _chart(
        _note("Gastroenteritis, fluids."),
        _note("Acute kidney injury, hold lisinopril.", 26, "consult_note", "consultant"),
    )
    body = render(shipped()["consultant_only_diagnosis"], chart).body
    assert "Acute kidney injury" in body and "Gastroenteritis" in body


def test_one_mention_is_not_missing_from_a_discharge_summary() -> None:
    summary = _note("Discharged home on prednisone.", 70, "discharge_summary")
    once = _chart(_note("Pneumonia, ceftriaxone."), summary)
    twice = _chart(_note("Pneumonia, ceftriaxone."), _note("Pneumonia, better.", 44), summary)
    assert not fits(shipped()["discharge_summary_omission"], once).fits
    assert fits(shipped()["discharge_summary_omission"], twice).fits


def test_what_was_known_within_two_days_is_not_asked_about_as_unclear_on_admission() -> None:
    late = _note("Pneumonia on CT. Cough since admission.", 60)
    assert fits(shipped()["present_on_admission_unclear"], _chart(late)).fits
    assert not fits(shipped()["present_on_admission_unclear"], _chart(_note("Possible pneumonia.", 47), late)).fits
