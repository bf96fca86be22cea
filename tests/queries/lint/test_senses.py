"""How a table of senses is searched, and what normalisation leaves of a text."""

from __future__ import annotations

import pytest

from query_mgr.queries.lint.normalise import lowered, normalised, without_tags
from query_mgr.queries.lint.wording import Sense, Senses, sentence_at

TEXT = "The bank is steep. A bank lends money; the river rises."


@pytest.fixture(autouse=True)
def _read_afresh() -> None:
    normalised.cache_clear()


@pytest.mark.parametrize(
    ("row", "places"),
    [
        (Sense("bank"), [(4, 8), (21, 25)]),
        (Sense("bank", beside="money|loan"), [(21, 25)]),
        (Sense("bank", unless="money"), [(4, 8)]),
        (Sense("bank", beside="river"), []),
        (Sense("ban"), []),
        (Sense("ank"), []),
        (Sense("bank", elsewhere="river"), []),
        (Sense("bank", elsewhere="sea"), [(4, 8), (21, 25)]),
    ],
)
def test_words_count_in_the_sense_their_sentence_gives(row: Sense, places: list[tuple[int, int]]) -> None:
    low = TEXT.lower()
    assert list(Senses([row]).found(low, low)) == places


def test_places_come_in_order_and_the_longer_of_two_at_one_place() -> None:
    table = Senses([Sense("lends"), Sense("bank"), Sense("bank is"), Sense("is steep")])
    assert list(table.found(TEXT.lower())) == [(4, 11), (21, 25), (26, 31)]


@pytest.mark.parametrize(
    ("words", "bounds"), [("steep", (0, 18)), ("lends", (18, 38)), ("rises", (38, len(TEXT)))]
)
def test_a_sentence_ends_at_a_stop_before_a_space(words: str, bounds: tuple[int, int]) -> None:
    at = TEXT.index(words)
    assert sentence_at(TEXT, at, at + len(words)) == bounds


def test_a_sentence_is_read_240_characters_to_either_side() -> None:
    assert sentence_at("x" * 1000, 500, 510) == (260, 750)
    assert sentence_at("creatinine 2.4 rises", 15, 20) == (0, 20)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("M C C status", "MCC status"),
        ("d.r.g", "drg"),
        ("r-e-v-e-n-u-e", "revenue"),
        ("p.o. twice, e.g. today", "p.o. twice, e.g. today"),
        ("L4 L5 S 1", "L4 L5 S 1"),
        ("a-b c", "a-b c"),
        ("cmVpbWJ1cnNlbWVudCBoZXJl", "reimbursement here"),
        ("pneumonoultramicroscopic", "pneumonoultramicroscopic"),
        ("a\x07b\x7f", "ab"),
        ("s\u0435psis", "sepsis"),
        ("S\u00e9psis\u200b\u00ad", "Sepsis"),
        ("\u2018x\u2019 \u2013 \u201cy\u201d", "'x' - \"y\""),
        ("&amp;#114;ate &lt;b&gt;", "rate <b>"),
        ("\uff2d\uff23\uff23", "MCC"),
        ("line\nnext\tcell", "line\nnext\tcell"),
        ("\u00b5g\u00a0x", "\u03bcg x"),
    ],
)
def test_a_text_is_read_as_it_would_be_seen(written: str, read: str) -> None:
    assert normalised(written) == read


def test_tags_are_dropped_and_comparisons_stay() -> None:
    assert without_tags("re<b></b>venue <!-- x -->if a < b") == "revenue if a < b"


def test_lower_case_keeps_every_place() -> None:
    assert lowered("\u0130AB") == "\u0130ab"
    assert lowered("AB\u00c9") == "ab\u00e9"
