"""Delete the content of what was refused or waited, once it was kept long enough; that it came stays on record."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from query_mgr.charts.intake.models import IntakePart
from query_mgr.charts.models import FeedMessage
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings


def forget_expired() -> None:
    """Delete payloads older than the retention, and the texts of messages that no chart is made of."""
    before = clock.now() - timedelta(days=current_settings().feed_retention_days)
    parts = update(IntakePart).where(IntakePart.created_at < before, IntakePart.payload.is_not(None))
    useless = update(FeedMessage).where(
        FeedMessage.status.in_(("held", "ignored", "rejected")),
        FeedMessage.received_at < before,
        FeedMessage.text != "",
    )
    with unit_of_work():
        db.session.execute(parts.values(payload=None).execution_options(synchronize_session=False))
        db.session.execute(useless.values(text="").execution_options(synchronize_session=False))
