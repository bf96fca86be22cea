"""Search within a chart, by word and by concept; every hit says whether the text affirms it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from query_mgr.clinical.assertions import AFFIRMED, assertion, kinds
from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import mentions

MOST_HITS = 100
_LONGEST = 80  # characters of what somebody types
_AROUND = 70  # characters of context to either side
_WINDOW = 60  # characters to either side that decide which condition a name means


class Text(Protocol):
    """What is searched: a document, or a row that has its columns."""

    ref: str
    title: str
    authored_at: datetime
    text: str


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: the words typed, and every name of the conditions they name."""

    words: str
    conditions: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds the words and names at the beginning of words, the longest first."""
        return _pattern((self.words, *self.phrases))


@dataclass(frozen=True)
class Hit:
    """One place in one document: `document.text[start:end]`, with what stands around it."""

    document: Text
    start: int
    end: int
    before: str
    text: str
    after: str
    said: str  # affirmed | negated | uncertain | historical | family | hypothetical

    @property
    def is_plain(self) -> bool:
        """True where the text says it of this patient, now."""
        return self.said == AFFIRMED


def wanted(typed: str) -> Wanted | None:
    """Return what `typed` looks for, or None where nothing was typed."""
    words = " ".join(typed.split())[:_LONGEST].strip()
    if not words:
        return None
    named = {one.condition for one in mentions(words)}
    conditions = frozenset().union(*(_narrower()[one] for one in named)) if named else frozenset()
    phrases = {phrase.lower() for one in conditions for phrase in load()[one].mentions}
    return Wanted(words, conditions, tuple(sorted(phrases)))


def find(documents: Iterable[Text], typed: str) -> list[Hit]:
    """Return where documents hold `typed`, or another name of the condition that it names, in the order given."""
    looked_for = wanted(typed)
    hits: list[Hit] = []
    for document in documents if looked_for else ():
        for start, end in spans(document.text, looked_for):  # type: ignore[arg-type]
            hits.append(_hit(document, start, end))
            if len(hits) == MOST_HITS:
                return hits
    return hits


def spans(text: str, looked_for: Wanted) -> Iterator[tuple[int, int]]:
    """Yield the places in `text`, in order; none overlaps the one before."""
    pattern, at = looked_for.pattern, 0
    typed = _pattern((looked_for.words,))
    while found := pattern.search(text, at):
        place = _named(text, found.span(), looked_for.conditions)
        if place is None and (plain := typed.match(text, found.start())):
            place = plain.span()
        if place is not None and place[0] >= at:
            yield place
        at = max(place[1] if place else 0, found.start() + 1)


def _named(text: str, place: tuple[int, int], conditions: frozenset[str]) -> tuple[int, int] | None:
    """Return the name of one of `conditions` that overlaps `place`; "MI" may mean another thing by its neighbours."""
    if not conditions:
        return None
    first = max(0, place[0] - _WINDOW)
    for one in mentions(text[first : place[1] + _WINDOW]):
        if one.start + first < place[1] and place[0] < one.end + first:
            return (one.start + first, one.end + first) if one.condition in conditions else None
    return None


def _hit(document: Text, start: int, end: int) -> Hit:
    text = document.text
    return Hit(
        document,
        start,
        end,
        _line(text[max(0, start - _AROUND) : start]).lstrip(),
        text[start:end],
        _line(text[end : end + _AROUND]).rstrip(),
        assertion(text, (start, end)),
    )


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    each = sorted(phrases, key=len, reverse=True)
    written = (r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", phrase) if word) for phrase in each)
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})", re.IGNORECASE)


@lru_cache(maxsize=1)
def _narrower() -> Mapping[str, frozenset[str]]:
    """Return, per condition, itself and the conditions that are kinds of it."""
    found: dict[str, set[str]] = {}
    for one in load():
        for wider in kinds(one):
            found.setdefault(wider, set()).add(one)
    return {one: frozenset(narrower) for one, narrower in found.items()}
