"""Type-ahead over the code systems: by code, words, abbreviations and misspelt words.

The index holds the phrases of an edition in the order of their rank (`entries.py`), so that the first rows that fit are
the best ones: nothing is sorted, and a broad search costs no more than a narrow one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from operator import itemgetter
from typing import Any

from query_mgr.codes import editions, icd10cm
from query_mgr.codes.editions import InForce as _At
from query_mgr.codes.entries import SPAN, weight_of
from query_mgr.codes.meaning import Term, Wanted, begun, defaults, exactly, meant, parts, terms_of
from query_mgr.codes.stems import fold, stem
from query_mgr.codes.synonyms import SYNONYMS
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.vocabulary import Vocabulary, nearest
from query_mgr.platform import clock
from query_mgr.platform.db import is_postgresql

_STARTS_LIKE_CODE = re.compile(r"[a-z]\d[0-9a-z]?(?:\.?[0-9a-z]{0,4})?", re.IGNORECASE)
_BMI = re.compile(r"(?:bmi|body mass index)(?: of| is|[:=])? ?(\d\d)(?:\.\d+)?", re.IGNORECASE)
LONGEST = 200  # characters read of what was typed
_BEGUN_COSTS = 2  # a word that only begins as typed is a little further off
_MOST_LEFT_OUT = 8  # words of a long line that are tried with some left out


@dataclass(frozen=True)
class Hit:
    """One code found; billable on the day that was asked for."""

    code: str
    title: str
    is_billable: bool
    system: str = "icd10cm"
    #: the inclusion term that was found, where it was not the title
    found_as: str = ""


#: what a phrase costs, the number of its edition among those asked, and its row as `_ENTRY` reads it
_Found = tuple[int, int, Sequence[Any], _At]


def search(typed: str, on: date | None = None, limit: int = 20, system: str = "icd10cm") -> list[Hit]:
    """Return the codes of one system that fit `typed` best in the edition of a date. See `search_all`."""
    return search_all(typed, on, limit, (system,))


def search_all(
    typed: str, on: date | None = None, limit: int = 20, systems: Iterable[str] = tuple(SYSTEMS)
) -> list[Hit]:
    """Return the codes that fit `typed` best in the editions of a date. Anything typed is taken literally.

    By code where it starts like one; else codes with all of its terms, misspelt words mended; then those of each
    condition that the line joins; then codes with most of its words. The first of these that finds a code in any
    system decides. Codes of several systems come in the order of their rank.
    """
    typed = fold(typed.replace("\x00", " ").strip()[:LONGEST])
    if not typed or limit < 1:
        return []
    day = on or clock.now().date()
    places = editions.in_force(day, tuple(systems))
    for way in (_as_code, _as_words, _of_each_part, _with_most):
        if hits := way(typed, places, limit):
            return hits[:limit]
    return []


# --- by code ---------------------------------------------------------------------------------------------------------

_BY_CODE = """
SELECT code_set_id, code, title, is_billable, valid_from, valid_to, '' FROM code
WHERE code_set_id = ? AND code >= ? AND code < ? ORDER BY length(code), code LIMIT ?
"""


def _as_code(typed: str, places: Sequence[_At], limit: int) -> list[Hit]:
    """Return the codes that begin as typed, or as was probably meant: `I5O.9` holds a letter O."""
    if number := _BMI.fullmatch(typed):
        typed = _of_bmi(int(number[1])).lower()
    if " " in typed or not (len(typed) == 2 or any(sign.isdigit() for sign in typed)):
        return []
    found = [_codes_of(typed, at, limit) for at in places]
    return [hit for hits in found for hit in hits][:limit]


def _codes_of(typed: str, at: _At, limit: int) -> list[Hit]:
    if at.system != "icd10cm":
        found = _by_code(typed, at, limit)
        # Without a digit it is a code only where it is whole: RT is a modifier, "bp" is not the sections of ICD-10-PCS.
        is_code = any(sign.isdigit() for sign in typed) or (found and found[0].code == typed.upper())
        return found if is_code else []
    if _STARTS_LIKE_CODE.fullmatch(typed) and (found := _by_code(typed, at, limit)):
        return found
    try:
        likely = icd10cm.with_placeholders(icd10cm.normalize(typed))
    except icd10cm.CodeError as error:
        likely = (error.suggestion,) if error.suggestion else ()
    return next((found for one in likely if (found := _by_code(one, at, limit))), [])


def _by_code(typed: str, at: _At, limit: int) -> list[Hit]:
    bare = typed.upper().replace(".", "")
    prefix = f"{bare[:3]}.{bare[3:]}" if at.system == "icd10cm" and len(bare) > 3 else bare
    found = editions.rows(_BY_CODE, (at.edition, prefix, prefix + "~", limit))
    return [_hit(row, at) for row in found]


def _of_bmi(number: int) -> str:
    """Return the code of an adult's body mass index in kg/m2. Source: the titles of category Z68."""
    if number < 20:
        return "Z68.1"
    if number < 40:
        return f"Z68.{number}"
    return "Z68.41" if number < 45 else "Z68.42" if number < 50 else f"Z68.4{min(number // 10, 7) - 2}"


def _hit(row: Sequence[Any], at: _At) -> Hit:
    """Return a row as a hit. It is billable where its own dates, which HCPCS and CPT have, hold on the day."""
    _, code, title, billable, since, until, term = row
    held = (since is None or str(since) <= at.day) and (until is None or str(until) >= at.day)
    return Hit(code, title, bool(billable) and held, at.system, term)


# --- by words --------------------------------------------------------------------------------------------------------


def _as_words(typed: str, places: Sequence[_At], limit: int) -> list[Hit]:
    """Return the codes with all terms, whole or begun; where there are none, with misspelt words mended."""
    words = meant(typed)
    found = _with_all(terms_of(words), places, limit)
    if not found and (mended := _mended(words, places)) != words:
        found = _with_all(terms_of(mended), places, limit)
    return found


def _with_all(terms: list[Term], places: Sequence[_At], limit: int) -> list[Hit]:
    if not terms:
        return []
    whole = _asked(exactly, terms, places)
    found = _matching(whole, limit)
    counts = Counter(one[3].edition for one in found)
    few = [at for at in places if not counts[at.edition] or len(found) < limit > counts[at.edition]]
    more = _asked(begun, terms, few)
    found += [(cost + _BEGUN_COSTS, number, row, at) for cost, number, row, at in _matching(more, limit)]
    return _in_order(_first([*whole, *more]), found, limit)


_Asked = list[tuple[_At, Wanted]]


def _asked(
    way: Callable[[Sequence[Term], Vocabulary], Wanted | None], terms: Sequence[Term], places: Iterable[_At]
) -> _Asked:
    return [(at, wanted) for at in places if (wanted := way(terms, at.words)) is not None]


def _first(asked: _Asked) -> list[Hit]:
    """Return what the main terms of ICD-10-CM alone lead to."""
    found = [(at, code) for at, wanted in asked if at.system == "icd10cm" for code in defaults(wanted)]
    hits = []
    for at, code in found:
        if code not in at.read:
            at.read[code] = editions.rows(_BY_CODE, (at.edition, code, code + "~", 1))
        hits += [_hit(row, at) for row in at.read[code] if row[1] == code]
    return list(dict.fromkeys(hits))


def _in_order(first: list[Hit], found: list[_Found], limit: int) -> list[Hit]:
    hits = {(hit.system, hit.code): hit for hit in first}
    found.sort(key=itemgetter(0, 1))
    for _, _, row, at in found:
        if (at.system, row[1]) not in hits:
            if len(hits) >= limit:
                break
            hits[at.system, row[1]] = _hit(row, at)
    return list(hits.values())


def _mended(words: list[str], places: Sequence[_At]) -> list[str]:
    """Replace each word that no edition has, nor any word that begins so, by the nearest one that some edition has."""
    known = [at.words for at in places]
    return [word if _is_known(word, known) else nearest(word, known) for word in words]


def _is_known(word: str, known: Iterable[Vocabulary]) -> bool:
    begun = len(word) > 1
    return (stem(word),) in SYNONYMS or any(one.has(word) or (begun and one.begins(word, 1)) for one in known)


def _of_each_part(typed: str, places: Sequence[_At], limit: int) -> list[Hit]:
    """Return the codes of each condition in a line such as "AKI on CKD", taken in turn."""
    found = [_with_all(terms_of(_mended(words, places)), places, limit) for words in parts(typed)]
    longest = max(map(len, found), default=0)
    return list(dict.fromkeys(hits[n] for n in range(longest) for hits in found if n < len(hits)))


def _with_most(typed: str, places: Sequence[_At], limit: int) -> list[Hit]:
    """Return the codes with as many of the terms as any code has: those that say least are left out first."""
    terms = terms_of(_mended(meant(typed), places))
    terms = [term for term in terms if _asked(begun, [term], places) or _asked(exactly, [term], places)]
    terms.sort(key=lambda term: min(_phrases(term, at) for at in places))
    terms = terms[:_MOST_LEFT_OUT]
    for count in range(len(terms), 0, -1):
        for some in combinations(terms, count):  # the rarest words, which say most, stand first
            if found := _with_all(list(some), places, limit):
                return found
    return []


def _phrases(term: Term, at: _At) -> int:
    wanted = exactly([term], at.words)
    return min((at.words.stems[one] for words in wanted[0] for one in words), default=1) if wanted else 1 << 30


# --- in the index ----------------------------------------------------------------------------------------------------

_ENTRY = "place, code, title, is_billable, valid_from, valid_to, term"
# CROSS JOIN: the index leads, in the order of its rows, and stops at the limit. Only the rows of the edition are read.
_SQLITE = f"""
SELECT {_ENTRY} FROM code_search CROSS JOIN code_entry ON place = code_search.rowid
WHERE code_search MATCH ? AND code_search.rowid BETWEEN ? AND ? ORDER BY code_search.rowid LIMIT ?
"""
# Of a common word the first phrases in the order of places are soon found; of others the index names the few there are.
# MATERIALIZED holds PostgreSQL to that: prepared without knowing the words it would walk through all places.
_POSTGRESQL_COMMON = f"""
SELECT {_ENTRY} FROM code_entry
WHERE search_vector @@ to_tsquery('simple', ?) AND place BETWEEN ? AND ? ORDER BY place LIMIT ?
"""
_POSTGRESQL = f"""
WITH found AS MATERIALIZED (
SELECT {_ENTRY} FROM code_entry WHERE search_vector @@ to_tsquery('simple', ?)
) SELECT * FROM found WHERE place BETWEEN ? AND ? ORDER BY place LIMIT ?
"""
_COMMON = 2_000  # phrases


@lru_cache(maxsize=1024)
def _statement(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else " UNION ALL ".join(f"SELECT * FROM ({one}) AS part" for one in parts)


def _matching(asked: _Asked, limit: int) -> list[_Found]:
    """Return the first phrases of each edition that have what is wanted there."""
    if not asked:
        return []
    for_postgresql = is_postgresql()
    parts, values = list[str](), list[Any]()
    for at, wanted in asked:
        values += (_fts5(wanted), at.edition * SPAN, (at.edition + 1) * SPAN - 1, limit)
        parts.append(_SQLITE)
        if for_postgresql:
            values[-4] = f"edition{at.edition} & {_tsquery(wanted)}"
            parts[-1] = _POSTGRESQL_COMMON if _is_common(at, wanted) else _POSTGRESQL
    by_edition = {at.edition: (number, at) for number, (at, _) in enumerate(asked)}
    found = []
    for row in editions.rows(_statement(tuple(parts)), tuple(values)):
        number, at = by_edition[row[0] // SPAN]
        found.append((weight_of(row[0]), number, row, at))
    return found


def _is_common(at: _At, wanted: Wanted) -> bool:
    """Return whether very many phrases of an edition have the one term that is wanted."""
    if len(wanted) > 1:
        return False
    return max(min(at.words.stems[one] for one in stems) for stems in wanted[0]) >= _COMMON


def _fts5(wanted: Wanted) -> str:
    return " AND ".join(_either(one, '"{}"', " AND ", " OR ") for one in wanted)


def _tsquery(wanted: Wanted) -> str:
    return " & ".join(_either(one, "'{}'", " & ", " | ") for one in wanted)


def _either(readings: Iterable[Sequence[str]], quoted: str, both: str, either: str) -> str:
    """Write one term. Stems are letters and digits, and nothing in them is syntax."""
    each: Iterator[str] = (both.join(map(quoted.format, stems)) for stems in readings)
    return "(" + either.join(f"({one})" for one in each) + ")"
