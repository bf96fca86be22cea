"""The built-in mailbox page, and the page of what did not arrive."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from sqlalchemy import select

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.routes import is_demo
from query_mgr.accounts.session import current_actor
from query_mgr.delivery import attention, intake, relay, repairing
from query_mgr.delivery.models import MailboxMessage
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
    """Show what needs somebody and what is on its way."""
    waiting, total = attention.queued()
    return render_template(
        "delivery/outbox.html", items=attention.items(), came_back=attention.came_back(), sender=attention.sender(),
        waiting=waiting, total=total, words=attention.inbound_words(),
    )  # fmt: skip


@delivery.post("/outbox/<ref>/<any(retry, drop):step>")
@requires("delivery.repair")
def repair(ref: str, step: str) -> Any:
    """Try a message again, or drop it."""
    try:
        if step == "retry":
            repairing.retry(current_actor(), ref)
            flash("It is tried again now.", "success")
        else:
            repairing.drop(current_actor(), ref)
            flash("Dropped. What it was about shows as not delivered.", "success")
    except repairing.RepairError as error:
        flash(str(error), "error")
    return redirect(url_for("delivery.outbox"), 303)


@delivery.post("/outbox/resume")
@requires("delivery.repair")
def resume() -> Any:
    """Let mail go again at once."""
    relay.resume(current_actor())
    flash("Mail goes again; if it still cannot, you will see it here.", "success")
    return redirect(url_for("delivery.outbox"), 303)


@delivery.post("/outbox/came-back/<ref>/settle")
@requires("delivery.repair")
def settle(ref: str) -> Any:
    """Take a mail that came back off the list."""
    if not intake.settle(current_actor(), ref):
        flash("This mail is not on the list any more.", "error")
    return redirect(url_for("delivery.outbox"), 303)
