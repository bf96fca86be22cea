"""Modifiers that cannot stand together, on such a line, or on the day."""

from __future__ import annotations

import pytest

from query_mgr.coding.ncci.modifiers import (
    contradictions,
    misplaced,
    never_one,
    repeated,
    side_of,
    wrong_side,
)


@pytest.mark.parametrize(
    ("there", "named"),
    [
        (("50", "LT"), ("50", "LT")), (("RT", "50"), ("50", "RT")), (("26", "TC"), ("26", "TC")),
        (("XS", "59"), ("59", "XS")), (("JW", "JZ"), ("JW", "JZ")), (("GA", "GZ"), ("GA", "GZ")),
        (("73", "74"), ("73", "74")), (("76", "77"), ("76", "77")), (("LT", "F5"), ("LT", "F5")), (("RT", "E1"), ("RT", "E1")),
    ],
)  # fmt: skip
def test_contradictions_name_both_and_their_rule(there: tuple[str, ...], named: tuple[str, ...]) -> None:
    (found,) = contradictions(there)
    assert found.modifiers == named
    assert "section" in found.source or found.source.startswith("CMS")


@pytest.mark.parametrize(
    "there", [(), ("LT", "RT"), ("59",), ("XS", "LT"), ("50",), ("LT", "F1"), ("RT", "T5"), ("25", "57")]
)
def test_what_goes_together_is_let_pass(there: tuple[str, ...]) -> None:
    assert list(contradictions(there)) == []


def test_a_modifier_of_visits_on_goods_or_an_operation() -> None:
    for code in ("J2405", "L1833", "E0601", "19999"):  # the last is made up
        assert [one.modifiers for one in misplaced(code, ("25", "LT"), "professional")] == [("25",)]
    for code in ("G0463", "G0439", "99991", "S0001", "T1015"):
        assert list(misplaced(code, ("24", "25", "57"), "professional")) == []


def test_modifiers_of_facilities_on_a_practitioner_s_line() -> None:
    assert [one.modifiers for one in misplaced("G0121", ("73",), "professional", "11")] == [("73",)]
    assert list(misplaced("G0121", ("73", "74"), "facility")) == []
    assert list(misplaced("G0121", ("74",), "professional", "24")) == []


def test_modifiers_that_no_list_has() -> None:
    assert all(never_one(word) for word in ("00", "01", "21", "2S", "5O", "1A"))
    assert not any(never_one(word) for word in ("22", "59", "99", "1P", "8P", "LT", "X1", "QW"))


def test_a_modifier_twice() -> None:
    assert repeated(("25", "LT", "25", "25")) == ("25",)
    assert repeated(("25", "LT")) == ()


def test_sides() -> None:
    assert [side_of(one) for one in (("LT",), ("F5",), ("E1", "KX"), ("LT", "RT"), ("LC",), ())] == [
        "left", "right", "left", "", "", "",
    ]  # fmt: skip
    left, right = ("M17.12", "Unilateral primary osteoarthritis, left knee"), ("M17.11", "..., right knee")
    both, none = (
        ("M17.0", "Bilateral primary osteoarthritis of knee"),
        ("M17.9", "Osteoarthritis of knee, unspecified"),
    )
    heart = ("I50.810", "Right heart failure, unspecified")
    assert wrong_side(("RT",), [left]) == ("right", "M17.12")
    assert wrong_side(("RT",), [none, left]) == ("right", "M17.12")
    for linked in ([right], [left, right], [both], [none], [heart], []):
        assert wrong_side(("RT",), linked) is None
    assert wrong_side(("LT",), [heart]) is None
    assert wrong_side((), [left]) is None
