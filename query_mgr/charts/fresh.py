"""Messages of which nothing is on file: nearly all that a feed brings, kept in a statement each by the driver's own calls.

A sender waits for each commit, so what stands around it counts: the statement is compiled once, and asks itself whether
the message or its control id came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine

from query_mgr.charts.models import FeedMessage
from query_mgr.platform.db import db

RECEIVED = "received"  # on the disk and acknowledged, not yet in a chart
COUNTS = ("imported", RECEIVED)  # statuses of messages that need not come again
_TABLE: Any = FeedMessage.__table__
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": ""}  # psycopg begins by itself


def keep(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Write down messages, durably, in one transaction; return the digests of those that were kept.

    One whose message or control id is on file is left out, and nothing of it is written.
    """
    sql, parameters, begin = _statement(db.engine)
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if begin:
            cursor.execute(begin)
        kept = set()
        for row in rows:
            cursor.execute(sql, parameters(row))
            if cursor.rowcount == 1:
                kept.add(row["digest"])
        connection.commit()
        return kept
    finally:
        connection.close()  # back to the pool, which rolls back what was not committed


@cache
def _statement(engine: Engine) -> tuple[str, Callable[[Mapping[str, Any]], Any], str]:
    """Return the statement in the driver's own words, what makes its parameters of a row, and what begins."""
    columns = [each for each in _TABLE.c if each.name != "id"]
    used = exists().where(
        _TABLE.c.sender == bindparam("sender"),
        _TABLE.c.control_id == bindparam("control_id"),
        _TABLE.c.status.in_([literal_column(f"'{one}'") for one in COUNTS]),
    )
    row = select(*(bindparam(each.name, type_=each.type) for each in columns)).where(~used)
    statement = _INSERT[engine.dialect.name](_TABLE).from_select([each.name for each in columns], row)
    compiled: Any = statement.on_conflict_do_nothing().compile(dialect=engine.dialect)
    processors = compiled._bind_processors

    def parameters(values: Mapping[str, Any]) -> Any:
        ready = {name: processors[name](value) if name in processors else value for name, value in values.items()}
        return [ready[name] for name in compiled.positiontup] if compiled.positional else ready

    return compiled.string, parameters, _BEGIN[engine.dialect.name]
