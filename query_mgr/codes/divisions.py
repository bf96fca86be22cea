"""Chapters and blocks of ICD-10-CM: what stands above a category, and the notes that it has from there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_RANGE = re.compile(r"\(([A-Z][0-9A-Z]{2})(?:-([A-Z][0-9A-Z]{2}))?\)\s*$")


class Division(NamedTuple):
    """A chapter or block: its number or range, its first and last category, and its notes as a code has them."""

    kind: str  # chapter, block
    name: str
    first: str
    last: str
    title: str
    notes: dict[str, Any]


def division(kind: str, name: str, described: str, notes: Mapping[str, Any]) -> Division | None:
    """Return a division as the tabular describes it, `Hypertensive diseases (I10-I1A)`; None without a range."""
    found = _RANGE.search(described)
    if found is None:
        return None
    title = described[: found.start()].strip()
    return Division(
        kind, name, found[1], found[2] or found[1], title, {key: note for key, note in notes.items() if note}
    )


def above(code: str, divisions: Iterable[Mapping[str, Any]]) -> list[Division]:
    """Return the chapter and the blocks of a code, from the top."""
    found = [Division(**one) for one in divisions if one["first"] <= code[:3] <= one["last"]]
    return sorted(found, key=lambda one: (one.kind != "chapter", one.first, -ord(one.last[0])))
