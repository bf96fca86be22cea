"""“I answer later”: a reminder at a time that the provider chooses; the coder sees it. It is no response."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.delivery import actions as delivery
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries.lifecycle import OPEN, NotPossibleError
from query_mgr.queries.models import Query
from query_mgr.respond import actions
from query_mgr.respond.mail import url_of
from query_mgr.respond.models import AnswerLater, QueryLink
from query_mgr.respond.words import AnswerError

MORNING = time(8)


def _on(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


#: what can be chosen -> when that is: now, the hospital's zone, and the day where one was named
CHOICES: dict[str, Callable[[datetime, ZoneInfo, date | None], datetime | None]] = {
    "hours": lambda now, zone, day: now + timedelta(hours=4),
    "morning": lambda now, zone, day: _on(now.astimezone(zone).date() + timedelta(days=1), zone),
    "day": lambda now, zone, day: _on(day, zone) if day else None,
}


def moment(choice: str, day: str, now: datetime, zone: ZoneInfo, until: datetime) -> datetime:
    """Return when to remind. day: as ISO 8601, of the choice "day"; until: when the link ends.

    Raises AnswerError where nothing is chosen, the day is none, or lies outside.
    """
    try:
        named = date.fromisoformat(day) if day else None
    except ValueError:
        raise AnswerError("Give the day of the reminder as year, month and day, such as 2026-03-04.") from None
    found = CHOICES[choice](now, zone, named) if choice in CHOICES else None
    if found is None:
        raise AnswerError("Choose when you want to be reminded.")
    if not now < found < until:
        last = until.astimezone(zone).strftime("%b %d")
        raise AnswerError(f"Choose a time from now until {last}: then the link ends.")
    return found


def answer_later(link: QueryLink, choice: str, day: str = "") -> AnswerLater:
    """Remind the provider of a query at a time of their choice. Raises AnswerError, NotPossibleError."""
    zone = ZoneInfo(current_settings().time_zone)
    with unit_of_work():
        query = queries.locked(link.query_id)
        if query.status not in OPEN:
            raise NotPossibleError("This query waits for nobody any more.")
        now = clock.now()
        row = AnswerLater(
            query_id=query.id, provider_id=link.provider_id, said_at=now,
            remind_at=moment(choice, day, now, zone, link.expires_at),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        delivery.enqueue("answer_later", {"later": row.ref}, not_before=row.remind_at)
        audit.record(
            f"provider:{link.provider.ref}", "query.later", "query", query.ref, until=row.remind_at.isoformat()
        )
    return row


def later_of(query: Query) -> AnswerLater | None:
    """Return the reminder that stands for a query, if one is still to come."""
    last = db.session.scalar(
        select(AnswerLater).where(AnswerLater.query_id == query.id).order_by(AnswerLater.id.desc()).limit(1)
    )
    return last if last and query.status in OPEN and last.remind_at > clock.now() else None


def render(payload: dict[str, Any]) -> delivery.Mail | None:
    """Write the reminder with the newest link, or None where it is answered, handed back, or put off again."""
    row = db.session.scalar(select(AnswerLater).where(AnswerLater.ref == payload["later"]))
    if row is None or row.query.status not in OPEN or row.query.status == "handed_back":
        return None
    newer = select(AnswerLater.id).where(
        AnswerLater.query_id == row.query_id, AnswerLater.provider_id == row.provider_id, AnswerLater.id > row.id
    )
    links = select(QueryLink).where(
        QueryLink.query_id == row.query_id, QueryLink.provider_id == row.provider_id, QueryLink.purpose == "answer"
    )
    link = next(
        (one for one in db.session.scalars(links.order_by(QueryLink.id.desc())) if actions.is_live(one)), None
    )
    if link is None or db.session.scalar(newer) is not None:
        return None
    values = {
        "url": url_of(link),
        "reference": row.query.mail_ref,
        "organization": current_settings().organization,
    }
    return delivery.Mail(
        recipient=link.address,
        subject=f"Reminder: documentation query waiting (ref {row.query.mail_ref})",
        text=render_template("mail/answer_later.txt", **values),
    )


def register() -> None:
    """Hook into the outbox."""
    delivery.register("answer_later", delivery.Kind(render, lambda payload, at: None, lambda payload, why: None))
