"""Finding the words of a requirement in notes, and what the note says of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache

from query_mgr.clinical.assertions import HYPOTHETICAL, assertion

Span = tuple[int, int]

#: "Return to the ER for dyspnea": advice to a patient documents nothing
_ADVICE = re.compile(r"\b(?:return (?:to|for|if)|call (?:911|ambulance|your|if|for)|seek care)\b[^\n]*\Z", re.I)
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.;](?=\s)|\n")


@cache
def pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for whole words; spaces also match hyphens and line breaks, a final * any ending."""
    forms = []
    for word in words:
        stem = r"[\s\-]+".join(re.escape(part) for part in re.split(r"[\s\-]+", word.removesuffix("*")))
        forms.append(stem + (r"\w*" if word.endswith("*") else ""))
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.I) if forms else re.compile(r"(?!)")


def mentions(text: str, words: tuple[str, ...], excluding: tuple[str, ...] = ()) -> Iterator[tuple[Span, str]]:
    """Yield each span at which `text` names one of `words`, outside of `excluding` phrases, with its assertion."""
    if not may_hold(text, words):
        return
    excluded = [found.span() for found in pattern(excluding).finditer(text)] if excluding else []
    for found in pattern(words).finditer(text):
        if not any(start <= found.start() and found.end() <= end for start, end in excluded):
            yield found.span(), _said(text, found.span())


def may_hold(text: str, words: tuple[str, ...]) -> bool:
    """Return False where none of `words` can stand in `text`: the first word of none of them does. Quick."""
    exact, beginnings, is_odd = _heads(words)
    known, ordered = _vocabulary(text)
    if is_odd or not known.isdisjoint(exact):
        return True
    places = ((one, bisect_left(ordered, one)) for one in beginnings)
    return any(at < len(ordered) and ordered[at].startswith(one) for one, at in places)


@lru_cache(maxsize=4096)
def _vocabulary(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    known = frozenset(_WORD.findall(text.lower()))
    return known, tuple(sorted(known))


@cache
def _heads(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...], bool]:
    """Return what `words` begin with: whole words, beginnings of words, and whether one begins with no word at all."""
    exact, beginnings, is_odd = set[str](), set[str](), False
    for word in words:
        low = word.lower()
        first = _WORD.match(low)
        if first is None:
            is_odd = True
        elif low[first.end() :] == "*":
            beginnings.add(first[0])
        else:
            exact.add(first[0])
    return frozenset(exact), tuple(sorted(beginnings)), is_odd


def sentence(text: str, span: Span) -> Span:
    """Return the sentence around `span`, without blanks at its ends, at most 200 characters to either side."""
    low, high = max(0, span[0] - 200), min(len(text), span[1] + 200)
    cuts = [cut.end() for cut in _SENTENCE.finditer(text, low, span[0])]
    start = cuts[-1] if cuts else low
    stop = _SENTENCE.search(text, span[1], high)
    piece = text[start : stop.end() if stop else high]
    blanks = len(piece) - len(piece.lstrip())
    return start + blanks, start + len(piece.rstrip())


@lru_cache(maxsize=20_000)
def _said(text: str, span: Span) -> str:
    """Return affirmed | negated | uncertain | historical | family | hypothetical for the words at `span`."""
    left = text[max(0, span[0] - 200) : span[0]]
    cuts = [cut.end() for cut in _SENTENCE.finditer(left)]
    if _ADVICE.search(left[cuts[-1] :] if cuts else left):
        return HYPOTHETICAL
    return assertion(text, span)
