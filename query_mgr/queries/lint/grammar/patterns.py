"""Patterns over classes of words, and the search that walks a table of them in time linear in the text.

A pattern is written as its slots in order: `EVIDENCE ..3 point~|argue~ ..4 ANSWER`. A slot is a class of words (capitals; the files
of classes/), words as they stand, or several of either with `|`; `~` and `*` stand for all forms of a verb or a noun, `_` for a
space. `..3` lets up to three words pass, `..3-OPEN` none of them of a class. `^` is the head of a clause, `!X` says that no X is
next (at the start: came before), and a slot that ends in `?` may be missing. A pattern never leaves its sentence.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from query_mgr.platform import yamls
from query_mgr.queries.lint.grammar.forms import forms
from query_mgr.queries.lint.grammar.tokens import Tokens, bits

_CLASSES = Path(__file__).with_name("classes")
#: what is a word of its own inside another
_INSIDE = re.compile(r"(?<=\w)(n't|'(?:s|d|ll|ve|re|m)\b)|([&+])")
#: classes whose places the text's reader knows
GIVEN = frozenset({"ANSWER", "NAMED", "FINDING", "QUOTED"})
_NONE: tuple[str, ...] = ()
Spans = Mapping[str, Iterable[tuple[int, int]]]


@dataclass(frozen=True)
class Pattern:
    """One way to say it. beside: a class or more that the sentence must hold too; unless: that make it harmless there.

    near: classes that make it harmless among the words of the match itself.
    """

    slots: str
    beside: str = ""
    unless: str = ""
    near: str = ""


@dataclass(frozen=True)
class _Slot:
    names: tuple[str, ...]
    gap: int = 0
    barred: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    is_optional: bool = False
    is_head: bool = False


class _Marks:
    """Where the words of each class stand in a text: for each number of words a bit per first word."""

    def __init__(self, text: Tokens) -> None:
        self.text = text
        self._at: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._of: dict[tuple[str, ...], tuple[tuple[int, int], ...]] = {}

    def put(self, name: str, at: int, length: int) -> None:
        self._at[name][length].append(at)

    @property
    def names(self) -> Iterable[str]:
        """The classes that the text holds a word of."""
        return self._at

    def of(self, names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
        """Return (number of words, bits of the first words) of all the classes."""
        if names not in self._of:
            merged: dict[int, list[int]] = defaultdict(list)
            for name in names:
                for length, places in self._at.get(name, {}).items():
                    merged[length] += places
            self._of[names] = tuple(
                (length, bits(places, len(self.text.words))) for length, places in sorted(merged.items())
            )
        return self._of[names]

    def starts(self, names: tuple[str, ...]) -> int:
        return functools.reduce(lambda all_, one: all_ | one[1], self.of(names), 0)

    def ends(self, names: tuple[str, ...]) -> int:
        return functools.reduce(lambda all_, one: all_ | (one[1] << (one[0] - 1)), self.of(names), 0)

    def has(self, names: tuple[str, ...], first: int, last: int) -> bool:
        """Say whether a word of the classes begins at one of the words from `first` to `last`."""
        return bool((self.starts(names) >> first) & ((1 << (last - first + 1)) - 1))


class Patterns:
    """A table of patterns, ready to be searched for."""

    def __init__(self, rows: Sequence[Pattern]) -> None:
        self.rows = tuple((row, _slots(row.slots)) for row in rows)
        self._words: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._suffixes: list[tuple[str, str]] = []
        for name in dict.fromkeys(self._names()):
            for said in _phrases(name):
                if said[0].startswith("-") and len(said[0]) > 1:
                    self._suffixes.append((said[0][1:], name))
                else:
                    self._words[said[0]].append((said, name))
        self._endings = tuple(ending for ending, _ in self._suffixes)
        self._bit = {name: 1 << number for number, name in enumerate(dict.fromkeys((*self._names(), *GIVEN)))}
        self._needed = tuple(
            tuple(sum(self._bit[name] for name in set(slot.names)) for slot in slots if not slot.is_optional)
            for _, slots in self.rows
        )

    def found(self, text: Tokens, given: Spans | None = None) -> Iterator[tuple[int, int]]:
        """Yield the characters (start, end) that match a row, row by row.

        given: where classes stand that no list of words holds, such as ANSWER.
        """
        marks = self._marked(text, given or {})
        present = sum(self._bit[name] for name in marks.names)
        for (row, slots), needed in zip(self.rows, self._needed, strict=True):
            if not all(map(present.__and__, needed)):
                continue
            for first, last in _matches(text, marks, slots):
                if _is_meant(text, marks, row, first, last):
                    yield text.places[first][0], text.places[last][1]

    def _names(self) -> Iterator[str]:
        for row, slots in self.rows:
            for slot in slots:
                yield from (*slot.names, *slot.barred, *slot.refused)
            yield from (*row.beside.split(), *row.unless.split(), *row.near.split())

    def _marked(self, text: Tokens, given: Spans) -> _Marks:
        marks = _Marks(text)
        for at, word in enumerate(text.words):
            for said, name in self._words.get(word, ()):
                if len(said) == 1 or text.words[at : at + len(said)] == said:
                    marks.put(name, at, len(said))
            if word.endswith(self._endings):
                for ending, name in self._suffixes:
                    if word.endswith(ending):
                        marks.put(name, at, 1)
        for name, spans in given.items():
            for first, length in text.within(spans):
                marks.put(name, first, length)
        return marks


def _matches(text: Tokens, marks: _Marks, slots: tuple[_Slot, ...]) -> Iterator[tuple[int, int]]:
    """Yield first and last word of what the slots match, for each place where a match ends."""
    steps: list[tuple[int, int]] = []  # bits where the slot's match ends, bits that pass it by
    reached = -1
    for number, slot in enumerate(slots):
        before = reached
        if slot.refused:
            before = _refused(marks, slot, before, is_first=not number)
        starts = before if not number else _ahead(text, marks, slot, before)
        if slot.is_head:
            starts &= text.heads
        ends = functools.reduce(
            lambda all_, one: all_ | ((one[1] & starts) << (one[0] - 1)), marks.of(slot.names), 0
        )
        passed = before if slot.is_optional and number else 0
        steps.append((ends, passed))
        reached = ends | passed
        if not reached:
            return
    while reached:
        last = (reached & -reached).bit_length() - 1
        reached &= reached - 1
        yield _first(text, marks, slots, steps, last), last


def _refused(marks: _Marks, slot: _Slot, before: int, *, is_first: bool) -> int:
    """Return where the match may go on: no word of the refused classes is next (or, at the start, came before)."""
    return before & ~(marks.ends(slot.refused) << 1) if is_first else before & ~(marks.starts(slot.refused) >> 1)


def _ahead(text: Tokens, marks: _Marks, slot: _Slot, before: int) -> int:
    """Return where the slot may begin, given where the one before ended."""
    barred = text.bounds | (marks.starts(slot.barred) if slot.barred else 0)
    step = (before & ~text.bounds) << 1
    starts = step
    for _ in range(slot.gap):
        step = (step & ~barred) << 1
        starts |= step
    return starts


def _first(text: Tokens, marks: _Marks, slots: tuple[_Slot, ...], steps: list[tuple[int, int]], last: int) -> int:
    """Return the first word of the match that ends at `last`, going back slot by slot to the nearest."""
    at = last
    for number in range(len(slots) - 1, -1, -1):
        ends, _ = steps[number]
        if not ends >> at & 1:
            continue  # passed by
        start = max(
            at - length + 1
            for length, places in marks.of(slots[number].names)
            if at - length + 1 >= 0 and places >> (at - length + 1) & 1
        )
        if not number:
            return start
        before = (steps[number - 1][0] | steps[number - 1][1]) & ((1 << start) - 1)
        at = before.bit_length() - 1
        if at < 0:
            return start
    return max(at, 0)


def _is_meant(text: Tokens, marks: _Marks, row: Pattern, first: int, last: int) -> bool:
    start, end = text.breath(last)
    return (
        (not row.beside or marks.has(tuple(row.beside.split()), start, end))
        and not (row.unless and marks.has(tuple(row.unless.split()), start, end))
        and not (row.near and marks.has(tuple(row.near.split()), first, last))
    )


def _slots(written: str) -> tuple[_Slot, ...]:
    found: list[_Slot] = []
    gap, barred, refused, is_head = 0, _NONE, _NONE, False
    for part in written.split():
        if part.startswith(".."):
            number, *named = part[2:].split("-")
            gap, barred = int(number), tuple(named)
        elif part.startswith("!"):
            refused = tuple(part[1:].split("|"))
        elif part == "^":
            is_head = True
        else:
            names = part.removesuffix("?") if len(part) > 1 else part
            found.append(_Slot(tuple(names.split("|")), gap, barred, refused, names != part, is_head))
            gap, barred, refused, is_head = 0, _NONE, _NONE, False
    if refused or gap or is_head:
        found.append(_Slot(("",), gap, barred, refused, True, is_head))
    return tuple(found)


def _phrases(name: str) -> Iterator[tuple[str, ...]]:
    """Yield the phrases of a class, or of words that a pattern spells out."""
    if name in GIVEN or not name:
        return
    said = (
        classes()[name] if name.isupper() and len(name) > 1 else (_INSIDE.sub(r" \1\2 ", name.replace("_", " ")),)
    )
    for one in said:
        yield from forms(one)


@functools.cache
def classes() -> dict[str, tuple[str, ...]]:
    """Return the phrases of each class of words; a class in capitals among them stands for its phrases."""
    written: dict[str, str] = {}
    for path in sorted(_CLASSES.glob("*.yaml")):
        written |= yamls.load(path)
    return {name: tuple(dict.fromkeys(_spelled(name, written))) for name in written}


def _spelled(name: str, written: Mapping[str, str]) -> Iterator[str]:
    for one in written[name].split(","):
        phrase = " ".join(_INSIDE.sub(r" \1\2 ", one).split())
        if phrase in written:
            yield from _spelled(phrase, written)
        elif phrase:
            yield phrase
