"""Which answers may be taken off a query, and which come by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.queries.answers import ALWAYS, AnswersError, is_fixed, kind_of, offered
from tests.queries.builders import ACUTE, CHRONIC, OTHER, UNDETERMINED

KNOWN = (ACUTE, CHRONIC, OTHER, UNDETERMINED)


def keys(*args: object) -> list[str]:
    return [one["key"] for one in offered(*args)]  # type: ignore[arg-type]


def test_an_answer_is_taken_off_and_comes_back_in_its_place() -> None:
    assert keys(KNOWN, {"chronic", "other", "undetermined"}) == ["chronic", "other", "undetermined"]
    assert keys(KNOWN, {"acute", "chronic"}) == ["acute", "chronic", "other", "undetermined"]


@settings(deadline=None)
@given(st.sets(st.sampled_from([one["key"] for one in KNOWN])), st.text(max_size=20))
def test_whatever_is_taken_off_other_undetermined_and_one_answer_stay(keep: set[str], added: str) -> None:
    try:
        found = offered(KNOWN, keep, added)
    except AnswersError:
        return
    kinds = [one["kind"] for one in found]
    assert set(ALWAYS) <= set(kinds)
    assert any(kind not in ALWAYS for kind in kinds)


def test_the_last_answer_besides_them_cannot_be_taken_off() -> None:
    with pytest.raises(AnswersError, match="Keep at least one answer"):
        offered(KNOWN, {"other", "undetermined"})


def test_one_of_two_ways_to_say_other_can_be_taken_off_and_the_last_cannot() -> None:
    twice = (ACUTE, OTHER, {**OTHER, "key": "own1", "label": "Another: ___"}, UNDETERMINED)
    assert keys(twice, {"acute", "own1"}) == ["acute", "own1", "undetermined"]
    assert not is_fixed(OTHER, twice)
    assert is_fixed(OTHER, KNOWN)


def test_an_open_question_that_gets_an_answer_gets_the_ones_that_every_choice_offers() -> None:
    assert [one["label"] for one in offered((), (), "Hyperkalemia")] == [
        "Hyperkalemia", "Other (please specify)", "Unable to determine"
    ]  # fmt: skip
    assert offered((), ()) == ()


def test_an_answer_of_ones_own_stands_before_other_and_changes_no_code() -> None:
    found = offered(KNOWN, {"acute"}, " Diastolic \n heart failure ")
    assert [one["label"] for one in found][1] == "Diastolic heart failure"
    assert found[1]["changes"] == []
    assert found[1]["key"] not in {one["key"] for one in KNOWN}


def test_an_answer_of_the_template_typed_again_is_the_templates() -> None:
    assert offered(KNOWN, {"chronic"}, ACUTE["label"].upper())[1] == ACUTE


@pytest.mark.parametrize("label", [ACUTE["label"], ACUTE["label"].lower(), "x" * 201])
def test_an_answer_that_is_there_or_too_long_is_refused(label: str) -> None:
    with pytest.raises(AnswersError):
        offered(KNOWN, {"acute"}, label)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Acute blood loss anemia", "clinical"),
        ("Other: please specify", "other"),
        ("Cannot be determined", "undetermined"),
        ("Not clinically significant", "not_significant"),
        ("Ruled out after study", "ruled_out"),
    ],
)
def test_what_an_answer_is_shows_in_its_words(label: str, kind: str) -> None:
    assert kind_of(label) == kind
