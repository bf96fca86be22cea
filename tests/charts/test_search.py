"""Finding things in a chart, and seeing what was copied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from query_mgr.charts.models import Document
from query_mgr.charts.search import MOST_HITS, find

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def note(text: str, day: int = 0, ref: str = "") -> Document:
    return Document(
        id=day + 1, ref=ref or f"d{day}", text=text, title="Note", authored_at=AT + timedelta(days=day)
    )


@pytest.mark.parametrize("words", ["CHF", "heart failure", "congestive heart failure"])
def test_a_condition_is_found_under_its_other_names(words: str) -> None:
    hits = find([note("Admitted with congestive heart failure. CHF improving.")], words)
    assert [hit.text for hit in hits] == ["heart failure", "CHF"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No pneumonia.", "negated"),
        ("Father had pneumonia.", "family"),
        ("Possible pneumonia.", "uncertain"),
        ("History of pneumonia.", "historical"),
        ("Pneumonia.", "affirmed"),
    ],
)
def test_a_hit_says_whether_the_text_affirms_it(text: str, said: str) -> None:
    (hit,) = find([note(text)], "pneumonia")
    assert (hit.said, hit.is_plain) == (said, said == "affirmed")


def test_a_plain_word_is_found_anywhere_in_any_case_with_what_stands_around_it() -> None:
    (hit,) = find([note("Started on\nFUROSEMIDE 40 mg IV.")], "furosemide")
    assert (hit.before, hit.text, hit.after) == ("Started on ", "FUROSEMIDE", " 40 mg IV.")


@pytest.mark.parametrize("words", ["", "   ", "(a+)+$", "\\", "[", "x" * 5000])
def test_anything_typed_is_taken_literally(words: str) -> None:
    assert find([note("Nothing of it.")], words) == []


def test_hits_are_bounded() -> None:
    assert len(find([note("pain " * 1000)], "pain")) == MOST_HITS
