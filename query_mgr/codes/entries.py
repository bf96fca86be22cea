"""What the search index holds of a code: a phrase for its title and one for each of its terms, in the order of rank. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple

from query_mgr.codes.ranking import MOST, code_cost, word_cost
from query_mgr.codes.rows import CodeRow
from query_mgr.codes.stems import STOP, fold, stem, words_of

#: raised when stems or weights change: an edition that was indexed by an older one is indexed anew
VERSION = 1
_TERM = 2  # a term costs a little more than a title of the same words
_OTHER = 2  # what is left over of a category is seldom meant by those who do not say it
_WHOLE = 8  # much more, what is said by title, terms and categories only together
_LENGTH_BITS, _ROW_BITS = 10, 22
_WEIGHT = 1 << (_LENGTH_BITS + _ROW_BITS)
#: the places of one edition; the next edition's follow
SPAN = (MOST + 1) * _WEIGHT


class Entry(NamedTuple):
    """One phrase of a code. `place` is its rank within the index: the lowest comes first."""

    place: int
    code_set_id: int
    code: str
    title: str
    #: the term that the phrase is, "" for the title
    term: str
    is_billable: bool
    valid_from: date | None
    valid_to: date | None
    #: the stems that are looked for, parted by blanks
    words: str


def weight_of(place: int) -> int:
    """Return what the phrase at a place costs."""
    return place % SPAN // _WEIGHT


class Entries:
    """Makes the entries of an edition, row by row; a category must come before what lies below it.

    words: every word of the edition -> in how many phrases.
    """

    def __init__(self, code_set_id: int, system: str) -> None:
        self.words: Counter[str] = Counter()
        self._first = code_set_id * SPAN
        self._edition = code_set_id
        self._has_chapters = system == "icd10cm"
        self._count = 0
        #: category -> the words of its terms, of those above it, and of their titles
        self._above: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, tuple[str, int]] = {}

    def of(self, row: CodeRow) -> Iterator[Entry]:
        """Yield the entries of a code: its title, its terms, and all of it together with the terms above it."""
        terms = list(dict.fromkeys(_terms(row)))
        base = code_cost(row.code, is_billable=row.is_billable, has_chapters=self._has_chapters)
        words = [self._words(phrase) for phrase in (row.title, *terms)]
        for phrase, found in zip(("", *terms), words, strict=True):
            weight = base + sum(self._known[word][1] for word in found) + (_TERM if phrase else 0)
            weight += _OTHER if (phrase or row.title).startswith(("Other ", "other ")) else 0
            yield self._entry(row, phrase, found, weight - self._first_encounter(row, phrase))
        if self._has_chapters:
            yield from self._whole(row, words, base)

    def _whole(self, row: CodeRow, words: list[list[str]], base: int) -> Iterator[Entry]:
        above = self._above.get(row.parent or "", ())
        if row.is_billable:
            told = set(words[0])
            later = len(row.code) == 8 and row.code[-1] != "A"
            if (len(words) > 1 or (above and not later)) and not told.issuperset(chain(above, *words[1:])):
                weight = base + sum(self._known[word][1] for word in words[0]) + _WHOLE
                found = [*chain(*words), *above]
                yield self._entry(row, "", found, weight - self._first_encounter(row, ""))
        elif above or len(words) > 1:
            self._above[row.code] = tuple(dict.fromkeys(chain(above, *words)))

    def _first_encounter(self, row: CodeRow, phrase: str) -> int:
        """Return what the words of a first encounter cost: nobody types them, and the code is what is meant."""
        if phrase or not row.title.endswith(_FIRST):
            return 0
        return sum(word_cost(word) for word in _FIRST_WORDS[row.title.endswith(_FIRST[0])])

    def _words(self, phrase: str) -> list[str]:
        found = list(indexed(phrase))
        for word in found:
            if word not in self._known:
                self._known[word] = stem(word), word_cost(word)
        self.words.update(found)
        return found

    def _entry(self, row: CodeRow, term: str, words: Iterable[str], weight: int) -> Entry:
        self._count += 1
        length = min(len(term or row.title), (1 << _LENGTH_BITS) - 1)
        place = self._first + min(weight, MOST) * _WEIGHT + (length << _ROW_BITS) + self._count
        stems = dict.fromkeys(self._known[word][0] for word in words)
        return Entry(
            place, self._edition, row.code, row.title, term[:400], row.is_billable, row.valid_from, row.valid_to,
            " ".join(stems),
        )  # fmt: skip


#: the seventh character A is what an injury is coded with first
_FIRST = ("initial encounter for closed fracture", "initial encounter")
_FIRST_WORDS = (("initial", "encounter"), ("initial", "encounter", "closed", "fracture"))


def indexed(phrase: str) -> Iterator[str]:
    """Yield the words of a phrase that are looked for. A capital A after the first word is a name: hepatitis A."""
    for number, word in enumerate(words_of(phrase)):
        if word not in STOP or (word == "a" and number and " A" in phrase):
            yield word


def _terms(row: CodeRow) -> Iterator[str]:
    yield from row.notes.get("inclusion_terms", ())
    yield from (note for note in row.notes.get("includes", ()) if len(note) < _LONGEST_INCLUDED)
    if row.short_title and fold(row.short_title) != fold(row.title)[: len(row.short_title)]:
        yield row.short_title
    if "long" in row.own:
        yield row.own["long"]


_LONGEST_INCLUDED = 120  # longer notes explain, and are no terms
