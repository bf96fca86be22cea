"""Which PINs may be chosen. Pure."""

from __future__ import annotations

_RUNS = ("0123456789", "9876543210")


def problem(pin: str, npi: str = "") -> str:
    """Return why `pin` may not be chosen, "" where it may.

    The first things that a guesser tries are refused: runs, repeats, and what is printed beside the name (the NPI).
    """
    if not (pin.isascii() and pin.isdigit() and 6 <= len(pin) <= 12):
        return "the PIN must have 6 to 12 digits"
    doubled = pin + pin
    if len(set(pin)) < 3 or any(pin in run * 3 for run in _RUNS) or doubled.find(pin, 1) < len(pin):
        return "this PIN is easy to guess; choose one without runs and repeats"
    if npi and pin in npi:
        return "this PIN is part of your NPI; choose another"
    return ""
