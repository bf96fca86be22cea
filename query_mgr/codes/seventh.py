"""Seventh characters: which a category offers, what each says, and how the code is put together. Pure.

Source: ICD-10-CM Official Guidelines, sections I.A.4 (placeholder X) and I.A.5 (seventh characters).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_PLACES = 7  # signs of a whole code, the dot not counted


class Choice(NamedTuple):
    """One seventh character: the sign, what it says, and the whole code."""

    sign: str
    meaning: str
    code: str
    is_billable: bool


class Built(NamedTuple):
    """How a code with a seventh character is put together: `T45.0`, `X`, `1`, `A` is not told apart more finely."""

    stem: str
    placeholders: str
    sign: str


def stem_of(category: str) -> str:
    """Return a category with its placeholders and its dot, for a seventh character to follow: `W54.0` gives W54.0XX."""
    bare = category.replace(".", "").ljust(_PLACES - 1, "X")
    return f"{bare[:3]}.{bare[3:]}"


def choices(code: str, title: str, below: Iterable[tuple[str, str, bool]]) -> list[Choice]:
    """Return the seventh characters that a category offers, in the order of the tabular; none where it has others below.

    below: code, title and whether billable of each code one level below.
    """
    stem = stem_of(code)
    return [
        Choice(other[-1], _meaning(described, title), other, billable)
        for other, described, billable in below
        if len(other) == _PLACES + 1 and other[:-1] == stem
    ]


def _meaning(described: str, title: str) -> str:
    rest = described.removeprefix(title).strip(" ,")
    return rest[:1].upper() + rest[1:] if rest else described


def built(code: str, category: str) -> Built | None:
    """Return how a whole code is put together from the category that offers its seventh character."""
    whole, stem = code.replace(".", ""), category.replace(".", "")
    if len(whole) != _PLACES or not whole.startswith(stem):
        return None
    return Built(category, whole[len(stem) : -1], whole[-1])
