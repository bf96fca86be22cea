"""A new edition on 1 October or 1 April changes what is found and allowed by date only (F31, bad inputs 65 to 68)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from query_mgr.codes.editions import rows
from query_mgr.codes.entries import SPAN
from query_mgr.codes.icd10cm import CodeError
from query_mgr.codes.life import Edition, Span, Stated, spans
from query_mgr.codes.loader import CodeRow, load_rows
from query_mgr.codes.lookup import find, inventory, life_of, unreportable, why_missing
from query_mgr.codes.models import Code
from query_mgr.codes.search import _SQLITE as FULL_TEXT
from query_mgr.codes.search import search
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.written import written
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock

OCTOBER, APRIL, NEXT = date(2025, 10, 1), date(2026, 4, 1), date(2026, 10, 1)
SEPTEMBER_30, MARCH_31 = date(2026, 9, 30), date(2026, 3, 31)


def three_editions() -> None:
    """One code lives through, one ends in September, one begins in April, one begins in October with a split."""
    stays = CodeRow("A10.1", "Made-up fever", True, None, {})
    ends = CodeRow("A10.2", "Made-up ague", True, None, {})
    april = CodeRow("A10.3", "Made-up chill", True, None, {})
    load_rows([stays, ends], "2025-10", effective_from=OCTOBER)
    load_rows([stays, ends, april], "2026-04x", effective_from=APRIL)
    load_rows(
        [
            stays._replace(title="Made-up fever, renamed"),
            april._replace(is_billable=False),
            CodeRow("A10.30", "Made-up chill, mild", True, "A10.3", {}),
        ],
        "2026-10",
        effective_from=NEXT,
    )


def test_f31_the_same_query_on_both_sides_of_the_date_finds_that_dates_codes(app: Flask) -> None:
    three_editions()
    found = {day: {hit.code for hit in search("made-up", day)} for day in (MARCH_31, APRIL, SEPTEMBER_30, NEXT)}
    assert found == {
        MARCH_31: {"A10.1", "A10.2"},
        APRIL: {"A10.1", "A10.2", "A10.3"},
        SEPTEMBER_30: {"A10.1", "A10.2", "A10.3"},
        NEXT: {"A10.1", "A10.3", "A10.30"},
    }
    assert search("ague", NEXT) == []
    assert search("ague", SEPTEMBER_30)[0].code == "A10.2"


def test_item_68_stays_that_span_the_roll_over_are_judged_by_discharge(app: Flask) -> None:
    """Item 68: admitted 28 September; discharged on the 30th or on 1 October, and the same around 1 April."""
    three_editions()
    wanted = ["A10.1", "A10.2", "A10.3", "A10.30"]
    assert unreportable(wanted, SEPTEMBER_30).keys() == {"A10.30"}
    assert unreportable(wanted, NEXT).keys() == {"A10.2", "A10.3"}
    assert unreportable(wanted, MARCH_31).keys() == {"A10.3", "A10.30"}
    assert unreportable(wanted, APRIL).keys() == {"A10.30"}


def test_item_68_a_code_deleted_before_or_added_after_says_so_with_the_date(app: Flask) -> None:
    three_editions()
    assert "it was deleted, its last day was 2026-09-30" in why_missing("A10.2", NEXT)
    assert "it was added later and begins on 2026-04-01" in why_missing("A10.3", MARCH_31)
    assert "deleted" not in why_missing("A10.9", NEXT)


def test_f31_an_edition_loaded_while_another_transaction_reads_is_not_seen_by_it(app: Flask, engine: str) -> None:
    load_rows([CodeRow("A10.1", "Made-up fever", True, None, {})], "2025-10", effective_from=OCTOBER)
    level = {} if engine == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with db.engine.connect().execution_options(**level) as reader:
        count = select(func.count()).select_from(Code)
        assert reader.scalar(count) == 1
        three = [CodeRow(f"A10.{n}", f"Made-up {n}", True, None, {}) for n in range(1, 4)]
        assert load_rows(three, "2026-10", effective_from=NEXT) == 3
        assert reader.scalar(count) == 1
    # And a reader that has begun with the edition of its date goes on with it.
    code = find("A10.1", SEPTEMBER_30)
    assert code is not None
    assert code.title == "Made-up fever"


def test_editions_end_the_day_before_the_next_begins(app: Flask) -> None:
    three_editions()
    assert [(row.since, row.until) for row in inventory()] == [
        (OCTOBER, MARCH_31), (APRIL, SEPTEMBER_30), (NEXT, None),
    ]  # fmt: skip
    assert life_of("A10.1") == [
        Span(OCTOBER, SEPTEMBER_30, "Made-up fever", True),
        Span(NEXT, None, "Made-up fever, renamed", True),
    ]
    assert life_of("A10.2") == [Span(OCTOBER, SEPTEMBER_30, "Made-up ague", True)]


def test_a_code_that_was_away_has_two_lives_and_a_corrected_edition_counts() -> None:
    here = Stated("Made-up", True)
    editions = [
        Edition(OCTOBER, None, here), Edition(APRIL, None, here), Edition(APRIL, None, None), Edition(NEXT, None, here),
    ]  # fmt: skip
    assert spans(editions) == [Span(OCTOBER, MARCH_31, "Made-up", True), Span(NEXT, None, "Made-up", True)]


@pytest.mark.parametrize(
    ("typed", "system", "code"),
    [
        (" j1940", "hcpcs", "J1940"), ("Ｊ１９４０", "hcpcs", "J1940"), ("0dtj4zz ", "icd10pcs", "0DTJ4ZZ"),
        ("e11.9 ", "icd10cm", "E11.9"), ("lt", "modifier", "LT"), ("0450", "revenue", "0450"), ("n115", "rarc", "N115"),
    ],
)  # fmt: skip
def test_item_65_a_code_is_written_as_its_system_writes_it(typed: str, system: str, code: str) -> None:
    assert written(typed, system) == code


@pytest.mark.parametrize(
    ("typed", "system", "words", "suggestion"),
    [
        ("J194O", "hcpcs", "Did you mean J1940", "J1940"),
        ("0DTJ4ZZ", "hcpcs", "looks like icd10pcs", ""),
        ("E11.9", "icd10pcs", "looks like icd10cm", ""),
        ("0DTJ4ZO", "icd10pcs", "Did you mean 0DTJ4Z0", "0DTJ4Z0"),
        ("Ј1940", "hcpcs", "not written like hcpcs", ""),
        ("450", "revenue", "four digits", ""),
    ],
)
def test_item_67_a_code_of_another_system_or_with_look_alikes_is_refused_with_a_hint(
    typed: str, system: str, words: str, suggestion: str
) -> None:
    with pytest.raises(CodeError, match=words) as caught:
        written(typed, system)
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize("system", list(SYSTEMS))
@settings(max_examples=30, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_code_of_a_system_or_a_clear_error(system: str, typed: str) -> None:
    try:
        assert written(written(typed, system), system) == written(typed, system)
    except CodeError as error:
        assert str(error)


@pytest.mark.sqlite_only
def test_a_search_reads_only_the_rows_of_its_edition(app: Flask) -> None:
    three_editions()
    steps = [row[-1] for row in rows(f"EXPLAIN QUERY PLAN {FULL_TEXT}", ('"made"', SPAN, 2 * SPAN - 1, 5))]
    bounds = next(step for step in steps if "code_search" in step).split(":", 1)[1]
    # FTS5 names what bounds it in the plan: M for the match, > and < for the rows.
    assert ">" in bounds
    assert "<" in bounds
    assert not any("TEMP B-TREE" in step for step in steps), "the index answers in the order of rank"


def test_the_pages_show_editions_and_the_life_of_a_code(app: Flask, time: Clock, tmp_path: Path) -> None:
    three_editions()
    load_rows(
        [CodeRow("J1940", "Furosemide, made-up words", True, None, {}, own={"coverage": "D"})], "t", system="hcpcs"
    )
    client = signed_in(app.test_client(), a_user("coder"))
    index = client.get("/codes").text
    assert "10/01/2025" in index
    assert "09/30/2026" in index
    assert "until the next is loaded" in index
    assert "load icd10pcs_order_YYYY.txt of CMS" in index
    found = client.get("/codes", query_string={"q": "furosemide"}).text
    assert "/codes/in/hcpcs/J1940" in found
    assert "No code fits" in client.get("/codes", query_string={"q": "furosemide", "system": "icd10cm"}).text
    assert "A10.2" in client.get("/codes", query_string={"q": "ague", "on": "2026-09-30"}).text
    assert "Medicare coverage code: D" in client.get("/codes/in/hcpcs/J1940").text
    gone = client.get("/codes/A10.2").text
    assert "its last day was 2026-09-30" in gone
    assert "10/01/2025 to 09/30/2026: Made-up ague" in gone
    assert "Made-up fever, renamed" in client.get("/codes/A10.1").text
    assert client.get("/codes/in/hcpcs/nonsense").status_code == 404
    assert client.get("/codes/in/icd99/J1940").status_code == 404
    answer = client.get("/codes/search", query_string={"q": "furosemide", "system": "hcpcs"})
    assert answer.json["results"][0]["code"] == "J1940"
