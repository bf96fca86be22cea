"""Finding the words of a requirement in notes, and what the note says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from query_mgr.clinical.assertions import HYPOTHETICAL, assertion

Span = tuple[int, int]

#: "Return to the ER for dyspnea": advice to a patient documents nothing
_ADVICE = re.compile(r"\b(?:return (?:to|for|if)|call (?:911|ambulance|your|if|for)|seek care)\b[^\n]*\Z", re.I)
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
    excluded = [found.span() for found in pattern(excluding).finditer(text)] if excluding else []
    for found in pattern(words).finditer(text):
        if not any(start <= found.start() and found.end() <= end for start, end in excluded):
            yield found.span(), _said(text, found.span())


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
