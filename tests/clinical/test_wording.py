"""Finding a requirement's words quickly leaves none of them out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from query_mgr.clinical.requirements.wording import may_hold, mentions, pattern

_PIECES = st.sampled_from(
    [
        "acute",
        "Acute",
        "kidney",
        "injury",
        "AKI",
        "P/F",
        "co-morbid",
        "nephrotoxic",
        "x",
        "-",
        "*",
        ".",
        "\n",
        " ",
        "é",
        "3%",
    ]
)
_WORDS = st.lists(
    st.builds(lambda parts, end: " ".join(parts) + end, st.lists(_PIECES, min_size=1, max_size=3), st.sampled_from(["", "*"])),
    min_size=1, max_size=3,
).map(lambda found: tuple(one for one in found if one.strip(" *-.\n")) or ("AKI",))  # fmt: skip


@given(st.lists(_PIECES, max_size=12).map("".join), _WORDS)
def test_a_text_that_is_passed_over_holds_none_of_the_words(text: str, words: tuple[str, ...]) -> None:
    if not may_hold(text, words):
        assert pattern(words).search(text) is None


def test_words_beginnings_and_phrases_are_found() -> None:
    text = "Started a nephrotoxic drug. Acute-kidney injury follows."
    assert may_hold(text, ("nephrotoxi*",))
    assert may_hold(text, ("acute kidney injury",))
    assert not may_hold(text, ("kid", "sepsis*"))
    assert [span for span, _ in mentions(text, ("acute kidney injury",))] == [(28, 47)]
