"""What the words around a diagnosis make of it: side, body part, acuity, severity, and its own axes. Pure.

"Acute on chronic systolic heart failure", "cellulitis of the left lower leg", "CKD, stage 4": a modifier belongs to a
name only where nothing but modifiers stands between them. Where it may belong to the next noun instead ("DVT, acute
PE") it is left out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from query_mgr.coding.concept import concepts

#: axes that every concept has: value -> phrases
SHARED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "laterality": {
        "left": ("left", "lt", "left sided", "lle", "lue"),
        "right": ("right", "rt", "right sided", "rle", "rue"),
        "bilateral": ("bilateral", "bilaterally", "both", "b / l", "left and right", "right and left", "ble", "bue"),
    },
    "acuity": {
        "acute": ("acute",),
        "chronic": ("chronic",),
        "acute on chronic": ("acute on chronic", "acute and chronic", "acute exacerbation of chronic"),
        "subacute": ("subacute",),
    },
    "severity": {"mild": ("mild",), "moderate": ("moderate",), "severe": ("severe",)},
    "part": {
        "leg": ("leg", "lower leg", "legs", "calf", "shin", "thigh"),
        "lower limb": ("lower extremity", "lower extremities", "lower limb", "lle", "rle", "ble",
                       "femoral", "popliteal", "iliac", "tibial", "peroneal"),
        "arm": ("arm", "arms", "forearm", "upper arm"),
        "upper limb": ("upper extremity", "upper extremities", "upper limb", "lue", "rue", "bue"),
        "foot": ("foot", "feet"),
        "toe": ("toe", "toes", "great toe", "hallux"),
        "heel": ("heel", "heels"),
        "ankle": ("ankle", "ankles"),
        "knee": ("knee", "knees"),
        "hip": ("hip", "hips"),
        "femur": ("femur", "femoral neck", "proximal femur"),
        "hand": ("hand", "hands"),
        "finger": ("finger", "fingers", "thumb"),
        "wrist": ("wrist", "wrists"),
        "radius": ("radius", "distal radius"),
        "elbow": ("elbow", "elbows"),
        "shoulder": ("shoulder", "shoulders"),
        "humerus": ("humerus", "proximal humerus"),
        "breast": ("breast", "breasts"),
        "lung": ("lung", "lungs", "upper lobe", "lower lobe", "middle lobe"),
        "eye": ("eye", "eyes"),
        "ear": ("ear", "ears"),
        "sacrum": ("sacrum", "sacral", "coccyx", "coccygeal"),
        "buttock": ("buttock", "buttocks"),
        "carotid": ("carotid",),
    },
}  # fmt: skip
_REACH = 90
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|\n")
#: words that may stand between a modifier and the name without being one
_BEFORE_WORDS = """
    on and or - / of the his her known new likely probable possible presumed progressive worsening stable recurrent
    persistent decompensated compensated sided side degree upper lower great primary secondary large small"""
_AFTER_WORDS = """
    of the in on his her at with and involving affecting degree likely unspecified sided side upper lower great - /
    stage type class infection pressure injury ulcer"""
#: what a modifier behind the name may be followed by; any other word is a noun that it may belong to
_END_WORDS = """
    . , ; : ( ) and with on is was for in s due secondary without which who improving improved stable worsening
    resolving resolved status at present treated today per by now will continue continued started being has had
    requiring after seen noted confirmed but from complicated followed to"""
_BEFORE, _AFTER = frozenset(_BEFORE_WORDS.split()), frozenset(_AFTER_WORDS.split())
_ENDS = frozenset(_END_WORDS.split()) | {"\n", ""}
_CUTS = frozenset({",", ":", "(", ")"})
_LINKS = frozenset({"due", "to", "secondary", "from", "caused", "by"})
#: axes whose words no other noun would take
_NOUNS = ("stage", "class")
_PARTS = frozenset(word for phrases in SHARED["part"].values() for phrase in phrases for word in phrase.split())


class _Word(NamedTuple):
    text: str
    start: int
    end: int


class _Match(NamedTuple):
    axis: str
    value: str
    start: int
    end: int


class Read(NamedTuple):
    """What stands around a name: axis -> value, where the phrase begins and ends, whether words beside the name say it."""

    says: dict[str, str]
    start: int
    end: int
    is_narrowed: bool


_Axes = Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]


@functools.cache
def _axes(concept: str) -> tuple[_Axes, frozenset[str]]:
    """Return phrase -> (axis, value) of a concept, and all words of the phrases."""
    table: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for axis, values in {**SHARED, **concepts()[concept].says}.items():
        for value, phrases in values.items():
            for phrase in phrases:
                key = tuple(one.group().lower() for one in _TOKEN.finditer(phrase))
                table.setdefault(key, []).append((axis, value))
    words = frozenset(word for key in table for word in key)
    return {key: tuple(found) for key, found in table.items()}, words


def around(text: str, start: int, end: int, concept: str) -> Read:
    """Return what the phrase around the name `text[start:end]` of a concept says."""
    axes, words = _axes(concept)
    name = list(_words(text, start, end))
    before = _before(text, start, words, name)
    led = list(_matches([*before, *name], axes))
    beside = [one for one in led if one.start < start]
    beside += _behind(*_after(text, end, words), axes)
    values: dict[str, set[str]] = {}
    for one in (*led, *beside):
        values.setdefault(one.axis, set()).add(one.value)
    return Read(
        {axis: value for axis, found in values.items() if (value := settled(axis, found))},
        min([start, *(one.start for one in beside)]),
        max([end, *(one.end for one in beside)]),
        bool(beside),
    )


def settled(axis: str, values: set[str]) -> str:
    """Return the one value that several add up to, or "" where they contradict each other."""
    if axis == "acuity" and ("acute on chronic" in values or {"acute", "chronic"} <= values):
        values = values - {"acute", "chronic"} | {"acute on chronic"}
    if axis == "stage":  # "CKD stage 3, stage 3a"
        values = {one for one in values if not any(other != one and other.startswith(one) for other in values)}
    if axis == "part" and len(values) > 1:
        values = values - {"lower limb", "upper limb", "leg", "arm"} or values
    return next(iter(values)) if len(values) == 1 else ""


def _words(text: str, start: int, end: int) -> Iterator[_Word]:
    for one in _TOKEN.finditer(text, start, end):
        yield _Word(one.group().lower(), one.start(), one.end())


def _before(text: str, start: int, words: frozenset[str], name: Sequence[_Word]) -> list[_Word]:
    """Return the unbroken run of modifiers before a name."""
    run: list[_Word] = []
    for reach in (_REACH // 3, _REACH):  # most names have few modifiers or none
        first = max(0, start - reach)
        found = [*_words(text, first, start), *name]
        start_of_name = len(found) - len(name)
        at = start_of_name
        least = 1 if first else 0  # the first token may be the rest of a word
        while at > least and _is_modifier(found, at - 1, words):
            at -= 1
        run = found[at:start_of_name]
        if at > least:
            break
    return run


def _is_modifier(found: Sequence[_Word], at: int, words: frozenset[str]) -> bool:
    word = found[at].text
    if word in ("and", "or") and at and found[at - 1].text in _PARTS:  # "of the left hip and ...": another thing
        return False
    return word in words or word in _BEFORE or _is_side_letter(found, at)


def _after(text: str, end: int, words: frozenset[str]) -> tuple[list[_Word], str]:
    """Return the unbroken run of modifiers behind a name, and the word or sign that ends it."""
    run: list[_Word] = []
    for word in _words(text, end, min(len(text), end + _REACH)):
        if not (word.text in words or word.text in _AFTER or word.text in _CUTS or word.text in _LINKS):
            return run, word.text
        run.append(word)
    return run, ""


def _is_side_letter(found: Sequence[_Word], at: int) -> bool:
    """Say whether a single letter is a side: "L hip", "R leg"."""
    return found[at].text in ("l", "r") and at + 1 < len(found) and found[at + 1].text in _PARTS


def _matches(words: Sequence[_Word], axes: _Axes) -> Iterator[_Match]:
    """Yield the phrases in a run of words, the longest at each place."""
    at = 0
    while at < len(words):
        length = 1
        if _is_side_letter(words, at):
            yield _Match(
                "laterality", "left" if words[at].text == "l" else "right", words[at].start, words[at].end
            )
        for size in range(min(6, len(words) - at), 0, -1):
            found = axes.get(tuple(one.text for one in words[at : at + size]))
            if found:
                yield from (_Match(*one, words[at].start, words[at + size - 1].end) for one in found)
                length = size
                break
        at += length


def _behind(run: Sequence[_Word], ending: str, axes: _Axes) -> Iterator[_Match]:
    """Yield what modifiers behind a name say of it, but not what may belong to another noun."""
    for segment, follows, is_first in _segments(run, ending):
        found = list(_matches(segment, axes))
        is_free = follows in _ENDS
        has_place = is_first and any(one.axis == "part" for one in found)
        for one in found:
            if is_free or one.axis in _NOUNS or (has_place and one.axis in ("part", "laterality")):
                yield one


def _segments(run: Sequence[_Word], ending: str) -> Iterator[tuple[list[_Word], str, bool]]:
    """Yield the words between commas, colons, brackets and "due to", what follows each, and whether it is the first."""
    segment: list[_Word] = []
    is_first = True
    for one in run:
        starts_new = one.text == "and" and segment and segment[-1].text in _PARTS
        if one.text in _CUTS or one.text in _LINKS or starts_new:
            yield segment, one.text, is_first
            segment, is_first = [], False
        else:
            segment.append(one)
    yield segment, ending, is_first
