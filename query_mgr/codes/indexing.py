"""Write the search index of an edition beside its codes, and make it anew where an older query_mgr made it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from query_mgr.codes.entries import SPAN, VERSION, Entries
from query_mgr.codes.models import Code, CodeEntry, CodeSet, CodeWord
from query_mgr.codes.rows import CodeRow
from query_mgr.platform.db import db, is_postgresql, unit_of_work

_ENTRIES = insert(CodeEntry.__table__)  # type: ignore[arg-type]
_WORDS = insert(CodeWord.__table__)  # type: ignore[arg-type]
# In the order of rows, as FTS5 wants them: out of order it writes each row by itself.
_FILL = """
INSERT INTO code_search (rowid, words) SELECT place, words FROM code_entry WHERE place BETWEEN ? AND ? ORDER BY place
"""
_AT_ONCE = 4_000


class Index:
    """The search index of one edition while its codes are inserted."""

    def __init__(self, connection: Connection, code_set: CodeSet) -> None:
        self._connection = connection
        self._code_set = code_set
        self._entries = Entries(code_set.id, code_set.system)

    def add(self, rows: Iterable[CodeRow]) -> None:
        """Write the entries of these codes."""
        found = [entry._asdict() for row in rows for entry in self._entries.of(row)]
        if found:
            self._connection.execute(_ENTRIES, found)

    def finish(self) -> None:
        """Write what needs all entries: the full-text index and the words."""
        edition = self._code_set.id
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql(_FILL, (edition * SPAN, (edition + 1) * SPAN - 1))
        words = [
            {"code_set_id": edition, "word": word[:400], "phrases": count}
            for word, count in self._entries.words.items()
        ]
        if words:
            self._connection.execute(_WORDS, words)
        self._code_set.indexed_as = VERSION


def stale() -> Sequence[CodeSet]:
    """Return the editions whose search index is missing or of an older query_mgr."""
    return db.session.scalars(select(CodeSet).where(CodeSet.indexed_as != VERSION).order_by(CodeSet.id)).all()


def renew() -> int:
    """Index every edition anew that needs it; return how many. Whoever comes second finds it done."""
    with unit_of_work():
        if is_postgresql():
            db.session.connection().exec_driver_sql("LOCK TABLE code_entry IN EXCLUSIVE MODE")
        found = stale()
        for code_set in found:
            for table in (CodeEntry, CodeWord):
                db.session.execute(delete(table).where(table.code_set_id == code_set.id))
            index = Index(db.session.connection(), code_set)
            columns = [getattr(Code, name) for name in CodeRow._fields]
            rows = select(*columns).where(Code.code_set_id == code_set.id).order_by(Code.id)
            for chunk in db.session.execute(rows, execution_options={"yield_per": _AT_ONCE}).partitions():
                index.add(CodeRow(*row) for row in chunk)
            index.finish()
        return len(found)
