"""The table of phrases, and how a text is held against it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.clinical.assertions import Said, said_of
from query_mgr.clinical.phrases import phrases, tokens
from query_mgr.clinical.triggers import ENDS, TRIGGERS
from query_mgr.clinical.vocabulary import SAME, SECTIONS

_PIECES = [
    "no ",
    "not ",
    "denies ",
    "fever",
    ", ",
    "; ",
    ". ",
    "\n",
    "\n\n",
    "PMH: ",
    "mother ",
    "?",
    "but ",
    "-",
    "  ",
    "ruled out",
    "(-)",
]
texts = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), max_size=60).map("".join)


def test_every_choice_of_the_table_is_written_out() -> None:
    for cell in [row.phrases for row in TRIGGERS] + list(ENDS.values()) + list(SECTIONS.values()):
        written = list(phrases(cell))
        assert written
        assert [one for one in written if not one or re.search(r"[\[\]{}|]|\(\w|\w\)", one)] == []


def test_every_phrase_is_made_of_tokens_that_a_text_can_hold() -> None:
    classes = {*SAME, "KINS", "YEAR", "NUMBER", "END", "UNTICKED", "TICKED", "ISNO", "ISYES"}
    for row in TRIGGERS:
        for phrase in phrases(row.phrases):
            words = [word for word in phrase.split() if word not in classes]
            assert tokens(" ".join(words)) == words, phrase


@given(texts, st.integers(0, 400), st.integers(0, 40))
def test_any_text_and_place_have_an_answer(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    assert isinstance(said_of(text, (start, min(len(text), start + length))), Said)


@given(texts, texts)
def test_windows_line_ends_change_nothing(before: str, after: str) -> None:
    before, after = before.replace("\r", ""), after.replace("\r", "")

    def said(ahead: str, behind: str) -> Said:
        return said_of(f"{ahead} gout {behind}", (len(ahead) + 1, len(ahead) + 5))

    assert said(before.replace("\n", "\r\n"), after.replace("\n", "\r\n")) == said(before, after)


@pytest.mark.parametrize(
    "piece",
    [
        "no ",
        " ",
        "\t",
        "\n",
        "\n ",
        ". ",
        "a",
        "A ",
        "-",
        "- ",
        ": ",
        "PMH: ",
        ", and ",
        "not been ",
        "(",
        "[ ]",
        "?",
        "r/o ",
        "é",
    ],
)
def test_long_repetition_is_read_like_a_short_one(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    for start in (0, len(text) // 2, len(text)):
        assert isinstance(said_of(text, (start, start)), Said)
