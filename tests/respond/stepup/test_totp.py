"""One-time codes: pure."""

from __future__ import annotations

import pytest

from query_mgr.accounts.pins import problem
from query_mgr.respond.stepup.totp import accepted_step, code_at, secret_for, uri, written

RFC = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(RFC, seconds // 30) == code


def test_098_one_step_of_clock_difference_is_taken_and_no_code_twice() -> None:
    now, step = 1_000_000_000.0, 1_000_000_000 // 30
    for near in (step - 1, step, step + 1):
        assert accepted_step(RFC, code_at(RFC, near), now, 0) == near
        assert accepted_step(RFC, code_at(RFC, near), now, near) is None
    for far in (step - 2, step + 2):
        assert accepted_step(RFC, code_at(RFC, far), now, 0) is None
    assert accepted_step(RFC, code_at(RFC, step - 1), now, step) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "２８７０８２", "28708a", "-87082", "0x1234"])
def test_what_is_no_code_is_not_taken(typed: str) -> None:
    assert accepted_step(RFC, typed, 59, 0) is None


def test_a_code_may_be_typed_as_apps_show_it() -> None:
    assert accepted_step(RFC, " 287 082 ", 59, 0) == 1


def test_each_factor_has_a_secret_of_its_own() -> None:
    one, other = secret_for("k" * 32, "a"), secret_for("k" * 32, "b")
    assert one != other
    assert len(one) == 20
    assert len(written(one).replace(" ", "")) == 32
    assert uri(one, "St. Ann & Sons", "1234567893").startswith(
        "otpauth://totp/St.%20Ann%20%26%20Sons%3A1234567893?"
    )


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "12a456", "１２３４５６", "000000", "123456", "987654", "890123", "121212", "123123", "112211"]
)  # fmt: skip
def test_a_pin_that_is_guessed_first_may_not_be_chosen(pin: str) -> None:
    assert problem(pin)


def test_a_pin_is_no_part_of_the_npi() -> None:
    assert problem("245319", "1245319599")
    assert not problem("245319", "1234567893")
    assert not problem("246810")
