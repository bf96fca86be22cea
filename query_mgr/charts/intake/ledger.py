"""Write down what came in, in the transaction that takes it in."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import time
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import and_, case, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from query_mgr.charts.intake.models import Intake, IntakePart
from query_mgr.charts.records import HeldPart
from query_mgr.charts.report import Report
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql
from query_mgr.platform.ids import new_ref
from query_mgr.platform.text import one_line

LONGEST_REASON = 2000
MOST_PARTS = 1000  # a file with more faults than that is sent again as a whole, not mended part by part
LARGEST_PAYLOAD = 20 * 1024 * 1024  # compressed
_COUNTED = ("patients", "encounters", "documents", "facts", "providers", "codes")


@dataclass
class Arrival:
    """Something that is being taken in. `note` may be called several times; the last one tells.

    content: its bytes, as they came; b"" where it could not be read.
    replay_of: ref of the IntakePart that is sent once more.
    """

    feed: str
    name: str
    by: str
    content: bytes = field(default=b"", repr=False)
    format: str = ""
    replay_of: str = ""
    refused: tuple[HeldPart, ...] = ()  # parts that were left out before the rest was tried
    is_noted: bool = False
    ref: str = field(default_factory=new_ref)
    _started: float = field(default_factory=time.monotonic)

    def note(self, report: Report, parts: Sequence[HeldPart] = ()) -> None:
        """Write down what became of it, in the running transaction.

        parts: what of it was refused or waits. Where it was refused or waits as a whole, it is its only part.
        """
        parts = (*self.refused, *parts)
        if not parts and report.status in ("rejected", "held"):
            parts = (HeldPart("", "; ".join(report.errors or report.warnings), self.content),)
        intake_id, times_seen = self._upserted(report)
        if parts or times_seen > 1:
            _keep_parts(intake_id, report, parts, self.by)
        self.is_noted = True

    def _upserted(self, report: Report) -> tuple[int, int]:
        table, now = Intake.__table__, clock.now()
        reason = "; ".join(report.errors) or "; ".join((*report.held, *report.warnings))
        row = {
            "ref": self.ref,
            "feed": self.feed[:120],
            "name": base_name(self.name),
            "format": self.format,
            "digest": hashlib.sha256(self.content or self.name.encode("utf-8", "replace")).hexdigest(),
            "size": len(self.content),
            "received_at": now,
            "last_seen_at": now,
            "times_seen": 1,
            "by": self.by[:200],
            "status": report.status,
            "counts": {name: getattr(report, name) for name in _COUNTED if getattr(report, name)},
            "reason": shortened(reason),
            "duration_ms": int((time.monotonic() - self._started) * 1000),
            "replay_of": self.replay_of,
        }
        dialect: Any = postgresql if is_postgresql() else sqlite
        wanted = dialect.insert(table).values(row)
        came, told = table.c, wanted.excluded
        # What is sent again and changes nothing counts on its row, which still says what became of it at first.
        is_old_news = and_(told.status == "unchanged", came.status.not_in(("rejected", "held")))
        kept: dict[str, Any] = {
            name: case((is_old_news, came[name]), else_=told[name]) for name in ("status", "counts", "reason")
        }
        kept |= {"last_seen_at": told.last_seen_at, "times_seen": came.times_seen + int(not self.is_noted)}
        upsert = wanted.on_conflict_do_update(index_elements=[came.feed, came.digest], set_=kept)
        written = db.session.execute(upsert.returning(came.id, came.times_seen, came.ref)).one()
        self.ref = written.ref
        return written.id, written.times_seen


def _keep_parts(intake_id: int, report: Report, parts: Sequence[HeldPart], by: str) -> None:
    """Bring the parts of an intake up to date: new ones open, those that came in since are settled, the rest stay."""
    db.session.flush()
    mine = select(IntakePart).where(IntakePart.intake_id == intake_id).order_by(IntakePart.id)
    earlier = {part.where: part for part in db.session.scalars(mine)}
    status = "rejected" if report.status == "rejected" else "held"
    new: dict[str, dict[str, Any]] = {}
    for part in parts[:MOST_PARTS]:
        where, reason = _distinct(part.where, new), shortened(part.reason)
        known = earlier.pop(where, None)
        if known is not None and known.settlement != "came_in":  # open, or a person has dealt with it
            known.reason = reason
        else:
            new[where] = _part(intake_id, where, part.status or status, reason, part.payload)
    if new:
        db.session.execute(insert(IntakePart), list(new.values()))
    for gone in earlier.values():
        if gone.settled_at is None:
            gone.settled_at, gone.settlement, gone.settled_by = clock.now(), "came_in", by[:200]
    db.session.flush()


def _distinct(where: str, taken: Container[str]) -> str:
    """Return `where` with a number behind it while another part of the file stands at the same place."""
    names = (where[:190] if n == 1 else f"{where[:190]} ({n})" for n in itertools.count(1))
    return next(name for name in names if name not in taken)


def _part(intake_id: int, where: str, status: str, reason: str, payload: bytes) -> dict[str, Any]:
    packed = gzip.compress(payload, 6, mtime=0) if payload else None
    return {
        "ref": new_ref(),
        "intake_id": intake_id,
        "where": where,
        "status": status,
        "reason": reason,
        "payload": packed if packed and len(packed) <= LARGEST_PAYLOAD else None,
        "created_at": clock.now(),
    }


def base_name(name: str) -> str:
    """Return the name of a file in one line, without the folders it lies in."""
    return one_line(PurePosixPath(name.replace("\\", "/")).name)[:200]


def shortened(reason: str) -> str:
    """Return a reason that a page can show, however many faults a file has."""
    return reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"
