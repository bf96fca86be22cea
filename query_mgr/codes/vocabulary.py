"""The words of an edition: which begin as typed, and which was meant by a misspelt one. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from zlib import crc32

from query_mgr.codes.stems import sound, stem

_SHORTEST = 4  # a shorter word is too like others to be mended


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

    def near(self, word: str) -> tuple[int, int, str] | None:
        """Return the word that was probably meant: (how far off, minus its phrases, the word); None where none is near.

        One that sounds alike is 1 off, else the number of letters left out, put in, changed or swapped.
        """
        if len(word) < _SHORTEST or not word.isalpha():
            return None
        heard, most = sound(word), 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        found = [(1, -self._counts[one], one) for one in self._by_sound.get(heard, ())]
        if not found:
            found = list(self._within(word, heard, self._sharing(heard), most))
        if not found and most > 1:
            found = list(self._within(word, heard, self._alike(heard), most))
        return min(found, default=None)

    def _within(
        self, word: str, heard: str, candidates: Iterable[str], most: int
    ) -> Iterator[tuple[int, int, str]]:
        for other in candidates:
            off = distance(heard, other, most)
            if off <= most:
                for one in self._by_sound[other]:
                    # A first letter is seldom wrong, and of words as near as each other the common one is meant.
                    yield off + (word[0] != one[0]) + 1, -self._counts[one], one

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
    def _letters(self) -> list[tuple[int, str]]:
        return [(_letters(one), one) for one in self._sounds]

    def _alike(self, heard: str) -> list[str]:
        """Return the sounds that share all but a few letters with this one."""
        mine, long = _letters(heard), len(heard)
        return [one for has, one in self._letters if (has ^ mine).bit_count() <= 3 and -2 <= len(one) - long <= 2]


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
