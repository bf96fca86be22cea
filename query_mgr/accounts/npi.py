"""The National Provider Identifier's check digit."""

from __future__ import annotations

_PREFIX = "80840"  # the card issuer prefix of US health applications, 45 CFR 162.406


def is_valid_npi(text: str) -> bool:
    """Return whether `text` is ten ASCII digits whose last one is the Luhn check digit over 80840 + the rest."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(_PREFIX + text)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
