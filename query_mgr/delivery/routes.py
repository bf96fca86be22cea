"""The built-in mailbox page and the state of the outbox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template
from sqlalchemy import func, select

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.routes import is_demo
from query_mgr.delivery.models import MailboxMessage, OutboxMessage
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings

delivery = Blueprint("delivery", __name__)


@delivery.get("/mailbox")
@requires("mailbox.view")
def mailbox() -> Any:
    """List the newest mails of the demo hospital."""
    _only_in_the_demo()
    found = db.session.scalars(select(MailboxMessage).order_by(MailboxMessage.id.desc()).limit(100)).all()
    return render_template("delivery/mailbox.html", messages=found)


@delivery.get("/mailbox/<ref>")
@requires("mailbox.view")
def mail(ref: str) -> Any:
    """Show one mail as its receiver sees it."""
    _only_in_the_demo()
    found = db.session.scalar(select(MailboxMessage).where(MailboxMessage.ref == ref))
    if found is None:
        abort(404)
    return render_template("delivery/mail.html", message=found)


def has_mailbox() -> bool:
    """Return whether mail lands on the mailbox page: in the demo, while no mail server is configured."""
    return is_demo() and current_settings().mail_goes_to_mailbox


def _only_in_the_demo() -> None:
    # The mails hold providers' own links: outside the demo nobody else may read them.
    if not has_mailbox():
        abort(404)


@delivery.get("/outbox")
@requires("delivery.view")
def outbox() -> Any:
    """Show how many messages wait, went out or failed, and the failed ones."""
    counts = dict(
        db.session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)).all()
    )
    troubled = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.last_error != "").order_by(OutboxMessage.id.desc()).limit(100)
    ).all()
    return render_template("delivery/outbox.html", counts=counts, troubled=troubled)
