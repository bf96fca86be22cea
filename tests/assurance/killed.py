"""Kill a piece of work at its n-th statement, as `kill -9` or a power cut would, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count

from sqlalchemy import event

from query_mgr.platform.db import db, is_postgresql

_KILLED = 137
MOST_STATEMENTS = 2_000


def in_a_child(act: Callable[[], object]) -> int:
    """Run `act` in a process of its own and return its number."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    return child


def killed_at(nth: int, work: Callable[[], object]) -> bool:
    """Run `work` in a child that ends without a goodbye before its n-th statement or commit.

    Return whether it was killed; False where it was done before.
    """

    def work_until() -> None:
        done = count(1)

        def die(*arguments: object) -> None:
            if next(done) == nth:
                os._exit(_KILLED)

        event.listen(db.engine, "before_cursor_execute", die)
        event.listen(db.engine, "commit", die)
        work()

    child = in_a_child(work_until)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, _KILLED), f"the work failed with exit code {code}"
    return code == _KILLED


def rows() -> tuple[int, ...]:
    """Return how many rows each table holds."""
    db.session.rollback()
    counts = (f'SELECT count(*) FROM "{table.name}"' for table in db.metadata.sorted_tables)
    return tuple(db.session.scalars(db.text(" UNION ALL ".join(counts))).all())


def at_every_statement(work: Callable[[], object], then: Callable[[int], object]) -> int:
    """Kill `work` at its first, second, ... statement, and call `then` each time; return about how many there are.

    On PostgreSQL at one in three: which statements there are, SQLite has told.
    """
    step = 3 if is_postgresql() else 1
    for nth in range(1, MOST_STATEMENTS, step):
        if not killed_at(nth, work):
            return nth - 1
        then(nth)
    raise AssertionError(f"more than {MOST_STATEMENTS} statements")
