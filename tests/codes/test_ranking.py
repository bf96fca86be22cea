"""What coders type finds what they mean, on both databases, in the whole code set."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from query_mgr.codes.main_terms import DEFAULTS
from query_mgr.codes.search import search, search_all
from query_mgr.codes.synonyms import SYNONYMS
from tests.codes.lookups import DAY, load_shared, look_ups


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pneumonia", "J18.9"), ("HTN", "I10"), ("hypertension", "I10"), ("AKI", "N17.9"), ("DM2", "E11.9"),
        ("UTI", "N39.0"), ("stroke", "I63.9"), ("CHF", "I50.9"), ("heart failure", "I50.9"), ("COPD", "J44.9"),
        ("afib", "I48.91"), ("sepsis", "A41.9"), ("anemia", "D64.9"), ("CKD", "N18.9"), ("CKD stage 4", "N18.4"),
        ("acute systolic heart failure", "I50.21"), ("acute on chronic diastolic heart failure", "I50.33"),
        ("ABLA", "D62"), ("NSTEMI", "I21.4"), ("type 2 mi", "I21.A1"), ("copd exacerbation", "J44.1"),
        ("gi bleed", "K92.2"), ("hyponatremia", "E87.1"), ("malnutrition severe", "E43"),
        ("pressure ulcer sacral stage 3", "L89.153"), ("diabetic foot ulcer", "E11.621"),
        ("hypertensoin", "I10"), ("menieres", "H81.03"), ("i5021", "I50.21"), ("S83.4", "S83.4"),
        ("I5O.9", "I50.9"), ("110", "I10"), ("E11,9", "E11.9"), ("T45.01A", "T45.0X1A"),
    ],
)  # fmt: skip
def test_what_is_typed_finds_what_is_meant(all_codes: Flask, typed: str, first: str) -> None:
    assert search(typed)[0].code == first


def test_a_line_with_two_conditions_finds_both(all_codes: Flask) -> None:
    assert [hit.code for hit in search("AKI on CKD")][:2] == ["N17.9", "N18.9"]


def test_words_that_no_code_has_together_still_find_the_condition(all_codes: Flask) -> None:
    assert any(hit.code.startswith("L03") for hit in search("cellulitis left leg")[:3])


def test_every_main_term_leads_to_a_billable_code(published: dict[str, bool]) -> None:
    assert [code for code in DEFAULTS.values() if not published[code]] == []


# Last in this file: the systems that they load stay.


@pytest.fixture(scope="module")
def every_system(all_codes: Flask, shared: Path) -> Flask:
    """The same with 78,638 codes of ICD-10-PCS and two editions of HCPCS."""
    load_shared(shared)
    return all_codes


def test_of_150_look_ups_19_in_20_find_their_code_among_the_first_five(every_system: Flask) -> None:
    missed = [one for one in look_ups() if not one.finds()]
    assert len(list(look_ups())) == 150
    assert len(missed) <= 7, missed
    assert sum(one.half == 1 for one in missed) <= 1, missed


_ANSWERS: dict[str, list[tuple[str, str, str]]] = {}


def test_both_databases_answer_alike(every_system: Flask, engine: str) -> None:
    typed = [one.typed for one in look_ups()] + ["frac", "fracture femur", "inj", "diab", "left knee", "unspec"]
    _ANSWERS[engine] = [(words, hit.system, hit.code) for words in typed for hit in search_all(words, DAY)]
    assert len(_ANSWERS[engine]) > 1_000
    assert _ANSWERS[engine] == next(iter(_ANSWERS.values()))


@pytest.mark.sqlite_only
def test_every_synonym_finds_something(every_system: Flask) -> None:
    """Each meaning is worded as the titles word it: all of its words are in some code."""
    spoken = [(typed, meaning) for typed, meanings in SYNONYMS.items() for meaning in meanings]
    assert [one for one in spoken if not search_all(" ".join(one[1]), DAY, 1)] == []
