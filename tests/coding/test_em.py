"""What level of medical decision making a record supports (AMA, CPT E/M guidelines 2021 and 2023)."""

from __future__ import annotations

import pytest

from query_mgr.coding import em
from query_mgr.coding.em import LEVELS, Support, Ticked, supported


def found(*keys: str, visit: str = "office", minutes: int = 0, **counts: int) -> Support:
    return supported(Ticked(visit, frozenset(keys), counts, minutes))


def name(level: int | None) -> str:
    return "" if level is None else LEVELS[level]


def test_nothing_ticked_supports_nothing() -> None:
    assert name(found().level) == ""
    assert "one problem that is minor" in found().missing[0][1]


@pytest.mark.parametrize(
    ("keys", "counts", "level"),
    [
        (("p-minor",), {}, "straightforward"),
        (("p-minor", "r-minimal"), {}, "straightforward"),
        (("p-stable", "r-low"), {}, "low"),
        (("p-stable",), {"results": 2}, "low"),
        (("p-stables", "r-drug"), {}, "moderate"),
        (("p-worse", "r-drug"), {"results": 3}, "moderate"),
        (("p-threat", "r-admit"), {}, "high"),
        (("p-threat", "r-drug"), {}, "moderate"),
        (("p-threat",), {}, "straightforward"),
        (("r-toxic", "interpreted", "discussed"), {}, "high"),
    ],
)
def test_two_of_the_three_elements_decide(keys: tuple[str, ...], counts: dict[str, int], level: str) -> None:
    assert name(found(*keys, **counts).decision) == level


@pytest.mark.parametrize(
    ("keys", "counts", "level"),
    [
        ((), {}, 0),
        ((), {"orders": 1}, 0),
        ((), {"orders": 2}, 1),
        (("historian",), {}, 1),
        ((), {"notes": 1, "results": 1, "orders": 1}, 2),
        (("historian",), {"results": 2}, 2),
        (("interpreted",), {}, 2),
        (("discussed",), {}, 2),
        (("interpreted", "discussed"), {}, 3),
        (("interpreted",), {"results": 3}, 3),
        (("historian", "discussed"), {"results": 2}, 3),
    ],
)
def test_data_is_counted_by_categories(keys: tuple[str, ...], counts: dict[str, int], level: int) -> None:
    assert found(*keys, **counts).data == level


def test_a_history_from_somebody_else_adds_to_what_is_counted_only_above_limited() -> None:
    assert found("historian", orders=1).data == 1
    assert found("historian", orders=2).data == 2


@pytest.mark.parametrize(
    ("visit", "minutes", "level"),
    [
        ("office", 9, ""),
        ("office", 10, "straightforward"),
        ("office", 29, "low"),
        ("office", 30, "moderate"),
        ("office-new", 60, "high"),
        ("hospital-first", 39, ""),
        ("hospital-first", 75, "high"),
        ("hospital-next", 35, "moderate"),
        ("hospital-one-day", 84, "moderate"),
        ("emergency", 300, ""),
    ],
)
def test_time_is_an_alternative_where_the_kind_of_visit_has_one(visit: str, minutes: int, level: str) -> None:
    assert name(found(visit=visit, minutes=minutes).time) == level


def test_the_higher_of_decision_making_and_time_counts() -> None:
    assert name(found("p-stable", "r-low", minutes=40).level) == "high"
    assert name(found("p-threat", "r-admit", minutes=10).level) == "high"


def test_what_is_missing_names_the_elements_that_would_lift_it() -> None:
    now = found("p-stables", "r-low")
    assert (name(now.decision), name(now.next_level)) == ("low", "moderate")
    assert now.reached == ("Problems",)
    lacking = dict(now.missing)
    assert lacking.keys() == {"Data", "Risk"}
    assert "prescription drug" in lacking["Risk"] and "3 more notes" in lacking["Data"]


def test_the_second_category_that_high_needs_is_told_without_the_one_that_is_met() -> None:
    how = dict(found("p-worse", "r-drug", "interpreted").missing)["Data"]
    assert "discussion" in how and "interpretation" not in how and not how.startswith("two of")
    assert dict(found("p-worse", "r-drug").missing)["Data"].startswith("two of: 3 more notes")


def test_at_the_highest_level_nothing_is_missing() -> None:
    assert found("p-threat", "r-admit").missing == ()


@pytest.mark.parametrize("level", [1, 2, 3])
def test_one_element_of_a_level_for_problems_and_one_for_risk_reach_it(level: int) -> None:
    for problem in (one.key for one in em.PROBLEMS if one.level == level):
        for risk in (one.key for one in em.RISK if one.level == level):
            assert found(problem, risk).decision == level


def test_every_element_has_a_key_of_its_own_and_no_code_is_named() -> None:
    keys = [one.key for one in (*em.PROBLEMS, *em.RISK)] + [key for key, _ in (*em.DATA, *em.COUNTED)]
    assert len(keys) == len(set(keys))
    words = " ".join([*(one.text for one in (*em.PROBLEMS, *em.RISK)), *(one.name for one in em.VISITS.values())])
    assert not any(word.isdigit() for word in words.split())


def test_a_kind_of_visit_that_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError):
        found(visit="nursing", minutes=30)
