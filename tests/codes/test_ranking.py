"""What coders type finds what they mean, on both databases, in the whole code set."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.codes.loader import Loaded
from query_mgr.codes.main_terms import DEFAULTS
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.search import search, search_all
from query_mgr.codes.synonyms import SYNONYMS
from query_mgr.platform.db import db
from tests.codes.lookups import DAY, look_ups


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


def test_of_150_look_ups_19_in_20_find_their_code_among_the_first_five(all_codes: Flask) -> None:
    missed = [one for one in look_ups() if not one.finds()]
    assert len(list(look_ups())) == 150
    assert len(missed) <= 7, missed
    assert sum(one.half == 1 for one in missed) <= 1, missed


_ANSWERS: dict[str, list[tuple[str, str, str]]] = {}


def test_both_databases_answer_alike(all_codes: Flask, engine: str) -> None:
    typed = [one.typed for one in look_ups()] + ["frac", "fracture femur", "inj", "diab", "left knee", "unspec"]
    _ANSWERS[engine] = [(words, hit.system, hit.code) for words in typed for hit in search_all(words, DAY)]
    assert len(_ANSWERS[engine]) > 1_000
    assert _ANSWERS[engine] == next(iter(_ANSWERS.values()))


@pytest.mark.sqlite_only
def test_every_synonym_finds_something(all_codes: Flask) -> None:
    """Each meaning is worded as the titles word it: all of its words are in some code."""
    spoken = [(typed, meaning) for typed, meanings in SYNONYMS.items() for meaning in meanings]
    assert [one for one in spoken if not search_all(" ".join(one[1]), DAY, 1)] == []


@pytest.mark.sqlite_only
def test_every_row_of_the_shared_lists_loads(
    all_codes: Flask, loaded: tuple[Flask, list[Loaded]], shared: Path
) -> None:
    pcs, older, newer, modifiers = loaded[1]
    assert (older.codes, modifiers.codes, pcs.codes) == (8_463, 383, 78_638)
    assert (older.effective_from, newer.effective_from) == (date(2025, 10, 1), date(2026, 4, 1))
    with gzip.open(shared / "data/hcpcs/hcpcs_level2_2026-04.csv.gz", "rt") as lines:
        addendum = {line.split(",")[0] for line in lines} - {"code"}
    edition = select(CodeSet.id).where(CodeSet.system == "hcpcs", CodeSet.edition == "2026-04").scalar_subquery()
    kept = {one.code: one for one in db.session.scalars(select(Code).where(Code.code_set_id == edition))}
    assert kept.keys() >= addendum
    assert newer.codes == len(kept) >= 8_463
    assert kept["A0021"].title == "Ambulance service, outside state per mile, transport (medicaid only)"
    assert kept["A0021"].own["status"] == "E1"
