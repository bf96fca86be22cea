"""How patterns over classes of words are read, and where they match."""

from __future__ import annotations

import pytest

from query_mgr.queries.lint.grammar import Pattern, Patterns, tokens
from query_mgr.queries.lint.grammar.forms import forms
from query_mgr.queries.lint.grammar.patterns import classes


def matched(pattern: Pattern, text: str, **given: list[tuple[int, int]]) -> list[str]:
    low = text.lower()
    return [text[start:end] for start, end in Patterns([pattern]).found(tokens(low), given)]


@pytest.mark.parametrize(
    ("slots", "text", "found"),
    [
        ("big dog", "A big dog, a bigger dog.", ["big dog"]),
        ("big|small dog", "A small dog.", ["small dog"]),
        ("big dog*", "Big dogs.", ["Big dogs"]),
        ("deny~ it", "He denied it.", ["denied it"]),
        ("big very_old dog", "A big very old dog.", ["big very old dog"]),
        ("a very? big dog", "A big dog and a very big dog.", ["A big dog", "a very big dog"]),
        ("big ..1 dog", "A big old dog. A big and old dog.", ["big old dog"]),
        ("big ..2-OPEN dog", "A big or old dog.", []),
        ("big ..3 dog", "It is big. A dog is here.", []),
        ("^ do it", "Do it, please do it, and do it; you do it.", ["Do it", "do it", "do it"]),
        ("!no evidence", "No evidence, evidence.", ["evidence"]),
        ("evidence !of", "evidence of pneumonia", []),
        ("evidence !of", "evidence against it", ["evidence"]),
        ("is|was n't it ?", "Wasn't it?", ["Wasn't it?"]),
        ("risk adjusted", "risk-adjusted", ["risk-adjusted"]),
        ("can not", "He cannot. He can not.", ["can not"]),
        ("OPEN", "Say which or how.", ["which", "or", "how"]),
        ("OPEN", "The lesion, which bled.", []),
        ("dr . kim", "Seen by Dr. Kim.", ["Dr. Kim"]),
    ],
)
def test_slots_match_in_their_order_within_a_sentence(slots: str, text: str, found: list[str]) -> None:
    assert matched(Pattern(slots), text) == found


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (Pattern("dog", beside="WHY"), "Why a dog?", True),
        (Pattern("dog", beside="WHY"), "Why? A dog.", False),
        (Pattern("dog", beside="cat owl"), "An owl and a dog.", True),
        (Pattern("dog", unless="cat"), "A cat and a dog.", False),
        (Pattern("dog", unless="cat"), "A cat - a dog.", True),
        (Pattern("big ..2 dog", near="cat"), "A big cat dog.", False),
        (Pattern("big ..2 dog", near="cat"), "A big dog, a cat.", True),
    ],
)
def test_what_is_said_in_the_same_breath_decides(pattern: Pattern, text: str, is_found: bool) -> None:
    assert bool(matched(pattern, text)) == is_found


def test_a_reader_says_where_a_class_stands_that_no_list_holds() -> None:
    assert matched(Pattern("means ANSWER"), "It means acute tubular necrosis.", ANSWER=[(9, 31)]) == [
        "means acute tubular necrosis"
    ]
    assert matched(Pattern("ANSWER it"), "It means acute tubular necrosis.", ANSWER=[(0, 0)]) == []


@pytest.mark.parametrize(
    ("word", "all_forms"),
    [
        ("deny~", "deny denies denying denied"),
        ("stop~", "stop stops stopping stopped"),
        ("take~ back", "take back|takes back|taking back|took back|taken back"),
        ("agree~", "agree agrees agreeing agreed"),
        ("make~", "make makes making made"),
        ("score*", "score scores"),
        ("index*", "index indexes"),
        ("surely", "surely"),
    ],
)
def test_a_word_stands_for_its_forms(word: str, all_forms: str) -> None:
    expected = all_forms.split("|") if "|" in all_forms else all_forms.split()
    assert [" ".join(one) for one in forms(word)] == expected


def test_no_class_is_empty_or_names_a_class_that_is_not_there() -> None:
    said = classes()
    assert all(said.values())
    assert not [one for phrases in said.values() for one in phrases if one.isupper()]
