"""One line is one line, and a name is the same however it was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.platform.text import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Jose\u0301", "José"),
        ("  a\n b\t\u2028c ", "a b c"),
        ("safe\u202etxt\u2066", "safetxt"),
        ("a\x00b\x1c\x85c", "ab c"),
        ("re\u200bview", "review"),
        ("O'Brien", "O'Brien"),
    ],
)
def test_signs_that_bend_a_line_are_left_out(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text())
def test_a_line_stays_what_it_is(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_both_ways_to_write_an_accent_are_one(text: str) -> None:
    assert one_line(unicodedata.normalize("NFD", text)) == one_line(unicodedata.normalize("NFC", text))
