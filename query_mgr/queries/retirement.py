"""Templates that a site offers to nobody any more, shipped ones among them. They stay readable, and may come back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.lifecycle import NotPossibleError
from query_mgr.queries.models import RetiredTemplate
from query_mgr.queries.site_templates import SiteTemplateError, in_force

LONGEST_REASON = 500


def retired() -> dict[str, RetiredTemplate]:
    """Return by id who retired which template, when and why."""
    found = db.session.scalars(select(RetiredTemplate).order_by(RetiredTemplate.key))
    return {one.key: one for one in found}


def retire(actor: Actor, key: str, reason: str) -> RetiredTemplate:
    """Offer a template to nobody from now on; what was made from it goes its way.

    Raises SiteTemplateError without a reason, NotPossibleError where no such template is in force.
    """
    actor.must("template.approve")
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise SiteTemplateError(
            f"Say why it is retired, in at most {LONGEST_REASON} characters; the reason is kept."
        )
    with unit_of_work():
        if key not in in_force():
            raise NotPossibleError("No template of this id is in force.")
        row = RetiredTemplate(key=key, reason=reason, retired_by_id=actor.user_id, retired_at=clock.now())
        db.session.add(row)
        try:
            db.session.flush()
        except IntegrityError:
            raise NotPossibleError("Somebody retired this template just now.") from None
        audit.record(actor.email, "template.retired", "template", key, reason=reason)
    return row


def restore(actor: Actor, key: str) -> None:
    """Offer a retired template again. Raises NotPossibleError."""
    actor.must("template.approve")
    with unit_of_work():
        row = db.session.scalar(select(RetiredTemplate).where(RetiredTemplate.key == key))
        if row is None:
            raise NotPossibleError("This template is not retired.")
        db.session.delete(row)
        audit.record(actor.email, "template.restored", "template", key)
