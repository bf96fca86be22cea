"""The condition library, its schema, and what points to a condition."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from query_mgr.clinical.evidence import supports, values
from query_mgr.clinical.labs import labs
from query_mgr.clinical.library import expand, load, problems, read
from query_mgr.clinical.mentions import mentions

NEEDED = [
    "heart_failure",
    "acute_kidney_injury",
    "sepsis",
    "malnutrition",
    "encephalopathy",
    "delirium",
    "respiratory_failure",
    "pneumonia",
    "acute_blood_loss_anemia",
    "anemia_of_chronic_disease",
    "iron_deficiency_anemia",
    "pressure_injury",
    "diabetes",
    "hyponatremia",
    "myocardial_infarction",
    "debridement",
    "obesity",
    "ckd",
    "atrial_fibrillation",
    "copd",
    "asthma",
    "pulmonary_embolism",
    "dvt",
    "stroke",
    "hypertension",
    "hypertensive_heart_disease",
    "hyperkalemia",
    "hypokalemia",
    "hypernatremia",
    "acidosis",
    "lactic_acidosis",
    "shock",
    "coagulopathy",
    "thrombocytopenia",
    "pancytopenia",
    "urinary_tract_infection",
    "cellulitis",
    "c_difficile",
    "gi_bleed",
    "pancreatitis",
    "liver_failure",
    "cirrhosis",
    "seizure",
    "dementia",
    "alcohol_use",
    "alcohol_withdrawal",
    "opioid_use",
    "depression",
    "rhabdomyolysis",
    "ileus",
    "postprocedural_complication",
    "pleural_effusion",
    "cardiac_arrest",
    "hypoxia",
    "dehydration",
    "hypoalbuminemia",
]
ENTRY: dict[str, Any] = {
    "name": "Gout",
    "mentions": ["[acute] gout"],
    "icd10cm": ["M10.9"],
    "criteria": [{"text": "Crystals.", "source": "ACR 2020"}],
}


def test_the_library_holds_the_conditions_that_queries_are_about() -> None:
    assert [key for key in NEEDED if key not in load()] == []


def test_every_condition_has_criteria_with_a_source() -> None:
    assert all(c.source and c.text for condition in load().values() for c in condition.criteria)


def test_every_code_is_a_code_of_the_current_tabular_list(shared: Path) -> None:
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt", encoding="utf-8") as lines:
        known = {json.loads(line)["code"].replace(".", "") for line in lines}
    assert {c.id: code for c in load().values() for code in c.icd10cm if code.replace(".", "") not in known} == {}


def test_every_name_leads_back_to_a_condition() -> None:
    found = {
        c.id: {m.condition for m in mentions(c.name)} | {m.condition for n in c.mentions for m in mentions(n)}
        for c in load().values()
    }
    assert {key for key, ids in found.items() if key not in ids} == set()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, "'name'"),
        ({"mentions": []}, "'mentions'"),
        ({"mentions": [3]}, "'mentions'"),
        ({"icd10cm": ["gout"]}, "'icd10cm'"),
        ({"labs": ["uric acid high"]}, "'labs'"),
        ({"labs": ["urate > 7 mg/dL"]}, "'labs' names 'urate'"),
        ({"labs": ["sodium < 135 mg/dL"]}, "'labs' gives sodium"),
        ({"words": ["("]}, "'words'"),
        ({"criteria": [{"text": "x"}]}, "'criteria'"),
        ({"alternatives": ["pseudogout"]}, "'alternatives'"),
        ({"kind_of": "arthritis"}, "'kind_of'"),
        ({"chronic": "yes"}, "'chronic'"),
        ({"synonyms": []}, "'synonyms' is not known"),
    ],
)
def test_a_wrong_entry_names_file_condition_and_field(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    (tmp_path / "joints.yaml").write_text(yaml.safe_dump({"gout": {**ENTRY, **change}}), encoding="utf-8")
    [problem] = read(tmp_path).problems
    assert re.match(r"joints\.yaml:\d+: gout: field ", problem) and named in problem


def test_a_wrong_entry_is_named_with_its_line_and_the_others_load(tmp_path: Path) -> None:
    good, bad = yaml.safe_dump({"gout": {**ENTRY, "alternatives": ["pseudogout"]}}), yaml.safe_dump({"gut": ENTRY})
    (tmp_path / "a.yaml").write_text(good, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(bad + "pseudogout:\n  name: Pseudogout\n  icd10cm: []\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("knee:\n  name: [\n", encoding="utf-8")
    found = read(tmp_path)
    assert set(found.conditions) == {"gout", "gut"}
    assert found.conditions["gout"].alternatives == ()  # the one it names was left out
    line = bad.count("\n") + 1
    assert found.problems[0].startswith(f"b.yaml:{line}: pseudogout: field 'mentions' ")
    assert found.problems[1].startswith("c.yaml: line ")


def test_a_control_sign_in_a_pattern_is_refused(tmp_path: Path) -> None:
    text = yaml.safe_dump({"gout": ENTRY}) + '  words: ["\\bmsu\\b"]\n'
    (tmp_path / "joints.yaml").write_text(text, encoding="utf-8")
    assert "write \\\\b" in read(tmp_path).problems[0]


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(yaml.safe_dump({"gout": ENTRY}), encoding="utf-8")
    [problem] = read(tmp_path).problems
    assert re.fullmatch(r"b\.yaml:\d+: gout: the id is already taken in a\.yaml; choose another", problem)
    (tmp_path / "b.yaml").write_text(2 * yaml.safe_dump({"toe": ENTRY}), encoding="utf-8")
    assert "toe stands twice" in read(tmp_path).problems[0]


def test_no_condition_of_the_library_is_left_out() -> None:
    assert problems() == ()


def test_mentions_expand_what_is_optional_and_what_is_a_choice() -> None:
    assert set(expand("[acute|old] (gout|podagra)")) == {
        "acute gout", "old gout", "gout", "acute podagra", "old podagra", "podagra"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acute on chronic hypoxic respiratory failure", ["acute_respiratory_failure"]),
        ("Acute blood loss anemias", ["acute_blood_loss_anemia"]),
        ("type 2 MI", ["myocardial_infarction"]),
        ("septic arthritis, CVA tenderness, DVT prophylaxis", []),
        ("ST depression; portal hypertension", []),
        ("C. difficile colitis", ["c_difficile"]),
        ("history of acute\nkidney injury", ["acute_kidney_injury"]),
        ("acute. Kidney injury", []),
        ("septic shock", ["septic_shock"]),
        ("PE: lungs clear", []),
    ],
)
def test_the_longest_name_counts(text: str, expected: list[str]) -> None:
    assert [mention.condition for mention in mentions(text)] == expected


@pytest.mark.parametrize(
    ("condition", "text", "points"),
    [
        ("hyponatremia", "Sodium 121 mmol/L (ref 135-145)", True),
        ("hyponatremia", "Na 138 (3/2 05:00, lab)", False),
        ("hyponatremia", "Urine sodium 20 mmol/L", False),
        ("acidosis", "Venous pH 7.30", False),
        ("anemia", "Hemoglobin A1c 6.4 %", False),
        ("acute_kidney_injury", "Creatinine 2.4 mg/dL (ref 0.6-1.3)", True),
        ("acute_kidney_injury", "Creatinine 0.9 mg/dL (ref 0.6-1.3)", False),
        ("acute_kidney_injury", "Creatinine 212 umol/L", True),
        ("acute_kidney_injury", "Creatinine 80 umol/L", False),
        ("sepsis", "Temp 101.8 F", True),
        ("sepsis", "Temp 98.6 F", False),
        ("sepsis", "Lactic acid: 4.1 mmol/L", True),
        ("shock", "BP 78/40, started norepinephrine", True),
        ("obesity", "BMI 41.2 kg/m2", True),
        ("malnutrition", "Albumin 2.1 g/dL", False),
        ("malnutrition", "12% weight loss in 3 months per dietitian", True),
        ("acute_respiratory_failure", "SpO2 84% on room air", True),
        ("acute_respiratory_failure", "SpO2 97% on room air", False),
        ("acute_blood_loss_anemia", "Hgb 12.9 -> 7.8 after surgery, EBL 900 mL", True),
        ("anemia", "Hgb 14.2, creatinine 2.4", False),
        ("pneumonia", "Sputum culture: Pseudomonas aeruginosa", True),
    ],
)
def test_an_indicator_points_to_a_condition(condition: str, text: str, points: bool) -> None:
    assert supports(load()[condition], [text]) is points


@pytest.mark.parametrize(
    ("texts", "points"),
    [
        (["Creatinine 0.9 mg/dL (ref 0.6-1.3)", "Creatinine 1.2 mg/dL (ref 0.6-1.3)"], True),
        (["Creatinine 1.2 mg/dL (ref 0.6-1.3)", "Creatinine 1.0 mg/dL (ref 0.6-1.3)"], False),
        (["Creatinine 1.2 mg/dL (ref 0.6-1.3)"], False),
        (["Sodium 141 mmol/L", "Sodium 138 mmol/L"], False),
    ],
)
def test_a_rise_of_creatinine_by_0_3_points_to_acute_kidney_injury(texts: list[str], points: bool) -> None:
    assert supports(load()["acute_kidney_injury"], texts) is points


@pytest.mark.parametrize(
    ("lab", "text", "found"),
    [
        ("bilirubin", "direct bilirubin 6.2 mg/dl", []),
        ("bilirubin", "total bilirubin 14.2 mg/dl; conjugated bilirubin 0.4 mg/dl", [14.2]),
        ("alt", "alanine aminotransferase 310 u/l", [310.0]),
        ("sodium", "sodium 131 mmol/l; urine sodium 20 mmol/l", [131.0]),
    ],
)
def test_a_longer_name_is_no_shorter_one(lab: str, text: str, found: list[float]) -> None:
    assert list(values(labs()[lab], text)) == found
