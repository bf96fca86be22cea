"""Thresholds, criteria and patterns as a person reads them."""

from __future__ import annotations

import pytest

from query_mgr.clinical.in_words import Line, asked, measured, phrases
from query_mgr.clinical.library import LabIndicator, load
from query_mgr.clinical.requirements.nodes import as_node
from query_mgr.clinical.requirements.schema import requirement


def words(when: object) -> Line:
    return asked(requirement(as_node(when, "test", "when")))


def test_a_threshold_names_value_and_unit() -> None:
    assert measured(LabIndicator("lvef", "<=", 40, "%")) == "LVEF 40% or less"
    assert measured(LabIndicator("temperature", ">", 38.3, "degC")) == "temperature above 38.3 °C"
    rise = LabIndicator("creatinine", ">=", 0.3, "mg/dL")
    assert measured(rise, changes=True) == "creatinine changes by 0.3 mg/dL or more"


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("sodium < 135 mmol/L", "sodium below 135 mmol/L"),
        ("urine_output < 0.5 mL/kg/h for 6 h", "urine output below 0.5 mL/kg/h for 6 hours or longer"),
        ("hemoglobin falls 2 g/dL in 48 h", "hemoglobin down by 2 g/dL or more within 2 days"),
        ("creatinine reaches 1.5 x in 168 h", "creatinine up to 1.5 times an earlier value or more within 7 days"),
        ("patient female", "female patient"),
        ("patient age 18 to 65", "patient aged from 18 to below 65 years"),
        ("heart_rate > 90 /min", "heart rate above 90/min"),
        ({"said": ["sepsis", "septic*"]}, "a provider documents: sepsis, septic…"),
        ({"kind": "code", "label": "sepsis coded", "codes": ["A41"]}, "sepsis coded"),
        ([{"imaging": ["effusion"]}], "imaging reports: effusion"),
    ],
)
def test_a_requirement_reads_as_a_sentence(when: object, text: str) -> None:
    assert words(when) == Line(text)


def test_parts_stand_below_what_joins_them() -> None:
    found = words({"some": ["sodium < 135 mmol/L", "ph < 7.3 pH"], "at_least": 1})
    assert found == Line("At least 1 of", (Line("sodium below 135 mmol/L"), Line("arterial pH below 7.3")))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"orthopnea|\bpnd\b", ("orthopnea", "pnd")),
        (r"(?:iv|intravenous) lasix", ("iv / intravenous lasix",)),
        (r"post[- ]?void|30 ?ml/kg", ("postvoid", "30ml/kg")),
        (r"(?:hgb|hct)[^;\n]{0,80}(?:drop|\bto\b)", ("hgb / hct … drop / to",)),
        (r"lost \d+(?:\.\d+)? ?(?:lb|kg)", ("lost …lb / kg",)),
    ],
)
def test_a_pattern_reads_as_what_it_looks_for(pattern: str, expected: tuple[str, ...]) -> None:
    assert phrases(pattern) == expected


def test_every_condition_reads_in_words() -> None:
    for condition in load().values():
        shown = [*map(measured, condition.labs), *(one for pattern in condition.words for one in phrases(pattern))]
        lines = [asked(one.when) for one in condition.criteria if one.when]
        assert all(shown) and all(line.text for line in lines)
        assert all(phrases(pattern) for pattern in condition.words)
        assert not any("(?" in one or "\\" in one for one in shown)
