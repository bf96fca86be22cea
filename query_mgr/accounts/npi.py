"""The National Provider Identifier's check digit."""

from __future__ import annotations

#: 80840 = health applications (80), United States (840); the prefix enters the check sum but is not written.
_PREFIX = "80840"


def is_valid_npi(text: str) -> bool:
    """Return whether `text` is ten ASCII digits whose last is the right check digit.

    Source: CMS, "Requirements for National Provider Identifier and NPI Check Digit" (ISO 7812 Luhn, prefix 80840).
    """
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return False
    total = 0
    for place, sign in enumerate(reversed(_PREFIX + text)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
