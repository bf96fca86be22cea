"""A browser's visit from Continue on: 15 minutes idle, 60 in all, another secret with every proof (C17, C18)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_token
from query_mgr.platform.web import current_settings
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup.levels import FACTORS
from query_mgr.respond.stepup.models import StepUp
from query_mgr.respond.tokens import keyed_hash

#: a factor given by hand is good for one signature, and only so long
FRESH = timedelta(minutes=10)
_WRITTEN_EVERY = timedelta(seconds=30)
_KEPT = timedelta(days=2)


class NotFreshError(Exception):
    """A signature wants a factor of its own, and none was given for it."""


def secret_hash(secret: str) -> str:
    """Return the hash under which a visit or a device is found by its cookie."""
    return keyed_hash(current_settings().secret_key, "cookie", secret)


def begin(link: QueryLink) -> tuple[StepUp, str]:
    """Begin a visit in the running transaction; return it with what its cookie holds."""
    now, secret = clock.now(), new_token()
    visit = StepUp(
        secret_hash=secret_hash(secret), link_id=link.id, provider_id=link.provider_id, epoch=link.provider.epoch,
        begun_at=now, seen_at=now,
    )  # fmt: skip
    db.session.add(visit)
    db.session.flush()
    return visit, secret


def find(secret: str) -> StepUp | None:
    """Return the visit of a cookie, proven or not, unless it ended, or its provider's access changed. Reads only."""
    if not secret:
        return None
    visit = db.session.scalar(select(StepUp).where(StepUp.secret_hash == secret_hash(secret)))
    if visit is None or visit.ended_at is not None:
        return None
    return visit if visit.provider.is_active and visit.provider.epoch == visit.epoch else None


def is_proven(visit: StepUp, now: datetime) -> bool:
    """Return whether the visit may show queries now. Source: 45 CFR 164.312(a)(2)(iii); assurance §1.2 item 4."""
    settings = current_settings()
    return (
        visit.proven_at is not None
        and now - visit.seen_at <= timedelta(minutes=settings.step_up_idle_minutes)
        and now - visit.proven_at <= timedelta(minutes=settings.step_up_absolute_minutes)
    )


def is_fresh(visit: StepUp, now: datetime) -> bool:
    """Return whether a factor was given for the next signature."""
    return visit.fresh_at is not None and now - visit.fresh_at <= FRESH and visit.factor in FACTORS


def proven(visit: StepUp, factor: str) -> str:
    """Note, in the running transaction, that `factor` was given; return what the cookie holds from now on.

    The old secret opens nothing any more. A remembered device ("device") shows queries and is fresh for no signature.
    """
    now, secret = clock.now(), new_token()
    visit.secret_hash, visit.factor = secret_hash(secret), factor
    visit.proven_at = visit.seen_at = now
    visit.fresh_at = now if factor in FACTORS else None
    visit.challenge = ""
    return secret


def seen(visit: StepUp) -> None:
    """Note that the visit goes on; written at most twice a minute."""
    now = clock.now()
    if now - visit.seen_at < _WRITTEN_EVERY:
        return
    visit_id = visit.id
    with unit_of_work():
        db.session.execute(update(StepUp).where(StepUp.id == visit_id, StepUp.seen_at < now).values(seen_at=now))


def spend(visit: StepUp) -> str:
    """Use the fresh factor for a signature, in its transaction; return how the signer was known, for the manifest.

    Raises NotFreshError where there is none, or where a signature at the same time was quicker.
    """
    factor = visit.factor
    if not is_fresh(visit, clock.now()):
        raise NotFreshError
    spent = update(StepUp).where(StepUp.id == visit.id, StepUp.fresh_at.is_not(None)).values(fresh_at=None)
    if db.session.execute(spent).rowcount != 1:  # type: ignore[attr-defined]
        raise NotFreshError
    return FACTORS[factor]


def end(visit: StepUp) -> None:
    """End a visit: its cookie opens nothing any more."""
    visit_id = visit.id
    with unit_of_work():
        db.session.execute(update(StepUp).where(StepUp.id == visit_id).values(ended_at=clock.now()))


def forget_old() -> None:
    """Delete visits that are long over."""
    with unit_of_work():
        db.session.execute(delete(StepUp).where(StepUp.begun_at < clock.now() - _KEPT))
