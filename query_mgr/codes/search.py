"""Type-ahead over the code set: by code, words, abbreviations and misspelt words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, zip_longest

from sqlalchemy import select, text

from query_mgr.codes import icd10cm
from query_mgr.codes.lookup import edition_on
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.ranking import STOP, cost, default_code, fold, words_of
from query_mgr.codes.synonyms import SYNONYMS
from query_mgr.platform.db import db, is_postgresql

_STARTS_LIKE_CODE = re.compile(r"[a-z]\d[0-9a-z]?(?:\.?[0-9a-z]{0,4})?", re.IGNORECASE)
#: what joins two conditions in one line: "AKI on CKD", "DM2 w/ CKD"
_JOINT = re.compile(r"\b(?:on|with|and|due to|secondary to|vs|w)\b|[/+,;&]")
LONGEST = 200  # characters read of what was typed
MOST_WORDS = 12
CANDIDATES = 400  # shortest titles that are ranked; a broader search needs another word


@dataclass(frozen=True)
class Hit:
    """One code found."""

    code: str
    title: str
    is_billable: bool


def search(typed: str, on: date | None = None, limit: int = 20) -> list[Hit]:
    """Return the codes that fit `typed` best in the edition of a date. Anything typed is taken literally.

    By code where it starts like one; else codes with all of its words, then with misspelt words mended, then those of
    each condition that the line joins, then codes with any of the words.
    """
    typed = fold(typed.replace("\x00", " ").strip()[:LONGEST])
    edition = edition_on(on) if typed else None
    if edition is None:
        return []
    if " " not in typed and (found := _as_code(typed, edition, limit)):
        return found
    words = _meant(typed)
    if not words:
        return []
    mended = _mended(words, edition)
    return (
        _with_all(words, edition, limit)
        or (mended != words and _with_all(mended, edition, limit))
        or _of_each_part(typed, edition, limit)
        or _with_any(mended, edition, limit)
    )


def _as_code(typed: str, edition: int, limit: int) -> list[Hit]:
    """Return the codes that begin as typed, or as was probably meant: `I5O.9` holds a letter O."""
    if _STARTS_LIKE_CODE.fullmatch(typed) and (found := _by_code(typed, edition, limit)):
        return found
    try:
        meant = icd10cm.with_placeholders(icd10cm.normalize(typed))
    except icd10cm.CodeError as error:
        meant = (error.suggestion,) if error.suggestion else ()
    return next((found for one in meant if (found := _by_code(one, edition, limit))), [])


def _by_code(typed: str, edition: int, limit: int) -> list[Hit]:
    bare = typed.upper().replace(".", "")
    prefix = f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare
    statement = text(
        "SELECT code, title, is_billable FROM code WHERE code_set_id = :edition AND code >= :low AND code < :high "
        "ORDER BY length(code), code LIMIT :limit"
    )
    return _hits(statement, edition=edition, low=prefix, high=prefix + "~", limit=limit)


def _meant(typed: str) -> list[str]:
    """Return the words looked for: abbreviations written out, each word once, none that says nothing."""
    found = chain.from_iterable(words_of(SYNONYMS.get(word, word)) for word in words_of(typed))
    return [word for word in dict.fromkeys(found) if word not in STOP][:MOST_WORDS]


_SQLITE = """
SELECT code.code, code.title, code.is_billable FROM code_search JOIN code ON code.id = code_search.rowid
WHERE code_search MATCH :match AND code.code_set_id = :edition
ORDER BY NOT code.is_billable, length(code.title), code.code LIMIT :limit
"""
_POSTGRESQL = """
SELECT code, title, is_billable FROM code
WHERE search_vector @@ to_tsquery('english', :match) AND code_set_id = :edition
ORDER BY NOT is_billable, length(title), code COLLATE "C" LIMIT :limit
"""


def _with_all(words: list[str], edition: int, limit: int) -> list[Hit]:
    return _ranked(words, _matching(words, edition, "all"), edition, limit)


def _with_any(words: list[str], edition: int, limit: int) -> list[Hit]:
    return _ranked(words, _matching(words, edition, "any"), edition, limit) if len(words) > 1 else []


def _of_each_part(typed: str, edition: int, limit: int) -> list[Hit]:
    """Return the codes of each condition in a line such as "AKI on CKD", taken in turn."""
    parts = [words for part in _JOINT.split(typed) if (words := _meant(part))]
    if len(parts) < 2:
        return []
    found = [_with_all(words, edition, limit) for words in parts]
    return list(dict.fromkeys(hit for row in zip_longest(*found) for hit in row if hit))[:limit]


def _ranked(words: list[str], found: Iterable[Hit], edition: int, limit: int) -> list[Hit]:
    ranked = sorted(found, key=lambda hit: cost(words, hit.code, hit.title, hit.is_billable))
    default = default_code(words)
    first = _by_code(default, edition, 1) if default else []
    return list(dict.fromkeys([*first, *ranked]))[:limit]


def _matching(words: list[str], edition: int, how: str) -> list[Hit]:
    if is_postgresql():
        match, statement = (" & " if how == "all" else " | ").join(f"{word}:*" for word in words), _POSTGRESQL
    else:
        match, statement = (" " if how == "all" else " OR ").join(f'"{word}"*' for word in words), _SQLITE
    return _hits(text(statement), match=match, edition=edition, limit=CANDIDATES)


def _hits(statement: object, **values: object) -> list[Hit]:
    rows = db.session.execute(statement, values)  # type: ignore[call-overload]
    return [Hit(row.code, row.title, bool(row.is_billable)) for row in rows]


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
