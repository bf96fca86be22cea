"""How far an import of many files is, where a page can read it: updated between files, in transactions of its own."""

from __future__ import annotations

import time
from collections import Counter

from query_mgr.charts.intake.models import ImportRun
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

_EVERY_SECONDS = 2.0


class Run:
    """One import of `total` files."""

    def __init__(self, total: int, *, feed: str, by: str) -> None:
        self.total, self.done, self.statuses = total, 0, Counter[str]()
        self._written = time.monotonic()
        now = clock.now()
        with unit_of_work():
            row = ImportRun(feed=feed, by=by, started_at=now, updated_at=now, files_total=total, statuses={})
            db.session.add(row)
            db.session.flush()
            self._id = row.id

    def step(self, status: str) -> None:
        """Note that one more file is done."""
        self.done += 1
        self.statuses[status] += 1
        if time.monotonic() - self._written >= _EVERY_SECONDS:
            self._write(is_over=False)

    def finish(self) -> None:
        """Note that the run is over."""
        self._write(is_over=True)

    def _write(self, *, is_over: bool) -> None:
        self._written = time.monotonic()
        with unit_of_work():
            row = db.session.get_one(ImportRun, self._id)
            row.files_done, row.statuses, row.updated_at = self.done, dict(self.statuses), clock.now()
            row.finished_at = clock.now() if is_over else None
