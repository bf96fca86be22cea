"""Criteria of obstetrics, newborns and children: at the threshold, just off it, and beyond the window or the patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import load
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact

ADMITTED = datetime(2026, 3, 2, 8, tzinfo=UTC)
MOTHER = ChartContext(codes=("Z3A.34",), admitted_at=ADMITTED, sex="female", age_years=29)
DELIVERED = replace(MOTHER, codes=("Z3A.39", "Z37.0"))
BABY = ChartContext(codes=("Z38.00",), admitted_at=ADMITTED, sex="male", age_years=0.0)

Value = tuple[str, float | str, str] | tuple[str, float | str, str, float]


def chart(base: ChartContext, *values: Value, said: str = "", imaging: str = "") -> ChartContext:
    """Return `base` with values (name, value, unit, hours after admission), a provider's note and an imaging report."""
    facts = []
    for number, (name, value, unit, *hours) in enumerate(values):
        at = ADMITTED + timedelta(hours=hours[0] if hours else 1)
        amount = value if isinstance(value, int | float) else None
        facts.append(ChartFact(f"f{number}", "lab", name, "", amount, str(value), unit, "", at))
    documents = [
        ChartDocument(f"d{number}", text, role, kind, ADMITTED + timedelta(hours=2))
        for number, (text, role, kind) in enumerate(
            ((said, "attending", "progress_note"), (imaging, "radiologist", "imaging_report"))
        )
        if text
    ]
    return replace(base, facts=tuple(facts), documents=tuple(documents))


def sources(condition: str, one: ChartContext) -> list[str]:
    """Return the sources of the criteria met."""
    return [met.criterion.source for met in criteria_met(load()[condition], one)]


def met(condition: str, one: ChartContext) -> bool:
    """Say whether the chart meets any criterion of the condition."""
    return bool(sources(condition, one))


def pressures(
    first: float, second: float, apart: float = 4, name: str = "Systolic blood pressure"
) -> tuple[Value, ...]:
    """Return two pressures so many hours apart."""
    return ((name, first, "mm[Hg]", 1), (name, second, "mm[Hg]", 1 + apart))


RATIO: Value = ("Protein/Creatinine [Mass Ratio] in Urine", 0.3, "mg/mg")
HIGH = pressures(140, 140)


# -- high pressure in pregnancy ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ((*HIGH, RATIO), True),
        ((*pressures(90, 90, name="Diastolic blood pressure"), RATIO), True),
        ((*pressures(139, 139), RATIO), False),
        ((*pressures(89, 89, name="Diastolic blood pressure"), RATIO), False),
        ((*pressures(140, 140, 3.9), RATIO), False),
        ((*HIGH, (RATIO[0], 0.29, "mg/mg")), False),
        ((*HIGH, (RATIO[0], 300, "mg/g")), True),
        ((*HIGH, ("24 hour urine protein", 300, "mg/24h")), True),
        ((*HIGH, ("24 hour urine protein", 299, "mg/24h")), False),
        ((*HIGH, ("Platelets", 99, "10*3/uL")), True),
        ((*HIGH, ("Platelets", 100, "10*3/uL")), False),
        ((*HIGH, ("Creatinine", 1.11, "mg/dL")), True),
        ((*HIGH, ("Creatinine", 1.1, "mg/dL")), False),
        ((*HIGH, ("AST", 81, "U/L"), ("ALT", 81, "U/L")), True),
        ((*HIGH, ("AST", 81, "U/L"), ("ALT", 80, "U/L")), False),
    ],
)
def test_preeclampsia_is_pressure_twice_with_protein_or_an_organ(values: tuple[Value, ...], holds: bool) -> None:
    assert met("preeclampsia", chart(MOTHER, *values)) is holds


@pytest.mark.parametrize(
    "other",
    [
        replace(MOTHER, codes=("Z3A.19",)),
        replace(MOTHER, codes=("Z3A.34", "I10")),
        replace(MOTHER, codes=("Z3A.34", "O10.013")),
        replace(MOTHER, codes=()),
        replace(MOTHER, sex="unknown"),
        BABY,
    ],
)
def test_preeclampsia_needs_a_woman_past_20_weeks_whose_pressure_was_normal(other: ChartContext) -> None:
    assert not met("preeclampsia", chart(other, *HIGH, RATIO))
    assert not met("gestational_hypertension", chart(other, *HIGH))


def test_a_measured_gestational_age_serves_as_the_week_does() -> None:
    without = replace(MOTHER, codes=())
    assert met("preeclampsia", chart(without, *HIGH, RATIO, ("Gestational age", 20, "wk")))
    assert not met("preeclampsia", chart(without, *HIGH, RATIO, ("Gestational age", 19.9, "wk")))
    assert met("preeclampsia", chart(without, *HIGH, RATIO, ("Gestational age", 240, "d")))


@pytest.mark.parametrize(
    ("values", "said", "holds"),
    [
        (pressures(160, 160), "", True),
        (pressures(159, 159), "", False),
        (pressures(160, 160, 3.9), "", False),
        ((*HIGH, *pressures(110, 110, name="Diastolic blood pressure")), "", True),
        ((*HIGH, *pressures(109, 109, name="Diastolic blood pressure")), "", False),
        ((*HIGH, ("Platelets", 99, "10*3/uL")), "", True),
        (HIGH, "Reports scotomata since this morning.", True),
        (HIGH, "No visual changes, no headache.", False),
    ],
)
def test_severe_features_are_160_over_110_twice_or_an_organ(
    values: tuple[Value, ...], said: str, holds: bool
) -> None:
    found = sources("preeclampsia", chart(MOTHER, *values, said=said))
    assert any("severe features" in source for source in found) is holds


def test_gestational_hypertension_is_pressure_twice_and_nothing_of_preeclampsia() -> None:
    assert met("gestational_hypertension", chart(MOTHER, *HIGH))
    assert not met("gestational_hypertension", chart(MOTHER, *HIGH, RATIO))
    assert not met("gestational_hypertension", chart(MOTHER, *HIGH, ("Platelets", 99, "10*3/uL")))
    assert not met("gestational_hypertension", chart(MOTHER, *pressures(139, 139)))
    assert not met("gestational_hypertension", chart(MOTHER, *pressures(140, 140, 3.9)))


def test_eclampsia_is_a_seizure_with_pressure_and_no_other_cause() -> None:
    said = "Witnessed generalized tonic-clonic seizure."
    assert met("eclampsia", chart(MOTHER, ("Systolic blood pressure", 140, "mm[Hg]"), said=said))
    assert not met("eclampsia", chart(MOTHER, ("Systolic blood pressure", 139, "mm[Hg]"), said=said))
    assert not met("eclampsia", chart(MOTHER, *HIGH, said="Magnesium given, no seizure."))
    assert not met("eclampsia", chart(MOTHER, *HIGH, said=f"{said} Known epilepsy."))
    assert not met("eclampsia", chart(replace(MOTHER, codes=("Z3A.34", "G40.909")), *HIGH, said=said))


@pytest.mark.parametrize(
    ("ldh", "ast", "alt", "platelets", "holds"),
    [(600, 81, 81, 99, True), (599, 81, 81, 99, False), (600, 80, 81, 99, False), (600, 81, 80, 99, False),
     (600, 81, 81, 100, False)],
)  # fmt: skip
def test_hellp_is_hemolysis_liver_and_platelets_together(
    ldh: float, ast: float, alt: float, platelets: float, holds: bool
) -> None:
    values: tuple[Value, ...] = (
        ("LDH", ldh, "U/L"), ("AST", ast, "U/L"), ("ALT", alt, "U/L"), ("Platelets", platelets, "10*3/uL"),
    )  # fmt: skip
    assert met("hellp_syndrome", chart(MOTHER, *values)) is holds
    assert not met("hellp_syndrome", chart(replace(MOTHER, codes=()), *values))


# -- glucose, blood, infection, labor ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fasting", "one", "two", "three", "holds"),
    [
        (95, 180, 100, 100, True),
        (90, 170, 155, 140, True),
        (95, 179, 154, 139, False),
        (94, 180, 154, 139, False),
        (94, 179, 155, 139, False),
        (94, 179, 154, 140, False),
    ],
)
def test_gestational_diabetes_is_two_values_of_carpenter_and_coustan(
    fasting: float, one: float, two: float, three: float, holds: bool
) -> None:
    values: tuple[Value, ...] = (
        ("3 hour OGTT fasting", fasting, "mg/dL"),
        ("Glucose [Mass/volume] in Serum or Plasma --1 hour post 100 g glucose PO", one, "mg/dL"),
        ("Glucose [Mass/volume] in Serum or Plasma --2 hours post 100 g glucose PO", two, "mg/dL"),
        ("3 hour GTT 3 hour", three, "mg/dL"),
    )
    assert met("gestational_diabetes", chart(MOTHER, *values)) is holds
    assert not met("gestational_diabetes", chart(replace(MOTHER, codes=("Z3A.34", "E11.9")), *values))
    assert not met("gestational_diabetes", chart(replace(MOTHER, codes=()), *values))


def test_a_screen_with_50_grams_is_no_tolerance_test() -> None:
    values: tuple[Value, ...] = (
        ("Glucose [Mass/volume] in Serum or Plasma --1 hour post 50 g glucose PO", 210, "mg/dL"),
        ("Fasting glucose", 99, "mg/dL"),
    )
    assert not met("gestational_diabetes", chart(MOTHER, *values))


@pytest.mark.parametrize(
    ("name", "amount", "unit", "holds"),
    [
        ("Quantitative blood loss", 1000, "mL", True),
        ("QBL", 999, "mL", False),
        ("EBL", 1.2, "L", True),
        ("Estimated blood loss", 1100, "cc", True),
        ("Quantitative blood loss", 1500, "mg", False),
    ],
)
def test_postpartum_hemorrhage_is_a_litre_after_birth(name: str, amount: float, unit: str, holds: bool) -> None:
    assert met("postpartum_hemorrhage", chart(DELIVERED, (name, amount, unit))) is holds
    assert not met("postpartum_hemorrhage", chart(MOTHER, (name, amount, unit)))


def test_anemia_is_below_10_after_birth_and_below_10_5_in_pregnancy() -> None:
    assert met("postpartum_anemia", chart(DELIVERED, ("Hemoglobin", 9.9, "g/dL")))
    assert not met("postpartum_anemia", chart(DELIVERED, ("Hemoglobin", 10, "g/dL")))
    assert met("postpartum_anemia", chart(MOTHER, ("Hemoglobin", 10.4, "g/dL")))
    assert not met("postpartum_anemia", chart(MOTHER, ("Hemoglobin", 10.5, "g/dL")))
    assert not met("postpartum_anemia", chart(replace(MOTHER, codes=()), ("Hemoglobin", 9, "g/dL")))


@pytest.mark.parametrize(
    ("temperature", "other", "more", "holds"),
    [
        (39.0, None, "", True),
        (38.9, None, "", False),
        (38.0, ("WBC", 15.1, "10*3/uL"), "", True),
        (38.0, ("WBC", 15, "10*3/uL"), "", False),
        (37.9, ("WBC", 15.1, "10*3/uL"), "", False),
        (38.0, ("Fetal heart rate", 161, "bpm"), "", True),
        (38.0, ("Fetal heart rate", 160, "bpm"), "", False),
        (38.0, None, "Fetal tachycardia.", True),
        (38.0, None, "No fetal tachycardia.", False),
    ],
)
def test_infection_in_labor_is_39_once_or_38_with_one_more_sign(
    temperature: float, other: Value | None, more: str, holds: bool
) -> None:
    values: tuple[Value, ...] = (("Body temperature", temperature, "Cel"), *([other] if other else []))
    assert met("intraamniotic_infection", chart(MOTHER, *values, said=f"Active labor. {more}")) is holds
    assert not met("intraamniotic_infection", chart(MOTHER, *values, said=f"Postpartum day 3. {more}"))


def test_the_heart_rate_of_the_fetus_is_not_the_mothers() -> None:
    said = "Active labor."
    values: tuple[Value, ...] = (("Body temperature", 38.2, "Cel"), ("Heart rate", 170, "/min"))
    assert not met("intraamniotic_infection", chart(MOTHER, *values, said=said))


@pytest.mark.parametrize(
    ("code", "dilation", "said", "holds"),
    [
        ("Z3A.34", 2, "Regular contractions.", True),
        ("Z3A.34", 1.9, "Regular contractions.", False),
        ("Z3A.34", 1, "Regular contractions with cervical change.", True),
        ("Z3A.34", 1, "Regular contractions without cervical change.", False),
        ("Z3A.34", 3, "No regular contractions.", False),
        ("Z3A.36", 2, "Regular contractions.", True),
        ("Z3A.37", 2, "Regular contractions.", False),
        ("Z3A.20", 2, "Regular contractions.", True),
        ("Z3A.19", 2, "Regular contractions.", False),
    ],
)
def test_preterm_labor_is_contractions_and_cervix_from_20_to_36_weeks(
    code: str, dilation: float, said: str, holds: bool
) -> None:
    one = chart(replace(MOTHER, codes=(code,)), ("Cervical dilation", dilation, "cm"), said=said)
    assert met("preterm_labor", one) is holds


def test_placenta_previa_is_what_imaging_shows_from_16_weeks() -> None:
    shows = "Placenta covering the internal os."
    assert met("placenta_previa", chart(replace(MOTHER, codes=("Z3A.16",)), imaging=shows))
    assert not met("placenta_previa", chart(replace(MOTHER, codes=("Z3A.15",)), imaging=shows))
    assert not met("placenta_previa", chart(MOTHER, imaging="No placenta previa."))
    assert not met("placenta_previa", chart(MOTHER, said=shows))


@pytest.mark.parametrize(
    ("loss", "ketones", "said", "holds"),
    [
        (5, "large", "Persistent vomiting.", True),
        (4.9, "large", "Persistent vomiting.", False),
        (5, "trace", "Persistent vomiting.", False),
        (5, "large", "No vomiting.", False),
    ],
)
def test_hyperemesis_is_vomiting_with_ketones_and_a_twentieth_of_the_weight(
    loss: float, ketones: str, said: str, holds: bool
) -> None:
    values: tuple[Value, ...] = (("Weight loss", loss, "%"), ("Ketones [Presence] in Urine", ketones, ""))
    assert met("hyperemesis_gravidarum", chart(replace(MOTHER, codes=("Z3A.10",)), *values, said=said)) is holds
    assert not met("hyperemesis_gravidarum", chart(replace(MOTHER, codes=()), *values, said=said))
