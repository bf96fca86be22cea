"""A place in a text as the rules read it is a place in the text as it was written."""

from __future__ import annotations

import pytest

from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption
from query_mgr.queries.lint.normalise import normalised, without_tags
from query_mgr.queries.lint.spans import original_span


@pytest.mark.parametrize(
    ("written", "read", "shown"),
    [
        ("plain words here", "words", "words"),
        ("plain", "plain", "plain"),
        ("p", "p", "p"),
        ("re\u200bimburse\u00adment now", "reimbursement", "re\u200bimburse\u00adment"),
        ("x &#114;eimburse", "reimburse", "&#114;eimburse"),
        ("x &amp;amp;#114;eimburse y", "reimburse", "&amp;amp;#114;eimburse"),
        ("<i>x</i> re<b></b>imburse!", "reimburse", "re<b></b>imburse"),
        ("<b>all</b>", "all", "all"),
        ("ﬁnd", "fi", "ﬁ"),
        ("cafe\u0301 au lait", "cafe", "cafe\u0301"),
        ("say D R G loud", "DRG", "D R G"),
        ("say D.R.G loud", "DRG", "D.R.G"),
    ],
)
def test_the_words_are_found_where_they_stand(written: str, read: str, shown: str) -> None:
    text = without_tags(normalised(written))
    at = text.index(read)
    start, end = original_span(written, (at, at + len(read)))
    assert written[start:end] == shown


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("<b></b>", (0, 1)),  # nothing is shown
        ("a\u200bb", (1, 1)),  # nothing between
        ("a\u200bb", (2, 1)),
        ("a\u200bb", (5, 9)),  # behind the end
        ("ZG9jdW1lbnQgc2Vwc2lz é", (0, 8)),  # base64 whose letters are not those that are read
    ],
)
def test_where_it_is_unsure_all_of_the_text_is_meant(written: str, span: tuple[int, int]) -> None:
    assert original_span(written, span) == (0, len(written))


def test_a_span_that_reaches_beyond_the_text_ends_with_it() -> None:
    assert original_span("a\u200bbc", (1, 9)) == (2, 4)
    assert original_span("a\u200bbc", (-3, 1)) == (0, 1)


def test_a_field_is_its_text_and_a_list_has_none() -> None:
    draft = Draft(
        "t", "b", "q", "open_ended", "poa",
        options=(DraftOption("a", "first", "clinical"), DraftOption("b", "second", "clinical")),
        indicators=(DraftIndicator("one", None, ""), DraftIndicator("two", None, "")),
    )  # fmt: skip
    fields = ("title", "body", "question", "options[1]", "indicators[0]", "options", "indicators", "query_type")
    assert [draft.text_of(one) for one in fields] == ["t", "b", "q", "second", "one", "", "", ""]
