"""The words of an edition: which begin as typed, and which was meant by a misspelt one. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from zlib import crc32

from query_mgr.codes.stems import sound, stem

_LETTERS_APART = 3
_SHORTEST = 4  # a shorter word is too like others to be mended


class Near(NamedTuple):
    """A word that may have been meant: how far off it is (1: it sounds alike), minus its phrases; the lowest first."""

    off: int
    rare: int
    word: str


class Vocabulary:
    """The words of one edition, each with the number of phrases that have it."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = sorted(words)
        self._counts = words
        self.stems: dict[str, int] = {}
        for word, count in words.items():
            self.stems[stem(word)] = self.stems.get(stem(word), 0) + count

    def has(self, word: str) -> bool:
        """Return whether some form of the word is in the edition."""
        return stem(word) in self.stems

    def begins(self, start: str, most: int) -> list[str]:
        """Return the stems of the words that begin so, at most so many, those of the most phrases first."""
        low = bisect_left(self._words, start)
        found: dict[str, int] = {}
        for word in self._words[low : bisect_left(self._words, start + "{", low)]:
            found[stem(word)] = self.stems[stem(word)]
        return sorted(found, key=lambda one: (-found[one], one))[:most]

    def heard(self, word: str, sounding: str) -> list[Near]:
        """Return the words that sound so."""
        return [Near(1, -self._counts[one], one) for one in self._by_sound.get(sounding, ())]

    def close(self, word: str, sounding: str) -> list[Near]:
        """Return the words that sound nearly so: with one letter left out of either or both."""
        return self._within(word, sounding, self._sharing(sounding))

    def far(self, word: str, sounding: str) -> list[Near]:
        """Return the words that sound a little like it."""
        return self._within(word, sounding, self._alike(sounding)) if len(word) > _SHORTEST + 1 else []

    def _within(self, word: str, sounding: str, candidates: Iterable[str]) -> list[Near]:
        most, found = 1 if len(word) < 6 else 2, list[Near]()
        for other in candidates:
            off = distance(sounding, other, most)
            if off <= most:
                most = off
                for one in self._by_sound[other]:
                    # A first letter is seldom wrong, and of words as near as each other the common one is meant.
                    found.append(Near(off + (word[0] != one[0]) + 1, -self._counts[one], one))
        return found

    @cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) >= _SHORTEST and word.isalpha():
                found.setdefault(sound(word), []).append(word)
        return found

    @cached_property
    def _sounds(self) -> list[str]:
        return sorted(self._by_sound)

    def _sharing(self, heard: str) -> set[str]:
        """Return the sounds that become the same when a letter is left out of either or both: one edit apart, and some more."""
        hashes, places = self._lacking
        found = set()
        for one in _lacking_one(heard):
            key = crc32(one.encode())
            at = bisect_left(hashes, key)
            while at < len(hashes) and hashes[at] == key:
                found.add(self._sounds[places[at]])
                at += 1
        return found

    @cached_property
    def _lacking(self) -> tuple[array[int], array[int]]:
        # Two arrays of numbers and no dictionary of strings: 1.5 MB and not 20.
        pairs = sorted(
            (crc32(one.encode()), number)
            for number, sounding in enumerate(self._sounds)
            for one in _lacking_one(sounding)
        )
        return array("L", (key for key, _ in pairs)), array("L", (number for _, number in pairs))

    @cached_property
    def _letters(self) -> dict[str, list[tuple[int, str]]]:
        found: dict[str, list[tuple[int, str]]] = {}
        for one in self._sounds:
            found.setdefault(one[0], []).append((_letters(one), one))
        return found

    def _alike(self, sounding: str) -> list[str]:
        """Return the sounds that begin as this one and share all but a few letters with it."""
        mine, long = _letters(sounding), len(sounding)
        return [
            one
            for has, one in self._letters.get(sounding[0], ())
            if (has ^ mine).bit_count() <= _LETTERS_APART and -2 <= len(one) - long <= 2
        ]


def nearest(word: str, known: Sequence[Vocabulary]) -> str:
    """Return the word of some edition that was probably meant by a misspelt one, or the word itself."""
    if len(word) < _SHORTEST or not word.isalpha():
        return word
    sounding = sound(word)
    for way in (Vocabulary.heard, Vocabulary.close, Vocabulary.far):
        if found := [near for one in known for near in way(one, word, sounding)]:
            return min(found).word
    return word


def _lacking_one(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _letters(word: str) -> int:
    found = 0
    for sign in word:
        found |= 1 << (ord(sign) - 97)
    return found


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be left out, put in, changed or swapped with the next; more than `most` as most + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, last[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return most + 1
    return row[-1]
