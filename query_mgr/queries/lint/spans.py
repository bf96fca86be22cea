"""From places in a text as the rules read it to places in the text as it was written."""

from __future__ import annotations

import re

from query_mgr.queries.lint.normalise import TAG, normalised

#: an entity (however often escaped), a character with its marks, or one character
_ATOM = re.compile(r"&(?:amp;){0,4}(?:#\w{1,8}|\w{1,32});|[\s\S][\u0300-\u036f]*")


def original_span(written: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return where `span` of the normalised text without tags stands in `written`; all of it where that is unsure."""
    if written.isascii() and "&" not in written and "<" not in written and written.isprintable():
        return span
    starts, read = [], []
    for atom in _ATOM.finditer(written):
        seen = normalised(atom.group())
        read.append(seen)
        starts += [(atom.start(), atom.end())] * len(seen)
    marked = "".join(read)
    if marked != normalised(written):
        return 0, len(written)
    places = _without_tags(marked, starts)
    start, end = (min(max(one, 0), len(places)) for one in span)
    if not places or start >= end:
        return 0, len(written)
    return places[start][0], places[end - 1][1]


def _without_tags(marked: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept, at = [], 0
    for tag in TAG.finditer(marked):
        kept += places[at : tag.start()]
        at = tag.end()
    return kept + places[at:]
