"""Where a sentence holds a concept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.clinical.locate import find, said_in


@pytest.mark.parametrize(
    ("concept", "sentence", "held"),
    [
        ("fever", "No FEVER today", "FEVER"),
        ("chest pain", "denies chest-pain", "chest-pain"),
        ("e-coli", "grew E coli", "E coli"),
        ("rales", "a rale was heard", "rale"),
        ("ulcer", "two ulcers", "ulcers"),
        ("mass", "no masses", "masses"),
        ("bruits", "without bruit", "bruit"),
        ("biopsies", "one biopsy", "biopsy"),
        ("tender", "abdomen nontender", "tender"),
        ("pain", "painful, no pain", "pain"),
        ("allergies", "ALLERGIES: no known allergies", "allergies"),
        ("Cough", "Cough: no", "Cough"),
        ("a+b (c", "with a+b (c", "a+b (c"),
    ],
)
def test_a_concept_is_found_as_it_is_written(concept: str, sentence: str, held: str) -> None:
    span = find(concept, sentence)
    assert span is not None
    assert sentence[slice(*span)] == held


@pytest.mark.parametrize(
    ("concept", "sentence"), [("", "fever"), ("  ", "fever"), ("rash", ""), ("cough", "fever")]
)
def test_what_is_not_there_is_not_found(concept: str, sentence: str) -> None:
    assert find(concept, sentence) is None


@given(st.text(max_size=40), st.text(max_size=200))
def test_any_concept_and_sentence_have_an_answer(concept: str, sentence: str) -> None:
    said, is_held = said_in(sentence, concept)
    assert is_held == (find(concept, sentence) is not None)
    assert said.experiencer in ("patient", "family", "other")
