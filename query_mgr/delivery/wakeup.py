"""A bell that rings in every idle worker when the outbox got a message. The outbox is the truth, the bell only haste.

See docs/decisions/0011-a-bell-instead-of-a-broker.md.
"""

from __future__ import annotations

import threading
import time

import psycopg
from sqlalchemy import text

from query_mgr.platform.db import db, is_postgresql

_CHANNEL = "query_mgr_outbox"
_SLICE_SECONDS = 1.0  # a worker that is told to stop does so within a second, however long it may sleep


def ring() -> None:
    """Wake idle workers on every host once the running transaction is committed, where the database can."""
    if is_postgresql():
        db.session.execute(text(f"NOTIFY {_CHANNEL}"))


class Bell:
    """One worker's ear: without PostgreSQL, and while its connection is down, it is an ordinary wait."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def wait(self, stopping: threading.Event, seconds: float) -> bool:
        """Wait until it rings, `stopping` is set or `seconds` are over; return whether it rang."""
        if not is_postgresql():
            stopping.wait(seconds)
            return False
        end = time.monotonic() + seconds
        try:
            while not stopping.is_set() and (left := end - time.monotonic()) > 0:
                if any(True for _ in self._listening().notifies(timeout=min(left, _SLICE_SECONDS), stop_after=1)):
                    return True
        except (psycopg.Error, OSError):
            self.close()
            stopping.wait(max(0.0, end - time.monotonic()))
        return False

    def _listening(self) -> psycopg.Connection[tuple[object, ...]]:
        if self._connection is None:
            url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
            self._connection.execute(f"LISTEN {_CHANNEL}")
        return self._connection

    def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
