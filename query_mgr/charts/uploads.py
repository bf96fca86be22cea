"""Files that somebody uploaded and has not decided about yet: theirs alone, and gone after an hour."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.actions import import_all
from query_mgr.charts.models import Encounter, Upload
from query_mgr.charts.report import Report
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line

WAITS = timedelta(hours=1)
MOST_WAITING = 5  # of one person
_AT_ONCE = 500  # below every database's limit of parameters


def keep(actor: Actor, name: str, content: bytes) -> Upload:
    """Keep an uploaded file until its owner decides. `name` is shown, and is never a path."""
    actor.must("chart.import")
    with unit_of_work():
        _forget_expired()
        mine = select(Upload.id).where(Upload.user_id == actor.user_id).order_by(Upload.id.desc())
        surplus = db.session.scalars(mine.offset(MOST_WAITING - 1)).all()
        db.session.execute(delete(Upload).where(Upload.id.in_(surplus)))
        upload = Upload(
            user_id=actor.user_id,
            name=shown_name(name),
            content=content,
            expires_at=clock.now() + WAITS,
        )
        db.session.add(upload)
        db.session.flush()
        audit.record(
            actor.email, "upload.received", "upload", upload.ref, digest=hashlib.sha256(content).hexdigest()[:16]
        )
    return upload


def shown_name(name: str) -> str:
    """Return the last part of a file name in one short line (item 80)."""
    return one_line(name.replace("\\", "/").rpartition("/")[2])[:120].strip(" .") or "upload"


def waiting(actor: Actor) -> Sequence[Upload]:
    """Return what a person has not decided about, the latest first."""
    actor.must("chart.import")
    mine = select(Upload).where(Upload.user_id == actor.user_id, Upload.expires_at > clock.now())
    return db.session.scalars(mine.order_by(Upload.id.desc())).all()


def find(actor: Actor, ref: str) -> Upload | None:
    """Return an upload of this person's that still waits."""
    actor.must("chart.import")
    mine = select(Upload).where(Upload.ref == ref, Upload.user_id == actor.user_id)
    return db.session.scalar(mine.where(Upload.expires_at > clock.now()))


def discard(actor: Actor, ref: str) -> None:
    """Delete an upload and keep nothing of it."""
    actor.must("chart.import")
    with unit_of_work():
        gone = db.session.execute(delete(Upload).where(Upload.ref == ref, Upload.user_id == actor.user_id))
        if gone.rowcount:  # type: ignore[attr-defined]
            audit.record(actor.email, "upload.discarded", "upload", ref)


def take(actor: Actor, upload: Upload, *, good_rows: bool) -> list[Report]:
    """Import an upload, then delete it. Killed in between, it still waits, and a second time changes nothing."""
    actor.must("chart.import")
    ref = upload.ref
    reports = list(import_all(upload.content, upload.name, by=actor.email, good_rows=good_rows, feed="upload"))
    with unit_of_work():
        db.session.execute(delete(Upload).where(Upload.ref == ref))
    return reports


def charts_of(stay_keys: Collection[str], limit: int = 50) -> Sequence[Encounter]:
    """Return the stays with these source keys, the first of them by number."""
    query = select(Encounter).order_by(Encounter.number, Encounter.id).limit(limit)
    return db.session.scalars(query.where(Encounter.source_key.in_(sorted(stay_keys)[:_AT_ONCE]))).unique().all()


def forget_expired() -> None:
    """Delete what nobody decided about within the hour."""
    with unit_of_work():
        _forget_expired()


def _forget_expired() -> None:
    db.session.execute(delete(Upload).where(Upload.expires_at <= clock.now()))
