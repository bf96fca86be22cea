"""The mail that carries a link. It says nothing of patient, condition or query (assurance §1.2 item 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.delivery import actions as delivery
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries import events
from query_mgr.queries.models import Query
from query_mgr.respond import actions
from query_mgr.respond.models import QueryLink
from query_mgr.respond.tokens import token_for


def _link(payload: dict[str, Any]) -> QueryLink | None:
    return db.session.scalar(select(QueryLink).where(QueryLink.ref == payload["link"]))


def render(payload: dict[str, Any]) -> delivery.Mail | None:
    """Write the mail of a link, or None where the link has ended meanwhile."""
    link = _link(payload)
    if link is None or not actions.is_live(link):
        return None
    settings = current_settings()
    # Always the configured address, never the request's Host header (assurance item 93).
    url = f"{settings.base_url.rstrip('/')}/r/{token_for(settings.secret_key, link.ref)}"
    values = {"url": url, "reference": link.query.mail_ref, "organization": settings.organization}
    return delivery.Mail(
        recipient=link.address,
        subject=f"Documentation query waiting (ref {link.query.mail_ref})",
        text=render_template("mail/query_link.txt", **values),
        html=render_template("mail/query_link.html", **values),
    )


def sent(payload: dict[str, Any], at: datetime) -> None:
    """Note that the mail was taken."""
    link = _link(payload)
    if link is not None:
        query = queries.locked(link.query_id)
        if query.status in {"sent", "undelivered"}:
            queries.move(query, "deliver", "system")
            query.delivered_at = at


def failed(payload: dict[str, Any], reason: str) -> None:
    """Note that the mail will not arrive, so that the coder sees it."""
    link = _link(payload)
    if link is not None:
        query = queries.locked(link.query_id)
        if query.status == "sent":
            queries.move(query, "bounce", "system", reason=reason[:120])


def _send_link(query: Query) -> None:
    link = actions.issue_link(query)
    delivery.enqueue("query_link", {"link": link.ref})


def resend_to_address_on_file(link: QueryLink) -> None:
    """Mail a new link for a query that still waits; at most three an hour, and without saying whether it did."""
    from datetime import timedelta

    from sqlalchemy import func

    from query_mgr.platform.db import unit_of_work

    with unit_of_work():
        query = queries.locked(link.query_id)
        if query.status not in {"sent", "delivered", "opened", "needs_information", "undelivered"}:
            return
        since = clock.now() - timedelta(hours=1)
        made = db.session.scalar(
            select(func.count(QueryLink.id)).where(QueryLink.query_id == query.id, QueryLink.created_at > since)
        )
        if (made or 0) >= 3 or not (query.provider.is_active and query.provider.email):
            return
        _send_link(query)
        audit.record(f"provider:{query.provider.ref}", "link.renewed", "query", query.ref)


def register() -> None:
    """Hook into the queries' events and the outbox."""
    delivery.register("query_link", delivery.Kind(render, sent, failed))
    events.when("sent", _send_link)
    events.when("revoked", actions.revoke_links)
