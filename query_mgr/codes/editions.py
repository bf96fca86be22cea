"""The editions that are loaded and their words, kept in the process and read again as soon as one comes or goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

from query_mgr.codes import indexing
from query_mgr.codes.entries import VERSION
from query_mgr.codes.vocabulary import Vocabulary
from query_mgr.platform.db import db

#: what changes whenever an edition is loaded or forgotten, by any process
_STAMP = "SELECT count(*), max(id), max(loaded_at), min(indexed_as) FROM code_set"
_EDITIONS = """
SELECT id, system, effective_from, effective_to FROM code_set ORDER BY system, effective_from DESC, id DESC
"""
_WORDS = "SELECT word, phrases FROM code_word WHERE code_set_id = "


_DAYS = 1_000  # days and systems for which the editions are remembered


class _Edition(NamedTuple):
    id: int
    system: str
    since: str
    until: str


def rows(statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """Run a plain statement, with `?` for its values, in the session's transaction; return all of its rows.

    For the type-ahead only, where what SQLAlchemy adds to a statement and to each row would double its time.
    """
    connection = db.session.connection()
    if connection.dialect.paramstyle != "qmark":
        statement = statement.replace("?", "%s")
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
    finally:
        cursor.close()


class InForce(NamedTuple):
    """The edition of a system in which is searched on a day (as ISO 8601), its words, and codes that were read from it."""

    system: str
    edition: int
    day: str
    words: Vocabulary
    read: dict[str, list[Any]]


@dataclass
class _Kept:
    stamp: tuple[Any, ...]
    editions: list[_Edition]
    words: dict[int, Vocabulary] = field(default_factory=dict)
    #: edition -> what was typed of a code -> the rows: main terms lead to the same codes again and again
    read: dict[int, dict[str, list[Any]]] = field(default_factory=dict)
    found: dict[tuple[date, tuple[str, ...]], list[InForce]] = field(default_factory=dict)


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def in_force(on: date, systems: tuple[str, ...]) -> list[InForce]:
    """Return the editions of the systems for a day, of each that has one; before the oldest, that one holds."""
    kept = _current()
    if (on, systems) not in kept.found:
        if len(kept.found) >= _DAYS:
            kept.found.clear()
        kept.found[on, systems] = [one for system in systems if (one := _opened(kept, system, on.isoformat()))]
    return kept.found[on, systems]


def _opened(kept: _Kept, system: str, day: str) -> InForce | None:
    edition = _pick(kept.editions, system, day)
    if edition is None:
        return None
    if edition not in kept.words:
        kept.words[edition] = Vocabulary(dict(rows(f"{_WORDS}{edition:d}")))
    return InForce(system, edition, day, kept.words[edition], kept.read.setdefault(edition, {}))


def _current() -> _Kept:
    engine = db.engine
    stamp = tuple(rows(_STAMP)[0])
    kept = _kept.get(engine)
    if kept is not None and kept.stamp == stamp:
        return kept
    if stamp[0] and stamp[3] != VERSION:
        indexing.renew()
        stamp = tuple(rows(_STAMP)[0])
    kept = _kept[engine] = _Kept(stamp, _read())
    return kept


def _read() -> list[_Edition]:
    return [
        _Edition(row[0], row[1], str(row[2]), "" if row[3] is None else str(row[3])) for row in rows(_EDITIONS)
    ]


def _pick(editions: list[_Edition], system: str, day: str) -> int | None:
    """Return the last edition that began by the day and has not ended; before any, the oldest."""
    own = [one for one in editions if one.system == system]
    held = [one for one in own if one.since <= day and (not one.until or one.until >= day)]
    return held[0].id if held else min(own, key=lambda one: (one.since, one.id)).id if own else None
