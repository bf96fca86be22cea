"""Type-ahead over the code set: by code, words, abbreviations and misspelt words."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from query_mgr.codes.lookup import edition_on
from query_mgr.codes.synonyms import SYNONYMS
from query_mgr.platform.db import db, is_postgresql

_WORD = re.compile(r"[a-z0-9]+")
_STARTS_LIKE_CODE = re.compile(r"[a-z]\d[0-9a-z]?(?:\.?[0-9a-z]{0,4})?", re.IGNORECASE)
LONGEST = 200  # characters read of what was typed


@dataclass(frozen=True)
class Hit:
    """One code found."""

    code: str
    title: str
    is_billable: bool


def search(typed: str, on: date | None = None, limit: int = 20) -> list[Hit]:
    """Return the codes that fit `typed` best in the edition of a date. Anything typed is taken literally."""
    edition, typed = edition_on(on), typed.strip()[:LONGEST]
    if edition is None or not typed:
        return []
    if _STARTS_LIKE_CODE.fullmatch(typed) and (found := _by_code(typed, edition, limit)):
        return found
    words = _words(typed)
    if not words:
        return []
    found = _by_words(words, edition, limit)
    if not found and (mended := _mended(words)) != words:
        found = _by_words(mended, edition, limit)
    return found


def _words(typed: str) -> list[str]:
    lowered = typed.lower()
    result: list[str] = []
    for word in _WORD.findall(lowered):
        result += _WORD.findall(SYNONYMS[word]) if word in SYNONYMS else [word]
    return list(dict.fromkeys(result))[:12]


def _by_code(typed: str, edition: int, limit: int) -> list[Hit]:
    bare = typed.upper().replace(".", "")
    prefix = f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare
    statement = text(
        "SELECT code, title, is_billable FROM code WHERE code_set_id = :edition AND code >= :low AND code < :high "
        "ORDER BY length(code), code LIMIT :limit"
    )
    values = {"edition": edition, "low": prefix, "high": prefix + "~", "limit": limit}
    return [Hit(row.code, row.title, bool(row.is_billable)) for row in db.session.execute(statement, values)]


_SQLITE = """
SELECT code.code, code.title, code.is_billable FROM code_search JOIN code ON code.id = code_search.rowid
WHERE code_search MATCH :match AND code.code_set_id = :edition
ORDER BY NOT code.is_billable, bm25(code_search) + length(code.title) / 20.0, code.code LIMIT :limit
"""
_POSTGRESQL = """
SELECT code, title, is_billable FROM code
WHERE search_vector @@ to_tsquery('english', :match) AND code_set_id = :edition
ORDER BY NOT is_billable, length(title) - 20 * ts_rank(search_vector, to_tsquery('english', :match)), code LIMIT :limit
"""


def _by_words(words: list[str], edition: int, limit: int) -> list[Hit]:
    if is_postgresql():
        match, statement = " & ".join(f"{word}:*" for word in words), _POSTGRESQL
    else:
        match, statement = " ".join(f'"{word}"*' for word in words), _SQLITE
    rows = db.session.execute(text(statement), {"match": match, "edition": edition, "limit": limit})
    return [Hit(row.code, row.title, bool(row.is_billable)) for row in rows]


_vocabulary: dict[int, list[str]] = {}


def _mended(words: list[str]) -> list[str]:
    """Replace words that no title has by the nearest one that some title has."""
    edition = edition_on()
    if edition is None:
        return words
    if edition not in _vocabulary:
        rows = db.session.execute(
            text("SELECT title FROM code WHERE code_set_id = :edition"), {"edition": edition}
        )
        _vocabulary[edition] = sorted(
            {word for row in rows for word in _WORD.findall(row.title.lower()) if len(word) > 3}
        )
    known = _vocabulary[edition]
    result = []
    for word in words:
        near = (
            [one for one in known if one[0] == word[0] and abs(len(one) - len(word)) < 3] if len(word) > 3 else []
        )
        result.append(next(iter(difflib.get_close_matches(word, near, 1, 0.75)), word))
    return result
