"""Criteria of oncology, haematology and surgery as data: each at its threshold, just short of it, and out of its window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import mentions
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact

ADMITTED = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _lab(name: str, value: float | str, unit: str = "", hours: float = 1, kind: str = "lab") -> ChartFact:
    number = None if isinstance(value, str) else value
    at = ADMITTED + timedelta(hours=hours)
    return ChartFact(f"{name}{hours}", kind, name, "", number, str(value), unit, "", at)


def _temp(value: float, hours: float = 1) -> ChartFact:
    return _lab("Body temperature", value, "Cel", hours, "vital")


def _drug(name: str) -> ChartFact:
    return _lab(name, "", kind="medication")


def _note(text: str, role: str = "attending", kind: str = "progress_note") -> ChartDocument:
    return ChartDocument(f"{role}-{kind}", text, role, kind, ADMITTED + timedelta(hours=5))


def _imaging(text: str) -> ChartDocument:
    return _note(text, "radiologist", "imaging_report")


def _chart(*items: ChartFact | ChartDocument, sex: str = "female", age: float = 50) -> ChartContext:
    return ChartContext(
        documents=tuple(one for one in items if isinstance(one, ChartDocument)),
        facts=tuple(one for one in items if isinstance(one, ChartFact)),
        admitted_at=ADMITTED,
        sex=sex,
        age_years=age,
    )


def _sources(condition: str, chart: ChartContext) -> list[str]:
    return [one.criterion.source for one in criteria_met(load()[condition], chart)]


HGB = "Hemoglobin [Mass/volume] in Blood"
PLT = "Platelets [#/volume] in Blood"
ANC = "Absolute neutrophil count"
LYMPHOMA = _note("Burkitt lymphoma, day 2 of treatment.")


@pytest.mark.parametrize(
    ("value", "sex", "age", "meets"),
    [
        (11.9, "female", 50, True),
        (12.0, "female", 50, False),
        (12.9, "male", 50, True),
        (13.0, "male", 50, False),
        (12.5, "unknown", 50, False),
        (11.4, "male", 8, True),
        (11.5, "male", 8, False),
        (10.9, "female", 3, True),
        (11.0, "female", 3, False),
        (10.4, "female", 1, True),
        (10.5, "female", 1, False),
        (11.9, "male", 13, True),
        (12.0, "male", 13, False),
    ],
)
def test_anemia_follows_sex_and_age(value: float, sex: str, age: float, meets: bool) -> None:
    assert bool(_sources("anemia", _chart(_lab(HGB, value, "g/dL"), sex=sex, age=age))) is meets


def test_anemia_of_the_non_pregnant_is_not_claimed_of_the_pregnant() -> None:
    assert not _sources("anemia", _chart(_lab(HGB, 11.4, "g/dL"), _note("Pregnant, 20 weeks.")))


@pytest.mark.parametrize(
    ("first", "second", "hours", "note", "meets"),
    [
        (12.0, 10.0, 40, "Estimated blood loss 900 mL.", True),
        (12.0, 10.1, 40, "Estimated blood loss 900 mL.", False),
        (12.0, 10.0, 50, "Estimated blood loss 900 mL.", False),
        (14.9, 12.8, 40, "Estimated blood loss 900 mL.", False),
        (12.0, 10.0, 40, "No bleeding.", False),
    ],
)
def test_acute_blood_loss_anemia_needs_bleeding_and_a_fast_fall_below_the_cutoff(
    first: float, second: float, hours: float, note: str, meets: bool
) -> None:
    chart = _chart(_lab(HGB, first, "g/dL", 1), _lab(HGB, second, "g/dL", 1 + hours), _note(note))
    assert bool(_sources("acute_blood_loss_anemia", chart)) is meets


@pytest.mark.parametrize(("ferritin", "hemoglobin", "meets"), [(44, 10, True), (45, 10, False), (44, 12.5, False)])
def test_iron_deficiency_anemia_needs_low_ferritin_and_anemia(
    ferritin: float, hemoglobin: float, meets: bool
) -> None:
    chart = _chart(_lab("Ferritin", ferritin, "ng/mL"), _lab(HGB, hemoglobin, "g/dL"))
    assert bool(_sources("iron_deficiency_anemia", chart)) is meets


@pytest.mark.parametrize(("tsat", "ferritin", "meets"), [(15.9, 101, True), (16, 101, False), (15.9, 100, False)])
def test_anemia_of_inflammation_has_low_saturation_with_high_ferritin(
    tsat: float, ferritin: float, meets: bool
) -> None:
    labs = (_lab("Transferrin saturation", tsat, "%"), _lab("Ferritin", ferritin, "ng/mL"), _lab(HGB, 10, "g/dL"))
    assert bool(_sources("anemia_of_chronic_disease", _chart(*labs, _note("Rheumatoid arthritis.")))) is meets
    assert not _sources("anemia_of_chronic_disease", _chart(*labs, _note("Sprained ankle.")))


@pytest.mark.parametrize(("hemoglobin", "sex", "meets"), [(12.9, "male", True), (13, "male", False)])
def test_anemia_in_kidney_disease_needs_the_kidney_disease(hemoglobin: float, sex: str, meets: bool) -> None:
    fact = _lab(HGB, hemoglobin, "g/dL")
    assert bool(_sources("anemia_of_chronic_disease", _chart(fact, _note("CKD stage 4."), sex=sex))) is meets
    assert not _sources("anemia_of_chronic_disease", _chart(fact, _note("Gout."), sex=sex))


@pytest.mark.parametrize(("platelets", "met"), [(149, 1), (150, 0), (49, 2), (50, 1)])
def test_thrombocytopenia_and_its_grade_follow_the_count(platelets: float, met: int) -> None:
    assert len(_sources("thrombocytopenia", _chart(_lab(PLT, platelets, "10*3/uL")))) == met


@pytest.mark.parametrize(
    ("result", "drug", "meets"),
    [
        ("Positive", "Heparin sodium", True),
        ("Negative", "Heparin sodium", False),
        ("Positive", "Apixaban", False),
    ],
)
def test_a_heparin_reaction_needs_heparin_and_a_positive_functional_assay(
    result: str, drug: str, meets: bool
) -> None:
    chart = _chart(_lab("Serotonin release assay", result), _drug(drug))
    assert bool(_sources("heparin_induced_thrombocytopenia", chart)) is meets


@pytest.mark.parametrize(
    ("hemoglobin", "anc", "platelets", "meets"),
    [(9.9, 1.7, 99, True), (10, 1.7, 99, False), (9.9, 1.8, 99, False), (9.9, 1.7, 100, False)],
)
def test_pancytopenia_needs_all_three_lines(hemoglobin: float, anc: float, platelets: float, meets: bool) -> None:
    chart = _chart(_lab(HGB, hemoglobin, "g/dL"), _lab(ANC, anc, "10*3/uL"), _lab(PLT, platelets, "10*3/uL"))
    assert bool(_sources("pancytopenia", chart)) is meets


@pytest.mark.parametrize(
    ("value", "unit", "age", "meets"),
    [
        (1.4, "10*3/uL", 50, True),
        (1.5, "10*3/uL", 50, False),
        (1400, "/uL", 50, True),
        (1400, "cells/uL", 50, True),
        (1400, "mg/dL", 50, False),
        (1.4, "10*9/L", 50, True),
        (1.4, "10*3/uL", 0.5, False),
    ],
)
def test_neutropenia_is_read_in_any_unit_of_the_count(value: float, unit: str, age: float, meets: bool) -> None:
    assert bool(_sources("neutropenia", _chart(_lab(ANC, value, unit), age=age))) is meets


@pytest.mark.parametrize(
    ("anc", "temperatures", "meets"),
    [
        (0.4, [(38.3, 1)], True),
        (0.4, [(38.2, 1)], False),
        (0.4, [(38.0, 1), (38.1, 2)], True),
        (0.4, [(38.0, 1), (38.1, 1.5)], False),
        (0.4, [(38.0, 1), (37.5, 1.5), (38.1, 2)], False),
        (0.5, [(39.0, 1)], False),
    ],
)
def test_febrile_neutropenia_needs_a_high_or_a_lasting_temperature(
    anc: float, temperatures: list[tuple[float, float]], meets: bool
) -> None:
    chart = _chart(_lab(ANC, anc, "10*3/uL"), *(_temp(value, at) for value, at in temperatures))
    assert bool(_sources("febrile_neutropenia", chart)) is meets


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("Duplex: noncompressible left popliteal vein.", True),
        ("Acute deep vein thrombosis of the right femoral vein.", True),
        ("No evidence of acute deep vein thrombosis. Veins fully compressible.", False),
        ("Superficial thrombophlebitis of the great saphenous vein.", False),
    ],
)
def test_deep_vein_thrombosis_is_read_from_imaging(text: str, meets: bool) -> None:
    assert bool(_sources("dvt", _chart(_imaging(text)))) is meets
    assert not _sources("dvt", _chart(_note(text)))


@pytest.mark.parametrize(
    ("temperature", "lungs", "disease", "meets"),
    [
        (38.6, "New infiltrate in the left lower lobe.", "Sickle cell disease.", True),
        (38.5, "New infiltrate in the left lower lobe.", "Sickle cell disease.", False),
        (38.5, "New infiltrate in the left lower lobe.", "Sickle cell disease. Chest pain.", True),
        (38.6, "No new infiltrate.", "Sickle cell disease.", False),
        (38.6, "New infiltrate in the left lower lobe.", "Asthma.", False),
    ],
)
def test_acute_chest_syndrome_needs_sickle_cell_disease_an_infiltrate_and_a_sign(
    temperature: float, lungs: str, disease: str, meets: bool
) -> None:
    chart = _chart(_temp(temperature), _imaging(lungs), _note(disease))
    assert bool(_sources("acute_chest_syndrome", chart)) is meets


@pytest.mark.parametrize(
    ("labs", "age", "meets"),
    [
        ([("Uric acid", 8.0, "mg/dL"), ("Potassium", 6.0, "mmol/L")], 50, True),
        ([("Uric acid", 7.9, "mg/dL"), ("Potassium", 6.0, "mmol/L")], 50, False),
        ([("Uric acid", 8.0, "mg/dL"), ("Potassium", 5.9, "mmol/L")], 50, False),
        ([("Urate", 480, "umol/L"), ("Phosphate", 4.5, "mg/dL")], 50, True),
        ([("Uric acid", 8.0, "mg/dL"), ("Phosphate", 4.4, "mg/dL")], 50, False),
        ([("Uric acid", 8.0, "mg/dL"), ("Phosphate", 6.4, "mg/dL")], 10, False),
        ([("Uric acid", 8.0, "mg/dL"), ("Phosphate", 6.5, "mg/dL")], 10, True),
        ([("Calcium", 7.0, "mg/dL"), ("Potassium", 6.0, "mmol/L")], 50, True),
        ([("Calcium", 7.1, "mg/dL"), ("Potassium", 6.0, "mmol/L")], 50, False),
    ],
)
def test_tumor_lysis_needs_two_abnormal_values_and_a_malignancy(
    labs: list[tuple[str, float, str]], age: float, meets: bool
) -> None:
    facts = [_lab(*one) for one in labs]
    assert bool(_sources("tumor_lysis_syndrome", _chart(*facts, LYMPHOMA, age=age))) is meets
    assert not _sources("tumor_lysis_syndrome", _chart(*facts, _note("Gout."), age=age))


@pytest.mark.parametrize(("calcium", "meets"), [(10.5, True), (10.4, False)])
def test_hypercalcemia_of_malignancy_needs_the_malignancy(calcium: float, meets: bool) -> None:
    fact = _lab("Calcium [Mass/volume] in Serum or Plasma", calcium, "mg/dL")
    assert bool(_sources("hypercalcemia_of_malignancy", _chart(fact, LYMPHOMA))) is meets
    assert not _sources("hypercalcemia_of_malignancy", _chart(fact, _note("Kidney stones.")))


@pytest.mark.parametrize(
    ("note", "imaging", "meets"),
    [
        ("RUQ tenderness, febrile.", "Gallbladder wall thickening with pericholecystic fluid.", True),
        ("RUQ tenderness, afebrile.", "Gallbladder wall thickening with pericholecystic fluid.", False),
        ("Febrile, abdomen soft.", "Gallbladder wall thickening with pericholecystic fluid.", False),
        ("RUQ tenderness, febrile.", "Gallstones without gallbladder wall thickening.", False),
    ],
)
def test_acute_cholecystitis_is_definite_with_a_local_and_a_systemic_sign_and_imaging(
    note: str, imaging: str, meets: bool
) -> None:
    assert bool(_sources("cholecystitis", _chart(_note(note), _imaging(imaging)))) is meets


@pytest.mark.parametrize(
    ("note", "meets"),
    [
        ("Osteoporosis on alendronate. Tripped at home, femoral neck fracture.", True),
        ("History of osteoporosis. Femoral neck fracture after a fall from standing.", True),
        ("Osteoporosis. Femoral neck fracture, pedestrian struck, tripped on the curb.", False),
        ("Osteoporosis. Tripped at home, no fracture.", False),
        ("Tripped at home, femoral neck fracture.", False),
        ("Osteoporosis. Femoral neck fracture.", False),
    ],
)
def test_an_osteoporotic_fracture_needs_the_bone_disease_and_a_minor_fall(note: str, meets: bool) -> None:
    assert bool(_sources("fracture_pathological", _chart(_note(note)))) is meets


@pytest.mark.parametrize(
    ("note", "meets"),
    [
        ("Sacrum: stage 3 pressure injury, 3 x 2 cm.", True),
        ("Heel with non-blanchable erythema.", True),
        ("Heel with blanchable erythema, CKD stage 3.", False),
        ("No deep tissue injury, skin intact.", False),
    ],
)
def test_a_pressure_injury_is_met_by_what_nurses_stage(note: str, meets: bool) -> None:
    assert bool(_sources("pressure_injury", _chart(_note(note, "nurse", "nursing_note")))) is meets


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("She was hit in the head by a ball and hit her knee.", False),
        ("Platelets fell on day 6, HIT is possible.", True),
        ("The HIT panel was sent.", False),
        ("Thrombocytopenia and HIT with thrombosis.", True),
        ("Joint effusion without loosening of the screws; image fusion done.", False),
        ("LOA and SSI orders: sliding scale insulin.", False),
    ],
)
def test_abbreviations_that_are_words_name_nothing(text: str, named: bool) -> None:
    mine = {"heparin_induced_thrombocytopenia", "spinal_fusion", "joint_prosthesis_complication",
            "surgical_site_infection", "peritoneal_adhesions"}  # fmt: skip
    assert bool({one.condition for one in mentions(text)} & mine) is named
