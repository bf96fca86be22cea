"""From places in a text as the rules read it to places in the text as it was written."""

from __future__ import annotations

import re

from query_mgr.queries.lint.normalise import TAG, normalised

#: an entity (however often escaped), a character with its marks, or one character
_ATOM = re.compile(r"&(?:amp;){0,4}(?:#\w{1,8}|\w{1,32});|[\s\S][\u0300-\u036f]*")


def original_span(written: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return where `span` of the normalised text without tags stands in `written`; all of it where that is unsure."""
    shown = normalised(written)
    if shown == written and "<" not in written:
        return span
    starts, read = [], []
    for atom in _ATOM.finditer(written):
        seen = normalised(atom.group())
        read.append(seen)
        starts += [(atom.start(), atom.end())] * len(seen)
    places = _without_tags(shown, _places("".join(read), starts, shown))
    start, end = (min(max(one, 0), len(places)) for one in span)
    if not places or start >= end:
        return 0, len(written)
    return places[start][0], places[end - 1][1]


def _places(read: str, places: list[tuple[int, int]], shown: str) -> list[tuple[int, int]]:
    """Return the place of each shown character, none where other characters stand in their stead.

    Shown is what was read, less the signs between the letters of a word that was spelt out.
    """
    found, at = [], 0
    for character in shown:
        at = read.find(character, at) + 1
        if not at:
            return []
        found.append(places[at - 1])
    return found


def _without_tags(marked: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept, at = [], 0
    for tag in TAG.finditer(marked):
        kept += places[at : tag.start()]
        at = tag.end()
    return kept + places[at:]
