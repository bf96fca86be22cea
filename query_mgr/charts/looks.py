"""What is new in a chart since somebody last looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Document, Encounter, Fact, Look
from query_mgr.platform import clock
from query_mgr.platform.db import db

#: Who comes back within this time still has the chart on the desk: what was new stays marked.
SITTING = timedelta(minutes=30)
_TAKEN_BACK = ("entered_in_error", "cancelled")


@dataclass(frozen=True)
class News:
    """What came to a chart after `since`."""

    since: datetime
    documents: int = 0
    changed: int = 0
    taken_back: int = 0
    results: int = 0

    def __bool__(self) -> bool:
        """True where anything is new."""
        return bool(self.documents or self.changed or self.taken_back or self.results)


def compared_with(seen_at: datetime, before_at: datetime | None, now: datetime) -> datetime | None:
    """Return the time after which things are new to somebody who last looked at `seen_at`. Pure.

    before_at: the last look of the sitting before that one, None where there was none.
    """
    return before_at if now - seen_at < SITTING else seen_at


def look_at(user_id: int, kind: str, subject_id: int) -> datetime | None:
    """Note that somebody looks now, in the running transaction; return since when things are new to them.

    None: they never looked before this sitting.
    """
    look, now = db.session.get(Look, (user_id, kind, subject_id)), clock.now()
    if look is None:
        db.session.add(Look(user_id=user_id, kind=kind, subject_id=subject_id, seen_at=now))
        return None
    look.before_at = compared_with(look.seen_at, look.before_at, now)
    look.seen_at = now
    return look.before_at


def news(encounter: Encounter, since: datetime | None) -> News | None:
    """Return what came to a chart after `since`; None where there is no such time."""
    if since is None:
        return None
    came, changed = Document.arrived_at > since, Document.changed_at > since
    taken = Document.status.in_(_TAKEN_BACK)
    counts = select(
        func.count().filter(came, ~taken),
        func.count().filter(changed, func.coalesce(Document.arrived_at <= since, True), ~taken),
        func.count().filter(taken, came | changed),
    )
    documents = db.session.execute(counts.where(Document.encounter_id == encounter.id, came | changed)).one()
    results = select(func.count(Fact.id)).where(
        Fact.encounter_id == encounter.id, Fact.arrived_at > since, Fact.kind.in_(("lab", "vital")),
        Fact.status.not_in(NOT_EVIDENCE),
    )  # fmt: skip
    return News(since, *documents, db.session.scalar(results) or 0)
