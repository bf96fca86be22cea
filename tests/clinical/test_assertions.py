"""What a note says of a condition it names."""

from __future__ import annotations

import pytest

from query_mgr.clinical.assertions import assertion, documented
from query_mgr.clinical.library import load


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Admitted with sepsis.", "sepsis", "affirmed"),
        ("72 year old with sepsis", "sepsis", "affirmed"),
        ("No fever. Sepsis improving.", "Sepsis", "affirmed"),
        ("No improvement in heart failure", "heart failure", "affirmed"),
        ("No fever due to pneumonia", "pneumonia", "affirmed"),
        ("Not eating well, sepsis treated", "sepsis", "affirmed"),
        ("Prior to admission developed pneumonia", "pneumonia", "affirmed"),
        ("No evidence of pneumonia or sepsis", "sepsis", "negated"),
        ("Denies seizure", "seizure", "negated"),
        ("Sepsis was ruled out.", "Sepsis", "negated"),
        ("PE unlikely; pneumonia unlikely", "pneumonia", "negated"),
        ("Not consistent with sepsis", "sepsis", "negated"),
        ("Probable pneumonia", "pneumonia", "uncertain"),
        ("Cannot rule out sepsis", "sepsis", "uncertain"),
        ("Pneumonia vs. atelectasis", "Pneumonia", "uncertain"),
        ("?sepsis", "sepsis", "uncertain"),
        ("Pneumonia is suspected", "Pneumonia", "uncertain"),
        ("History of stroke", "stroke", "historical"),
        ("PMH: COPD, stroke", "stroke", "historical"),
        ("Stroke in 2019", "Stroke", "historical"),
        ("Mother had diabetes", "diabetes", "family"),
        ("Family history:\nfather diabetes, stroke", "stroke", "family"),
        ("At risk for malnutrition", "malnutrition", "hypothetical"),
        ("Sepsis screening done", "Sepsis", "hypothetical"),
    ],
)
def test_assertion(text: str, name: str, expected: str) -> None:
    start = text.index(name)
    assert assertion(text, (start, start + len(name))) == expected


@pytest.mark.parametrize(
    ("condition", "texts", "expected"),
    [
        ("sepsis", ["Sepsis due to UTI"], True),
        ("sepsis", ["Possible sepsis"], True),
        ("sepsis", ["Septic shock on pressors"], True),
        ("sepsis", ["No sepsis", "Sepsis ruled out"], False),
        ("sepsis", ["Lactate 4.1"], False),
        ("stroke", ["History of stroke"], False),
        ("copd", ["History of COPD"], True),
        ("diabetes", ["Father has diabetes"], False),
        ("acute_blood_loss_anemia", ["Anemia"], False),
        ("anemia", ["Acute blood loss anemia"], True),
        ("dvt", ["DVT prophylaxis: heparin"], False),
        ("heart_failure", [], False),
    ],
)
def test_documented_by_affirmed_or_uncertain_words(condition: str, texts: list[str], expected: bool) -> None:
    assert documented(load()[condition], texts) is expected
