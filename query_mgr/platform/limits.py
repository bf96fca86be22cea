"""How often something may be tried. The counts stand in the database, so that all processes share them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, case, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform import clock
from query_mgr.platform.db import Model, UtcDateTime, db, unit_of_work, upsert
from query_mgr.platform.web import current_settings


class RateCount(Model):
    """How often one thing was tried, by a keyed hash of what it is: no address and no token stands here."""

    __tablename__ = "rate_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int]
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True)
class Limit:
    """`tries` within `window`, which begins with the first.

    Who has used them up waits `rest` from the last one on; without it, until the window ends.
    """

    name: str
    tries: int
    window: timedelta
    rest: timedelta | None = None

    def key(self, *of: object) -> str:
        """Return the key under which the tries of `of` are counted."""
        text = "\x1f".join([self.name, *map(str, of)])
        return hmac.new(
            current_settings().secret_key.encode(), f"limit:{text}".encode(), hashlib.sha256
        ).hexdigest()


def is_used_up(limit: Limit, *of: object) -> bool:
    """Return whether `of` has no try left now. Reads only."""
    row = db.session.execute(
        select(RateCount.number, RateCount.until).where(RateCount.key == limit.key(*of))
    ).one_or_none()
    return row is not None and row.number >= limit.tries and clock.now() < row.until


def take(limit: Limit, *of: object) -> int:
    """Take one try in the running transaction and return how many are left; below 0: this one was too many.

    Two processes that take at once are counted one after the other.
    """
    now = clock.now()
    fresh = upsert(RateCount).values(key=limit.key(*of), number=1, until=now + limit.window)
    over = RateCount.until <= now
    lasting: list[Any] = [(over, now + limit.window)]
    if limit.rest is not None:
        lasting.append((RateCount.number + 1 == limit.tries, now + limit.rest))
    statement = fresh.on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "number": case((over, 1), else_=RateCount.number + 1),
            "until": case(*lasting, else_=RateCount.until),
        },
    ).returning(RateCount.number)
    return limit.tries - int(db.session.execute(statement).scalar_one())


def give_back(limit: Limit, *of: object) -> None:
    """Undo one try in the running transaction: it was no failure."""
    db.session.execute(
        update(RateCount)
        .where(RateCount.key == limit.key(*of), RateCount.number > 0)
        .values(number=RateCount.number - 1)
    )


def forget(limit: Limit, *of: object) -> None:
    """Count `of` from nothing again, in the running transaction."""
    db.session.execute(delete(RateCount).where(RateCount.key == limit.key(*of)))


def forget_expired() -> None:
    """Delete the counts whose time is over."""
    with unit_of_work():
        db.session.execute(delete(RateCount).where(RateCount.until <= clock.now()))
