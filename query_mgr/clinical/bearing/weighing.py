"""Whether what is told of a case carries an answer. Pure: words in, a weight out."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from query_mgr.clinical.assertions import NEGATED, assertion
from query_mgr.clinical.bearing.rows import Row, Signs, rows
from query_mgr.clinical.evidence import named_at, values
from query_mgr.clinical.labs import labs
from query_mgr.clinical.terms import Name
from query_mgr.clinical.terms.signs import is_described

#: what after a sign says that it was looked for and not found
_NOT_FOUND = re.compile(
    r"(?:[ -](?:(?:immuno)?stain\w*|pcr|antigen|antibod\w+|cultures?|screen|test\w*|serolog\w+|swab|titer|dfa|smear|ig[gm]|[dr]na|s|is|are|was|were|level|x ?\d))*"
    r"[ :(-]+(?:negative|neg\b|normal|wnl|patent|absent|not (?:seen|found|present|detected|given|done|used|noted|exposed|visible|encountered|reached|involved|entered|submitted)|undetect\w+|unremarkable|ruled out|excluded|none\b|never|no growth|clear\b)"
)
_NORMAL_BEFORE = re.compile(r"\b(?:normal|negative|clear|unremarkable|absent|denies|never(?: \w+)?|no) \Z")
#: a list of what is denied goes on
_LIST = re.compile(r"[^.;]*\b(?:or|nor)\b")
_BEFORE = 16  # characters in which a word before a sign may deny it


class Bearing(enum.Enum):
    """What the table says of an answer."""

    SPEAKS_FOR = "speaks for"
    SPEAKS_AGAINST = "speaks against"
    LACKS = "lacks what it needs"
    SILENT = "silent"


_FEW = 3
_WANTING = (Bearing.SPEAKS_AGAINST, Bearing.LACKS)
#: an answer of two diagnoses is carried by what carries one of them
_EITHER = re.compile(r"\bor\b|\w/\w")


@dataclass(frozen=True)
class Weight:
    """How the case bears on an answer. row: what decided; told: what speaks against it; carried: the concepts shown."""

    bearing: Bearing
    row: Row | None = None
    told: str = ""
    carried: frozenset[str] = frozenset()


def weigh(
    label: str,
    named: Sequence[Name],
    told: Sequence[str],
    found: Sequence[str],
    is_documented: Callable[[Name | None, Row], bool],
) -> Weight:
    """Return how what is told bears on an answer.

    label, told and found: lower case. named: the diagnoses that the label asserts.
    told: all that is said of the case. found: what of it is a finding, which may speak against the answer.
    is_documented: says whether a provider documented what a row asks of a diagnosis (None: of the label as a whole).
    """
    weights = [_weighed(row, told, found) for row in _called_up(label, named, is_documented)]
    weights = [one for one in weights if not _is_outdone(one, weights)]
    carried = frozenset().union(*(_carried(one) for one in weights))
    if _EITHER.search(label) and (len(named) < 2 or any(one.bearing not in _WANTING for one in weights)):
        return Weight(Bearing.SPEAKS_FOR, carried=carried)
    for bearing in _WANTING:
        for one in weights:
            if one.bearing is bearing:
                return one
    return Weight(Bearing.SPEAKS_FOR if carried else Bearing.SILENT, carried=carried)


def _is_outdone(weight: Weight, weights: Sequence[Weight]) -> bool:
    """Say whether a row lacks its signs while one that says more of the same diagnosis has them."""
    row = weight.row
    if row is None or row.says or weight.bearing is not Bearing.LACKS:
        return False
    return any(
        one.row is not None and one.bearing is Bearing.SPEAKS_FOR and one.row.of & row.of
        and (one.row.says or len(one.row.of) < len(row.of))
        for one in weights
    )  # fmt: skip


def _carried(weight: Weight) -> frozenset[str]:
    """Return the diagnoses that a row speaks for; what many have in common tells none from the others."""
    row = weight.row
    if row is None or weight.bearing is not Bearing.SPEAKS_FOR:
        return frozenset()
    return row.of if row.says or (not row.is_axis and len(row.of) <= _FEW) else frozenset()


def _called_up(
    label: str, named: Sequence[Name], is_documented: Callable[[Name | None, Row], bool]
) -> Iterator[Row]:
    """Yield the rows that an answer calls up, less those about what is documented."""
    table, seen = rows(), set()
    for name in named:
        for row in _rows_of(name):
            if row.id not in seen and says(row, label) and not is_documented(name, row):
                seen.add(row.id)
                yield row
    yield from (row for row in table.by_words if says(row, label) and not is_documented(None, row))


def _rows_of(name: Name) -> tuple[Row, ...]:
    """Return the rows about a diagnosis; those about what it is a kind of where we know nothing of itself."""
    of = rows().of
    return of.get(name.concept) or (() if is_described(name.concept) else of.get(name.kind_of, ()))


def says(row: Row, text: str) -> bool:
    """Say whether a text (lower case) holds the words that call a row up and does not deny them."""
    if row.says is None:
        return True
    return any(
        found.end() == found.start() or assertion(text, found.span()) != NEGATED
        for found in row.says.finditer(text)
    )


def _weighed(row: Row, told: Sequence[str], found: Sequence[str]) -> Weight:
    if any(_shown(row.shows, row.against, text) for text in told):
        return Weight(Bearing.SPEAKS_FOR, row)
    for text in found:
        if _stands(row.against, text) or (not row.of and not row.is_axis and _names(row.shows, text)):
            return Weight(Bearing.SPEAKS_AGAINST, row, text)
    if any(_shown(row.hints, row.against, text) for text in told):
        return Weight(Bearing.SPEAKS_FOR, row)
    return Weight(Bearing.SILENT if row.is_axis else Bearing.LACKS, row)


@functools.lru_cache(maxsize=16384)
def _shown(signs: Signs, against: Signs, text: str) -> bool:
    """Say whether a text tells one of the signs, and neither denies it nor speaks against the diagnosis by it ("BHB 0.2")."""
    if _measured(signs, text):
        return True
    if signs.words is None:
        return False
    contrary = _spans(against, text)
    return any(
        not _is_denied(text, found.span()) and not any(_overlap(found.span(), one) for one in contrary)
        for found in signs.words.finditer(text)
    )


@functools.lru_cache(maxsize=16384)
def _stands(signs: Signs, text: str) -> bool:
    """Say whether a text holds one of the signs, whatever it says of it."""
    return _measured(signs, text) or (signs.words is not None and bool(signs.words.search(text)))


@functools.lru_cache(maxsize=16384)
def _spans(signs: Signs, text: str) -> tuple[tuple[int, int], ...]:
    """Return where signs stand in a text: the words, and the names of the measurements."""
    found = [one.span() for one in signs.words.finditer(text)] if signs.words is not None else []
    for level in signs.levels:
        if any(level.holds(value) for value in values(labs()[level.lab], text)):
            found += [(end - 1, end) for end in named_at(text, level.lab)]
    return tuple(found)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _names(signs: Signs, text: str) -> bool:
    """Say whether a text names one of the signs, all of which it denies where none is shown ("no contrast given")."""
    return signs.words is not None and bool(signs.words.search(text))


def _measured(signs: Signs, text: str) -> bool:
    return any(level.holds(value) for level in signs.levels for value in values(labs()[level.lab], text))


def _is_denied(text: str, span: tuple[int, int]) -> bool:
    start, end = span
    word_end = _word_end(text, end)
    return (
        _is_negated(text, start, word_end)
        or bool(_NOT_FOUND.match(text, word_end))
        or bool(_NORMAL_BEFORE.search(text[max(0, start - _BEFORE) : start]))
    )


def _is_negated(text: str, start: int, end: int) -> bool:
    """Say whether a sign is negated. "No" reaches over a comma only in a list that ends in "or" ("no fever, chills or cough")."""
    if assertion(text, (start, end)) != NEGATED:
        return False
    comma = text.rfind(",", 0, start) + 1
    return (
        not comma
        or assertion(text[comma:], (start - comma, end - comma)) == NEGATED
        or bool(_LIST.match(text, start))
    )


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isalnum():
        at += 1
    return at
