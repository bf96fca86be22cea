"""Type-ahead over the code systems: by code, words, abbreviations and misspelt words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, zip_longest
from typing import NamedTuple

from sqlalchemy import Date, bindparam, select, text

from query_mgr.codes import icd10cm
from query_mgr.codes.lookup import edition_on
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.ranking import STOP, cost, default_code, fold, words_of
from query_mgr.codes.synonyms import SYNONYMS
from query_mgr.codes.systems import SYSTEMS
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql

_STARTS_LIKE_CODE = re.compile(r"[a-z]\d[0-9a-z]?(?:\.?[0-9a-z]{0,4})?", re.IGNORECASE)
#: what joins two conditions in one line: "AKI on CKD", "DM2 w/ CKD"
_JOINT = re.compile(r"\b(?:on|with|and|due to|secondary to|vs|w)\b|[/+,;&]")
LONGEST = 200  # characters read of what was typed
MOST_WORDS = 12
CANDIDATES = 400  # shortest titles that are ranked; a broader search needs another word


@dataclass(frozen=True)
class Hit:
    """One code found; billable on the day that was asked for."""

    code: str
    title: str
    is_billable: bool
    system: str = "icd10cm"
    #: the inclusion term that was found, where it was not the title
    found_as: str = ""


class _At(NamedTuple):
    """Where is searched: an edition of a system, on a day."""

    edition: int
    system: str
    day: date


def search(typed: str, on: date | None = None, limit: int = 20, system: str = "icd10cm") -> list[Hit]:
    """Return the codes of one system that fit `typed` best in the edition of a date. See `search_all`."""
    return search_all(typed, on, limit, (system,))


def search_all(
    typed: str, on: date | None = None, limit: int = 20, systems: Iterable[str] = tuple(SYSTEMS)
) -> list[Hit]:
    """Return the codes that fit `typed` best in the editions of a date. Anything typed is taken literally.

    By code where it starts like one; else codes with all of its words, then with misspelt words mended, then those of
    each condition that the line joins, then codes with any of the words. The first of these that finds a code in any
    system decides; where several systems have one, their codes are taken in turn.
    """
    typed = fold(typed.replace("\x00", " ").strip()[:LONGEST])
    day = on or clock.now().date()
    if not typed or limit < 1:
        return []
    places = [_At(found, one, day) for one in systems if (found := edition_on(on, one)) is not None]
    for way in _WAYS:
        if hits := [some for at in places if (some := way(typed, at, limit))]:
            return [hit for row in zip_longest(*hits) for hit in row if hit][:limit]
    return []


def _as_code(typed: str, at: _At, limit: int) -> list[Hit]:
    """Return the codes that begin as typed, or as was probably meant: `I5O.9` holds a letter O."""
    if " " in typed:
        return []
    if at.system != "icd10cm":
        found = _by_code(typed, at, limit)
        # Without a digit it is a code only where it is whole: RT is a modifier, "bp" is not the sections of ICD-10-PCS.
        is_code = any(sign.isdigit() for sign in typed) or (found and found[0].code == typed.upper())
        return found if is_code else []
    if _STARTS_LIKE_CODE.fullmatch(typed) and (found := _by_code(typed, at, limit)):
        return found
    try:
        meant = icd10cm.with_placeholders(icd10cm.normalize(typed))
    except icd10cm.CodeError as error:
        meant = (error.suggestion,) if error.suggestion else ()
    return next((found for one in meant if (found := _by_code(one, at, limit))), [])


_VALID = (
    "is_billable AND (valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to >= :day) "
    "AS is_billable"
)
_BY_CODE = f"""
SELECT code, title, {_VALID} FROM code WHERE code_set_id = :edition AND code >= :low AND code < :high
ORDER BY length(code), code LIMIT :limit
"""


def _by_code(typed: str, at: _At, limit: int) -> list[Hit]:
    bare = typed.upper().replace(".", "")
    prefix = f"{bare[:3]}.{bare[3:]}" if at.system == "icd10cm" and len(bare) > 3 else bare
    return _hits(_BY_CODE, at, low=prefix, high=prefix + "~", limit=limit)


def _meant(typed: str) -> list[str]:
    """Return the words looked for: abbreviations written out, each word once, none that says nothing."""
    found = chain.from_iterable(words_of(SYNONYMS.get(word, word)) for word in words_of(typed))
    return [word for word in dict.fromkeys(found) if word not in STOP][:MOST_WORDS]


# The codes of an edition were inserted together: their span of row numbers keeps the index from reading other editions.
_SQLITE = f"""
SELECT code.code, code.title, {_VALID.replace("valid_", "code.valid_").replace("is_billable AND", "code.is_billable AND")}
FROM code_search JOIN code ON code.id = code_search.rowid
WHERE code_search MATCH :match AND code.code_set_id = :edition AND code_search.rowid
BETWEEN (SELECT min(id) FROM code WHERE code_set_id = :edition) AND (SELECT max(id) FROM code WHERE code_set_id = :edition)
ORDER BY NOT code.is_billable, length(code.title), code.code LIMIT :limit
"""
_POSTGRESQL = f"""
SELECT code, title, {_VALID} FROM code
WHERE search_vector @@ to_tsquery('english', :match) AND code_set_id = :edition
ORDER BY NOT code.is_billable, length(title), code COLLATE "C" LIMIT :limit
"""


def _with_all(typed: str, at: _At, limit: int) -> list[Hit]:
    return _of_words(_meant(typed), at, limit)


def _with_mended(typed: str, at: _At, limit: int) -> list[Hit]:
    words = _meant(typed)
    mended = _mended(words, at.edition)
    return _of_words(mended, at, limit) if mended != words else []


def _of_each_part(typed: str, at: _At, limit: int) -> list[Hit]:
    """Return the codes of each condition in a line such as "AKI on CKD", taken in turn."""
    parts = [words for part in _JOINT.split(typed) if (words := _meant(part))]
    if len(parts) < 2:
        return []
    found = [_of_words(words, at, limit) for words in parts]
    return list(dict.fromkeys(hit for row in zip_longest(*found) for hit in row if hit))[:limit]


def _with_any(typed: str, at: _At, limit: int) -> list[Hit]:
    words = _mended(_meant(typed), at.edition)
    return _ranked(words, _matching(words, at, "any"), at, limit) if len(words) > 1 else []


#: what is tried, in this order
_WAYS = (_as_code, _with_all, _with_mended, _of_each_part, _with_any)


def _of_words(words: list[str], at: _At, limit: int) -> list[Hit]:
    return _ranked(words, _matching(words, at, "all"), at, limit) if words else []


def _ranked(words: list[str], found: Iterable[Hit], at: _At, limit: int) -> list[Hit]:
    is_cm = at.system == "icd10cm"
    ranked = sorted(found, key=lambda hit: cost(words, hit.code, hit.title, hit.is_billable, has_chapters=is_cm))
    default = default_code(words) if is_cm else ""
    first = _by_code(default, at, 1) if default else []
    return list(dict.fromkeys([*first, *ranked]))[:limit]


def _matching(words: list[str], at: _At, how: str) -> list[Hit]:
    if is_postgresql():
        match, statement = (" & " if how == "all" else " | ").join(f"{word}:*" for word in words), _POSTGRESQL
    else:
        match, statement = (" " if how == "all" else " OR ").join(f'"{word}"*' for word in words), _SQLITE
    return _hits(statement, at, match=match, limit=CANDIDATES)


def _hits(statement: str, at: _At, **values: object) -> list[Hit]:
    bound = text(statement).bindparams(bindparam("day", at.day, Date))
    rows = db.session.execute(bound, {"edition": at.edition, "day": at.day, **values})
    return [Hit(row.code, row.title, bool(row.is_billable), at.system) for row in rows]


_vocabulary: dict[tuple[int, datetime], list[str]] = {}


def _mended(words: list[str], edition: int) -> list[str]:
    """Replace words that no title has by the nearest one that some title has."""
    known = _words_of_edition(edition)
    result = []
    for word in words:
        near = (
            [one for one in known if one[0] == word[0] and abs(len(one) - len(word)) < 3] if len(word) > 3 else []
        )
        result.append(next(iter(difflib.get_close_matches(word, near, 1, 0.75)), word))
    return result


def _words_of_edition(edition: int) -> list[str]:
    """Return the words of all titles, read once for each load of an edition."""
    loaded_at = db.session.scalars(select(CodeSet.loaded_at).where(CodeSet.id == edition)).one()
    if (edition, loaded_at) not in _vocabulary:
        titles = db.session.scalars(select(Code.title).where(Code.code_set_id == edition))
        _vocabulary[edition, loaded_at] = sorted(
            {word for title in titles for word in words_of(title) if len(word) > 3}
        )
    return _vocabulary[edition, loaded_at]
