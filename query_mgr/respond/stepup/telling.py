"""Mail about a provider's access. It names no patient, and to staff no provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import select

from query_mgr.delivery import actions as delivery
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup import enrolment
from query_mgr.respond.stepup.models import ProviderInvite
from query_mgr.respond.stepup.throttle import LOCK_MINUTES


def _written(template: str, recipient: str, subject: str, **values: Any) -> delivery.Mail:
    values["organization"] = current_settings().organization
    return delivery.Mail(
        recipient=recipient,
        subject=subject,
        text=render_template(f"mail/{template}.txt", **values),
    )


def _address(path: str) -> str:
    return current_settings().base_url.rstrip("/") + path


def _link(payload: dict[str, Any]) -> QueryLink | None:
    """Return the link that a mail to a coder is about, while that coder works here."""
    link = db.session.scalar(select(QueryLink).where(QueryLink.ref == payload["link"]))
    return link if link is not None and link.query.author.active else None


def locked(payload: dict[str, Any]) -> delivery.Mail | None:
    """Tell the author of a query that its link rests after wrong tries."""
    link = _link(payload)
    if link is None:
        return None
    reference = link.query.mail_ref
    return _written(
        "link_locked", link.query.author.email, f"A query link was locked (ref {reference})",
        reference=reference, minutes=LOCK_MINUTES, url=_address(f"/queries/{link.query.ref}"),
    )  # fmt: skip


def reset_asked(payload: dict[str, Any]) -> delivery.Mail | None:
    """Tell the author of a query that its provider asks for a new PIN."""
    link = _link(payload)
    if link is None or not enrolment.waiting(link.provider):
        return None
    reference = link.query.mail_ref
    return _written(
        "reset_asked", link.query.author.email, f"A provider asks for a new PIN (ref {reference})",
        reference=reference, url=_address(f"/providers/{link.provider.ref}/access"),
    )  # fmt: skip


def invited(payload: dict[str, Any]) -> delivery.Mail | None:
    """Mail a provider the way to choose a PIN."""
    invite = db.session.scalar(select(ProviderInvite).where(ProviderInvite.ref == payload["invite"]))
    if invite is None or not enrolment.is_open(invite):
        return None
    is_reset = invite.purpose == "reset"
    return _written(
        "provider_invite", invite.address, "Your new PIN" if is_reset else "Your access to documentation queries",
        url=_address(f"/e/{enrolment.token_of(invite)}"), is_reset=is_reset,
    )  # fmt: skip


def _nobody_waits(payload: dict[str, Any], what: datetime | str) -> None:
    """Nothing hangs on these mails: what they tell stands in the audit trail and on the access page."""


#: kind of message -> how it is written
MAILS = {"link_locked": locked, "reset_asked": reset_asked, "provider_invite": invited}


def register() -> None:
    """Hook into the outbox."""
    for kind, write in MAILS.items():
        delivery.register(kind, delivery.Kind(write, _nobody_waits, _nobody_waits))
