"""The table of levels: pure."""

from __future__ import annotations

import pytest

from query_mgr.respond.stepup.levels import FACTORS, LEVELS, TABLE, offered, opens

EVERYTHING = set(FACTORS)


@pytest.mark.parametrize(
    ("level", "is_sensitive", "enrolled", "asked", "device_opens"),
    [
        ("L-1", False, {"pin"}, ("pin",), False),
        ("L-1", True, {"pin"}, ("pin",), False),
        ("L-2", False, {"pin"}, ("pin",), True),
        ("L-2", False, {"pin", "totp"}, ("totp",), True),
        ("L-2", False, EVERYTHING, ("passkey", "sso", "totp"), True),
        ("L-2", True, {"pin"}, ("pin",), False),
        ("L-2", True, EVERYTHING, ("passkey",), False),
        ("L-3", False, {"pin", "totp"}, (), False),
        ("L-3", False, EVERYTHING, ("passkey", "sso"), False),
        ("L-3", True, {"pin", "sso"}, ("sso",), False),
    ],
)
def test_what_is_asked_follows_level_stay_and_what_is_set_up(
    level: str, is_sensitive: bool, enrolled: set[str], asked: tuple[str, ...], device_opens: bool
) -> None:
    need = TABLE[level, is_sensitive]
    assert offered(need, enrolled) == asked
    assert opens(need, enrolled, "device") is device_opens


def test_a_sensitive_stay_never_asks_for_less() -> None:
    for level in LEVELS:
        plain, sensitive = TABLE[level, False], TABLE[level, True]
        assert set(offered(sensitive, EVERYTHING)) <= set(offered(plain, EVERYTHING))
        assert not sensitive.device_opens
