"""What a note repeats from an earlier one. Copied text is weak evidence, because nobody may have looked again. Pure."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

#: a shorter line is a phrase that every note has ("Vitals stable.")
_SHORTEST = 40
#: so many words in a row, in an earlier note too, are copied however the lines are broken or what stands around them
_RUN = 8
_SHINGLE = 5
_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Copy:
    """`text[start:end]` stands in the earlier document `origin` too."""

    start: int
    end: int
    origin: str


@dataclass(frozen=True)
class Prints:
    """What is kept of a text to know its words again: of long lines, and of a sample of its word sequences."""

    lines: array[int]
    shingles: array[int]


def prints_of(text: str) -> Prints:
    """Return the fingerprints of a text; they hold within this process only."""
    lines = (hash(key) for line in _LINE.findall(text) if len(key := _key(line)) >= _SHORTEST)
    words = _WORD.findall(text.casefold())
    return Prints(array("q", lines), array("q", (value for _, value in _shingles(words))))


def _key(line: str) -> str:
    return " ".join(line.split()).casefold()


def _shingles(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the place and fingerprint of a sequence of words: those that begin with about one word in four are kept."""
    for at in range(len(words) - _SHINGLE + 1):
        word = words[at]
        if not (len(word) + ord(word[0]) + 3 * ord(word[-1])) & 3:
            yield at, hash(tuple(words[at : at + _SHINGLE]))


def copied_lines(text: str, earlier: Mapping[str, Prints]) -> list[Copy]:
    """Return the lines of `text` that an earlier document has too, white space and case aside; the first one counts.

    earlier: fingerprints by ref, the oldest first.
    """
    keys = [(line, hash(key)) for line in _LINE.finditer(text) if len(key := _key(line.group())) >= _SHORTEST]
    wanted = {key for _, key in keys}
    first: dict[int, str] = {}
    for ref, prints in earlier.items():
        for found in wanted.intersection(prints.lines):
            first.setdefault(found, ref)
    return [Copy(line.start(), line.end(), first[key]) for line, key in keys if key in first]


def likely_origins(text: str, known: Sequence[Copy], earlier: Mapping[str, Prints], most: int = 3) -> list[str]:
    """Return the earlier documents that share most word sequences with what `known` leaves of `text`, best first."""
    wanted = {value for part, _ in _rest(text, known) for _, value in _shingles(_WORD.findall(part.casefold()))}
    if not wanted:
        return []
    shared: dict[str, int] = {}
    left = set(wanted)
    for ref, prints in earlier.items():
        found = left.intersection(prints.shingles)  # each sequence counts for the oldest that has it
        if found:
            shared[ref] = len(found)
            left -= found
    return sorted(shared, key=lambda ref: -shared[ref])[:most]


def copied_runs(text: str, known: Sequence[Copy], origins: Mapping[str, str]) -> list[Copy]:
    """Return where what `known` leaves of `text` repeats long runs of words of `origins` (texts by ref).

    Words that differ stay out: in a line that was copied and changed, what changed is not marked.
    """
    plain = {ref: f" {' '.join(_WORD.findall(one.casefold()))} " for ref, one in origins.items()}
    return [copy for part, offset in _rest(text, known) for copy in _runs(part, offset, plain)]


def _rest(text: str, known: Sequence[Copy]) -> Iterator[tuple[str, int]]:
    at = 0
    for one in (*known, Copy(len(text), len(text), "")):
        if one.start > at:
            yield text[at : one.start], at
        at = one.end


def _runs(part: str, offset: int, plain: Mapping[str, str]) -> Iterator[Copy]:
    places = list(_WORD.finditer(part))
    words = [one.group().casefold() for one in places]
    at = 0
    while at + _RUN <= len(words):
        head = f" {' '.join(words[at : at + _RUN])} "
        ref = next((ref for ref, text in plain.items() if head in text), None)
        if ref is None:
            at += 1
            continue
        end = at + _RUN
        while end < len(words) and f" {' '.join(words[at : end + 1])} " in plain[ref]:
            end += 1
        start, stop = places[at].start(), places[end - 1].end()
        if stop - start >= _SHORTEST:
            yield Copy(offset + start, offset + stop, ref)
        at = end
