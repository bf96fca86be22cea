"""Mails to a department lead or a physician advisor: that answers are out, and whom to speak with.

No patient, no pressure and nothing of money (field.md Q04 and Q26); the queries stand under their references.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import select

from query_mgr.accounts.models import Provider, Role, User
from query_mgr.delivery import actions as delivery
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.models import Query

KIND = "follow_up_notice"
#: the statuses in which an answer is still out
_OUT = ("sent", "delivered", "opened", "spoken")


def advisors() -> list[User]:
    """Return the physician advisors who work here."""
    wanted = select(User).join(User.roles).where(Role.name == "physician_advisor", User.active).order_by(User.id)
    return list(db.session.scalars(wanted).unique())


def reachable(provider_id: int | None) -> tuple[str, int | None]:
    """Return a provider as recipient, or ("", None) where there is none who can be mailed."""
    found = db.session.get(Provider, provider_id) if provider_id is not None else None
    return ("provider" if found and found.is_active and found.email else "", found.id if found else None)


def enqueue(kind: str, who: int | None, queries: Sequence[Query], not_before: datetime) -> None:
    """Queue the mail, in the running transaction. kind: lead (who: a provider) or advisor (all of them)."""
    refs = [one.ref for one in queries]
    people = [("user", one.id) for one in advisors()] if kind == "advisor" else [("provider", who)]
    for to, person in people:
        delivery.enqueue(KIND, {"to": to, "id": person, "queries": refs, "level": kind}, not_before=not_before)


def render(payload: dict[str, Any]) -> delivery.Mail | None:
    """Write the mail about what is still out, or None where all of it was answered or the receiver left meanwhile."""
    address = _address(payload["to"], payload["id"])
    if not address:
        return None
    found = (
        select(Query)
        .where(Query.ref.in_(payload["queries"]), Query.status.in_(_OUT))
        .order_by(Query.due_at, Query.id)
    )
    queries = list(db.session.scalars(found))
    if not queries:
        return None
    settings = current_settings()
    values = {
        "queries": queries, "organization": settings.organization, "level": payload["level"],
        "url": settings.base_url.rstrip("/") + "/queries/" if payload["to"] == "user" else "",
    }  # fmt: skip
    number = "A documentation query waits" if len(queries) == 1 else f"{len(queries)} documentation queries wait"
    return delivery.Mail(
        recipient=address,
        subject=f"{number} for an answer (ref {queries[0].mail_ref})",
        text=render_template("mail/follow_up.txt", **values),
    )


def about(payload: dict[str, Any]) -> delivery.About:
    """Return whom a notice was for and of which queries; over once all of them were answered."""
    person = (
        db.session.get(User, payload["id"]) if payload["to"] == "user" else db.session.get(Provider, payload["id"])
    )
    found = (
        select(Query.mail_ref).where(Query.ref.in_(payload["queries"]), Query.status.in_(_OUT)).order_by(Query.id)
    )
    refs = list(db.session.scalars(found))
    what = f"a notice of follow-up (ref {', '.join(refs)})" if refs else "a notice of follow-up"
    return delivery.About(person.name if person else "nobody", what, is_over=not refs)


def _address(kind: str, person: int) -> str:
    """Return where somebody who still works here gets mail, "" for anybody else."""
    if kind == "user":
        user = db.session.get(User, person)
        return user.email if user and user.active else ""
    provider = db.session.get(Provider, person)
    return (provider.email or "") if provider and provider.is_active else ""


def register() -> None:
    """Let the outbox carry these mails. Nothing is told to a query by whether they arrive."""
    kind = delivery.Kind(render, lambda payload, at: None, lambda payload, reason: None, about=about)
    delivery.register(KIND, kind)
