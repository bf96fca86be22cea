"""A text as words in order, each with its place, and where sentences and clauses begin."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: "isn't" is two words, "risk-adjusted" too; numbers, and the signs that end or part what is said
_TOKEN = re.compile(
    r"n't\b|[^\W\d_]+?(?=n't\b)|'(?:s|d|ll|ve|re|m)\b|[^\W\d_]+|\d+(?:[.,:/]\d+)*|[?!;.,:\n\"$+&()]|(?<=\s)-+(?=\s)"
)
_ENDS = frozenset("?!;\n")
_PARTS = frozenset('?!;\n.,:"()-')
#: a stop after these ends nothing
_SHORT = frozenset({"dr", "mr", "mrs", "ms", "vs", "approx", "no", "pt", "e", "i", "st"})
#: what may stand before the verb of an order or a question
_LEAD_ON = frozenset(
    [
        "and",
        "but",
        "so",
        "then",
        "please",
        "kindly",
        "also",
        "therefore",
        "hence",
        "just",
        "simply",
        "now",
        "thus",
        "or",
        "yet",
        "well",
    ]
)


@dataclass(frozen=True, eq=False)
class Tokens:
    """The words and signs of a text in lower case.

    A bit for each that ends a sentence (bounds), that ends what is said in one breath (breaths: a dash too), that opens a
    clause (heads).
    """

    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    bounds: int
    breaths: int
    heads: int

    def breath(self, at: int) -> tuple[int, int]:
        """Return the first and the last word of what is said in one breath with the word at `at`, the sign that ends it included."""
        after = self.breaths >> at
        last = at + (after & -after).bit_length() - 1 if after else len(self.words) - 1
        return (self.breaths & ((1 << at) - 1)).bit_length(), last

    def within(self, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield the first word and the number of words in each span of characters."""
        for start, end in spans:
            first = bisect.bisect_left(self.places, (start, start))
            past = bisect.bisect_left(self.places, (end, end))
            if past > first:
                yield first, past - first


@functools.lru_cache(maxsize=64)
def tokens(low: str) -> Tokens:
    """Return the words of a text in lower case."""
    found = tuple(_TOKEN.finditer(low))
    words = tuple(_read(low, one) for one in found)
    ends = [at for at, word in enumerate(words) if _ends(low, words, at, found[at].end())]
    opened = set(ends)
    heads = [
        at
        for at, word in enumerate(words)
        if word not in _PARTS
        and (not at or at - 1 in opened or words[at - 1] in _PARTS or words[at - 1] in _LEAD_ON)
    ]
    breaths = [*ends, *(at for at, word in enumerate(words) if word[0] == "-")]
    return Tokens(
        words, tuple(one.span() for one in found), *(bits(places, len(words)) for places in (ends, breaths, heads))
    )


def _read(low: str, found: re.Match[str]) -> str:
    """Return the word; "which" after a comma goes on telling and asks nothing."""
    tells_on = found[0] == "which" and low[max(0, found.start() - 2) : found.start()].rstrip().endswith(",")
    return "which," if tells_on else found[0]


def bits(positions: Iterable[int], length: int) -> int:
    """Return a number with a bit at each position."""
    held = bytearray(length // 8 + 1)
    for at in positions:
        held[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(held, "little")


def _ends(low: str, words: tuple[str, ...], at: int, end: int) -> bool:
    """Say whether a sentence ends: at a stop before a space, not at that of "Dr."."""
    if words[at] != ".":
        return words[at] in _ENDS
    return not (low[end : end + 1].strip() or (at and words[at - 1] in _SHORT and words[at + 1 : at + 2]))
