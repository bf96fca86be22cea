"""What the interface console shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select

from query_mgr.charts.intake.models import ImportRun, Intake, IntakePart
from query_mgr.charts.intake.words import bars, state
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import local

HOURS = 24
MOST_SHOWN = 200
_STALLED = timedelta(minutes=10)


@dataclass(frozen=True)
class Feed:
    """How one interface does."""

    name: str
    last_at: datetime
    state: str
    hour: int
    day: int
    errors: int  # refused within the day
    waiting: int  # open parts, however old
    bars: tuple[tuple[float, float, float, float], ...]


def feeds() -> tuple[Feed, ...]:
    """Return every interface over which something came, the ones with open problems first."""
    now = clock.now()
    edges = [now - timedelta(hours=hours) for hours in range(HOURS, 0, -1)]
    seen, latest = Intake.last_seen_at, func.max(Intake.last_seen_at).label("last_at")
    last = {row.feed: row.last_at for row in db.session.execute(select(Intake.feed, latest).group_by(Intake.feed))}
    hours = [func.sum(case((and_(seen >= edge, seen < edge + timedelta(hours=1)), 1), else_=0)) for edge in edges]
    hours[-1] = func.sum(case((seen >= edges[-1], 1), else_=0))
    errors = func.sum(case((Intake.status == "rejected", 1), else_=0))
    recent = select(Intake.feed, errors, *hours).where(seen >= edges[0]).group_by(Intake.feed)
    today = {row[0]: (int(row[1]), [int(one) for one in row[2:]]) for row in db.session.execute(recent)}
    is_open = IntakePart.settled_at.is_(None)
    counting = select(Intake.feed, func.count(IntakePart.id)).join(IntakePart.intake).where(is_open)
    waiting = dict(db.session.execute(counting.group_by(Intake.feed)).all())
    found = [
        _feed(name, at, *today.get(name, (0, [0] * HOURS)), waiting.get(name, 0), now) for name, at in last.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.waiting, one.name)))


def _feed(name: str, last_at: datetime, errors: int, counts: Sequence[int], waiting: int, now: datetime) -> Feed:
    style = "%H:%M" if local(last_at, "%x") == local(now, "%x") else "%b %d, %H:%M"
    words = state(last_at, now, local(last_at, style), counts[-1], errors)
    return Feed(name, last_at, words, counts[-1], sum(counts), errors, waiting, bars(counts))


def needs_attention(limit: int = MOST_SHOWN) -> Sequence[IntakePart]:
    """Return what was refused or waits and nobody has dealt with, the latest first."""
    is_open = IntakePart.settled_at.is_(None)
    return db.session.scalars(select(IntakePart).where(is_open).order_by(IntakePart.id.desc()).limit(limit)).all()


def count_open() -> int:
    """Return how many parts nobody has dealt with."""
    return db.session.scalar(select(func.count(IntakePart.id)).where(IntakePart.settled_at.is_(None))) or 0


def part_of(ref: str) -> IntakePart | None:
    """Return a part by its reference."""
    return db.session.scalar(select(IntakePart).where(IntakePart.ref == ref))


def replays_of(part: IntakePart) -> Sequence[Intake]:
    """Return what became of a part each time it was sent once more."""
    return db.session.scalars(select(Intake).where(Intake.replay_of == part.ref).order_by(Intake.id)).all()


def latest(limit: int = 25) -> Sequence[Intake]:
    """Return what came in last."""
    return db.session.scalars(
        select(Intake).order_by(Intake.last_seen_at.desc(), Intake.id.desc()).limit(limit)
    ).all()


def runs() -> Sequence[ImportRun]:
    """Return the imports of many files that are under way or ended within the day."""
    since = clock.now() - timedelta(days=1)
    return db.session.scalars(
        select(ImportRun).where(ImportRun.updated_at >= since).order_by(ImportRun.id.desc()).limit(5)
    ).all()


def is_stalled(run: ImportRun) -> bool:
    """Return whether a run that has not ended was not heard of for long."""
    return run.finished_at is None and clock.now() - run.updated_at > _STALLED
