"""Sides: the codes that say the same of the right, the left, both or an unspecified side. Pure.

Source: ICD-10-CM Official Guidelines, section I.B.13: for bilateral sites the final character of the codes indicates
laterality; an unspecified side is coded where the side is not identified in the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from query_mgr.codes.stems import STOP, stem, words_of

SIDES = ("right", "left", "bilateral", "unspecified")
_NAMED = {"right": "right", "left": "left", "bilateral": "bilateral", "both": "bilateral"}
_WHERE = (4, 5)  # the side is the fifth or sixth sign, the dot not counted
_DIGITS = "0123456789"
_MOST_APART = 1  # a bilateral code does not name the organ again: "right eye", "bilateral"


def alike(code: str) -> Iterator[str]:
    """Yield the codes that may be of another side: those that differ in the fifth or sixth sign only."""
    bare = code.replace(".", "")
    for at in _WHERE:
        if len(bare) > at and bare[at].isdigit():
            for digit in _DIGITS:
                if digit != bare[at]:
                    other = bare[:at] + digit + bare[at + 1 :]
                    yield f"{other[:3]}.{other[3:]}"


def sides(code: str, titles: Mapping[str, str]) -> dict[str, str]:
    """Return side -> code for a code and its like; empty where it is of no side.

    titles: the title of the code and of those of `alike` that exist.
    """
    mine = _said(titles[code])
    found: dict[str, str] = {}
    unspecified: dict[str, int] = {}
    for other, title in titles.items():
        said = _said(title)
        if len(said ^ mine) > _MOST_APART or len(other) != len(code):
            continue
        side = _side(title)
        if side:
            found.setdefault(side, other)
        else:
            unspecified[other] = words_of(title).count("unspecified")
    if not found:
        return {}
    least = min(words_of(titles[one]).count("unspecified") for one in found.values())
    open_sided = [other for other, count in unspecified.items() if count > least]
    if open_sided:
        found["unspecified"] = open_sided[0]
    if code not in found.values() or len(found) < 2:
        return {}
    return {side: found[side] for side in SIDES if side in found}


def _side(title: str) -> str:
    named = {_NAMED[word] for word in words_of(title) if word in _NAMED}
    return named.pop() if len(named) == 1 else ""


def _said(title: str) -> set[str]:
    return {
        stem(word) for word in words_of(title) if word not in _NAMED and word not in STOP and word != "unspecified"
    }
