"""Words that a rule forbids in one sense and lets pass in another: the table row, and the search that walks a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from query_mgr.queries.lint.reading import Hit, Shown

#: how far to either side a sentence is read
_REACH = 240
_QUOTED = re.compile(r"\"[^\"\n]{3,200}\"|(?<![\w'])'[^'\n]{1,200}(?:'\w[^'\n]{0,200})?'(?!\w)")
#: whose words are told, not the author's
_TOLD = re.compile(
    r"\b(?:patient|pt|wife|husband|daughter|son|mother|father|mom|dad|parents?|family|nurse|rn|ems|caregiver|spouse|sister|brother|neighbor|"
    r"friend|paramedics?|staff at \w+|roommate|teacher|nephrology|cardiology|neurology|surgery|psychiatry|psychiatrist|pharmacy|pharmacist|dietitian|rd|rt|slp|speech therapy|physical therapy|wocn|oncology|hematology|urology|orthopedics|ortho|infectious disease|id|gi|pulmonary|anesthesia|palliative care|radiolog(?:y|ist)|pathologist)\b(?: [\w'/-]+){0,4}? (?:says?|said|tells?|told|states?|stated|reports?|reported|thinks?|thought|believes?|"
    r"believed|felt|feels|insists?|insisted|asks?|asked|describes?|described|claims?|claimed|denies|denied|worries|complains?|noticed|wonders?|wrote|writes|recommends?|recommended|advises?|advised|suggests?|suggested|requests?|requested)\b"
)
_TO_READER = re.compile(r"\b(?:please|kindly|you|your|we|our|us|so|hence|therefore|thus)\b")
_END = re.compile(r"[.!?;](?=\s|\Z)|\n")


@dataclass(frozen=True)
class Sense:
    """Words (a regular expression over lower-case text) that are wrong in the sense that the sentence around them gives.

    beside: what the sentence must hold as well; unless: what makes the sentence harmless; "" for neither.
    elsewhere: what makes them harmless wherever it stands in the query, such as an abbreviation written out.
    """

    words: str
    beside: str = ""
    unless: str = ""
    elsewhere: str = ""


class Senses:
    """A table of senses, ready to be searched for."""

    def __init__(self, rows: Sequence[Sense]) -> None:
        self.rows = tuple(rows)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return _bounded("|".join(f"(?:{row.words})" for row in self.rows))

    @cached_property
    def _compiled(self) -> tuple[tuple[re.Pattern[str], ...], ...]:
        return tuple(
            (_bounded(row.words), _bounded(row.beside), *map(_bounded_or_never, (row.unless, row.elsewhere)))
            for row in self.rows
        )

    def found(self, low: str, everything: str = "") -> Iterator[tuple[int, int]]:
        """Yield where words stand in their forbidden sense, in order, none twice.

        everything: all that the query says, in lower case.
        """
        if not self._any.search(low):
            return
        places = set()
        for words, beside, unless, elsewhere in self._compiled:
            meant = {match.span() for match in words.finditer(low) if _is_meant(low, match, beside, unless)}
            if meant and not elsewhere.search(everything):
                places |= meant
        end = 0
        for place in sorted(places, key=lambda at: (at[0], -at[1])):
            if place[0] >= end:
                end = place[1]
                yield place

    def hits(self, texts: Iterable[Shown], why: str) -> Iterator[Hit]:
        """Yield the first of them in each text; the message says the words and `why` they are wrong."""
        for shown in texts:
            if place := self.first(shown):
                yield shown.hit(*place, f"“{shown.text[place[0] : place[1]]}” {why}.")

    def first(self, shown: Shown) -> tuple[int, int] | None:
        """Return where the first of them stands in a text."""
        return next(self.found(shown.low), None)


def spoken_by_author(shown: Shown, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the places that are neither quoted nor told as what the patient, the family or another service says."""
    quoted = [found.span() for found in _QUOTED.finditer(shown.low)]
    for start, end in places:
        if not _is_told(shown, start, end) and not any(first <= start and end <= last for first, last in quoted):
            yield start, end


def _is_told(shown: Shown, start: int, end: int) -> bool:
    """Say whether the sentence tells somebody's words up to the place, with none to the reader in between."""
    told = _TOLD.search(shown.low, max(shown.span_of(start)[0], start - _REACH), end)
    return bool(told) and not (told and _TO_READER.search(shown.low, told.end(), end))


def sentence_at(low: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around `start:end`, no wider than the reach to either side."""
    left = max(0, start - _REACH)
    ends = [found.end() for found in _END.finditer(low, left, start)]
    after = _END.search(low, end, end + _REACH)
    return (ends[-1] if ends else left), (after.end() if after else min(len(low), end + _REACH))


def _is_meant(low: str, match: re.Match[str], beside: re.Pattern[str], unless: re.Pattern[str]) -> bool:
    start, end = sentence_at(low, *match.span())
    sentence = low[start:end]
    return bool(beside.search(sentence)) and not unless.search(sentence)


def _bounded(words: str) -> re.Pattern[str]:
    """Return the pattern for whole words."""
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else re.compile("")


def _bounded_or_never(words: str) -> re.Pattern[str]:
    return _bounded(words) if words else re.compile(r"(?!)")
