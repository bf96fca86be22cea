"""An NPI is ten digits with a check digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.accounts.npi import is_valid_npi


@pytest.mark.parametrize("text", ["1234567893", "1245319599", "1003000126"])
def test_a_right_check_digit_is_accepted(text: str) -> None:
    assert is_valid_npi(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234567890",
        "123456789",
        "12345678933",
        " 1234567893",
        "1234567893\n",
        "12345678９3",
        "123456789x",
        "150",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert not is_valid_npi(text)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_each_nine_digits_have_exactly_one_check_digit(number: int) -> None:
    assert sum(is_valid_npi(f"{number:09d}{digit}") for digit in range(10)) == 1


@given(st.integers(0, 9), st.integers(1, 9))
def test_a_single_mistyped_digit_is_noticed(place: int, shift: int) -> None:
    right = "1234567893"
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert not is_valid_npi(wrong)
