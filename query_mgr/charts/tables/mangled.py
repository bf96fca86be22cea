"""What spreadsheets do to identifiers and codes that look like numbers or dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d*)?[eE][+-]?\d{1,3}")
_DECIMAL = re.compile(r"\d+\.0+")
_DATE = re.compile(
    rf"\d{{1,2}}-(?:{_MONTHS})(?:-\d{{2,4}})?|(?:{_MONTHS})-\d{{2}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2}(?:[ T]00:00:00)?",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|#+)", re.IGNORECASE)
_ADVICE = "export the column as text"
LOST = f"a spreadsheet took them off; {_ADVICE}"


def mangled(text: str) -> str:
    """Return what a spreadsheet made of an identifier, and what to do; "" where it left it alone."""
    if _DECIMAL.fullmatch(text):
        return f"{text[:30]!r} was turned into a number with decimals; {_ADVICE}"
    return retyped(text)


def retyped(text: str) -> str:
    """Return the same of a code, which may well have decimals: 250.00 is ICD-9-CM."""
    if _NUMBER.fullmatch(text):
        return f"{text[:30]!r} was turned into a number by a spreadsheet; {_ADVICE}"
    if _DATE.fullmatch(text):
        return f"{text[:30]!r} was turned into a date by a spreadsheet; {_ADVICE}"
    if _BROKEN.fullmatch(text):
        return f"{text[:30]!r} is the error of a formula; correct it and export again"
    return ""


def zero_width(values: Iterable[str]) -> int:
    """Return how many digits the identifiers of a column have that begin with a zero; 0 where none does.

    A shorter one that begins with no zero has probably lost its own.
    """
    widths = Counter(len(value) for value in set(values) if value.isdecimal() and value.startswith("0"))
    return widths.most_common(1)[0][0] if widths else 0


def has_lost_zeros(value: str, width: int) -> bool:
    """Return whether an identifier looks like one of `width` digits whose leading zeros a spreadsheet took."""
    return value.isdecimal() and len(value) < width and not value.startswith("0")
