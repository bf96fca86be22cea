"""Codes are found, written right, and loaded once."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.codes.icd10cm import CodeError, normalize
from query_mgr.codes.loader import CodeRow, load_rows, package_rows
from query_mgr.codes.lookup import find, why_missing
from query_mgr.codes.search import search
from tests.accounts.builders import a_user, signed_in
from tests.codes.builders import ROWS, some_codes


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("e11.9 ", "E11.9"),
        ("E119", "E11.9"),
        ("S83.4xxA", "S83.4XXA"),
        ("i10", "I10"),
        ("Ｅ１１．９", "E11.9"),
        ("QA0.0101", "QA0.0101"),
    ],
)
def test_a_code_is_written_as_the_tabular_writes_it(typed: str, code: str) -> None:
    assert normalize(typed) == code


@pytest.mark.parametrize(
    ("typed", "words", "suggestion"),
    [
        ("E11,9", "comma", "E11.9"),
        ("Е11.9", "cyrillic", ""),
        ("250.00", "ICD-9", ""),
        ("110", "begins with a letter", "I10"),
        ("EO1.1", "letter O", "E01.1"),
        ("0DTJ4ZZ", "PCS", ""),
        ("", "Type a code", ""),
        ("' OR 1=1--", "not written", ""),
    ],
)
def test_what_is_no_code_says_why_and_what_was_meant(typed: str, words: str, suggestion: str) -> None:
    with pytest.raises(CodeError, match=words) as caught:
        normalize(typed)
    assert caught.value.suggestion == suggestion


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_a_clear_error(typed: str) -> None:
    try:
        assert normalize(normalize(typed)) == normalize(typed)
    except CodeError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("I50.21", "I50.21"),
        ("i5021", "I50.21"),
        ("acute systolic heart fail", "I50.21"),
        ("AKI", "N17.9"),
        ("dm2", "E11.9"),
        ("HFrEF", "I50.20"),
        ("hypertensoin", "I10"),
    ],
)
def test_search_finds_by_code_words_abbreviation_and_misspelling(app: Flask, typed: str, first: str) -> None:
    some_codes()
    assert search(typed)[0].code == first


@pytest.mark.parametrize(
    "typed", ["' OR 1=1--", '";', "%", "\\", '"', "*", "NEAR(", "col:", "a" * 50000, "", "  ", "\x00"]
)
def test_search_takes_anything_literally(app: Flask, typed: str) -> None:
    some_codes()
    assert search(typed) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [("E11.99", "nearest above it is E11.9 "), ("Q99.9", "search for the code by its words")],
)
def test_a_code_that_is_not_there_is_explained(app: Flask, code: str, words: str) -> None:
    some_codes()
    assert words in why_missing(code, date(2026, 3, 1))


def test_a_missing_placeholder_is_pointed_out(app: Flask) -> None:
    load_rows([CodeRow("T45.0X1A", "Poisoning by antiallergic and antiemetic drugs", True, None, {})], "test")
    assert "Did you mean T45.0X1A?" in why_missing("T45.01A", date(2026, 3, 1))


@pytest.mark.sqlite_only
def test_where_no_edition_is_loaded_a_code_is_missing_with_a_reason(app: Flask) -> None:
    assert why_missing("I10", date(2026, 3, 1)).startswith("I10 is not in")


def test_a_code_page_shows_notes_from_above_and_what_is_below(app: Flask) -> None:
    some_codes()
    client = signed_in(app.test_client(), a_user("coder"))
    page = client.get("/codes/I50.2").text
    assert "heart failure due to hypertension (I11.0)" in page
    assert "from I50" in page
    assert "I50.21" in page
    assert client.get("/codes/i5021").headers["Location"].endswith("/codes/I50.21")
    assert "No code fits" in client.get("/codes/Z99.9", follow_redirects=True).text
    assert client.get("/codes/nonsense").status_code == 404
    assert "I50.21" in client.get("/codes", query_string={"q": "acute systolic"}).text


def test_loading_twice_changes_nothing(app: Flask) -> None:
    assert load_rows(ROWS, "test") == len(ROWS)
    assert load_rows(ROWS, "test") == 0
    found = find("I50.9")
    assert found is not None
    assert found.is_billable


def test_the_package_holds_exactly_the_billable_codes_of_the_published_list(shared: Path) -> None:
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt") as lines:
        published = {row["code"]: row["desc"] for row in map(json.loads, lines) if row["billable"]}
    ours = {row.code: row.title for row in package_rows() if row.is_billable}
    assert len(ours) == 74719
    assert ours.keys() == published.keys()
