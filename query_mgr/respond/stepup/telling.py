"""Mail to the coder about a provider's access. It names no patient and no provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import select

from query_mgr.delivery import actions as delivery
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup.throttle import LOCK_MINUTES


def render(payload: dict[str, Any]) -> delivery.Mail | None:
    """Tell the author of a query that its link rests after wrong tries."""
    link = db.session.scalar(select(QueryLink).where(QueryLink.ref == payload["link"]))
    if link is None or not link.query.author.active:
        return None
    settings = current_settings()
    values = {
        "reference": link.query.mail_ref,
        "minutes": LOCK_MINUTES,
        "organization": settings.organization,
        "url": f"{settings.base_url.rstrip('/')}/queries/{link.query.ref}",
    }
    return delivery.Mail(
        recipient=link.query.author.email,
        subject=f"A query link was locked (ref {link.query.mail_ref})",
        text=render_template("mail/link_locked.txt", **values),
        html=render_template("mail/link_locked.html", **values),
    )


def _nobody_waits(payload: dict[str, Any], what: datetime | str) -> None:
    """Nothing hangs on this mail: the lock stands in the query's history too."""


def register() -> None:
    """Hook into the outbox."""
    delivery.register("link_locked", delivery.Kind(render, _nobody_waits, _nobody_waits))
