"""Templates that a site writes in the browser: draft, approval by a second person, versions, retirement."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.library.check import findings
from query_mgr.queries.library.definition import Template, TemplateError
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.schema import parse
from query_mgr.queries.library.writing import Fields, file_of, read
from query_mgr.queries.lifecycle import NotPossibleError
from query_mgr.queries.lint import is_compliant
from query_mgr.queries.models import RetiredTemplate, SiteTemplate

FOLDER = "site"


@dataclass(frozen=True)
class Step:
    """From one of `before`, `event` leads to `after`; who may do it, and whether it must be (or not be) the author."""

    event: str
    before: tuple[str, ...]
    after: str
    permission: str
    by: str  # author | other (a second person) | anyone


#: the life of one version of a site template
STEPS = {
    one.event: one
    for one in (
        Step("submit", ("draft",), "submitted", "template.edit", "author"),
        Step("approve", ("submitted",), "approved", "template.approve", "other"),
        Step("return", ("submitted",), "draft", "template.approve", "other"),
        Step("withdraw", ("draft", "submitted"), "withdrawn", "template.edit", "author"),
        Step("retire", ("approved",), "retired", "template.approve", "anyone"),
    )
}
UNDECIDED = ("draft", "submitted")


class SiteTemplateError(ValueError):
    """A template cannot be kept or approved as it is; the message says what to do."""


def version_of(number: int) -> str:
    """Return the version that queries made from a site template keep."""
    return f"site-{number}"


@lru_cache(maxsize=1024)
def _parsed(source: str, key: str) -> Template:
    return replace(parse(source, key), folder=FOLDER)


def template_of(row: SiteTemplate) -> Template:
    """Return the template that a stored version holds. Raises TemplateError."""
    return _parsed(row.source, row.key)


def in_force() -> dict[str, Template]:
    """Return by id the templates that coders may use: those of `readable` that are not retired."""
    gone = set(db.session.scalars(select(RetiredTemplate.key)))
    return {key: one for key, one in readable().items() if key not in gone}


def readable() -> dict[str, Template]:
    """Return by id every template: what ships, and in its place what this site approved."""
    found = dict(shipped())
    for row in db.session.scalars(select(SiteTemplate).where(SiteTemplate.status == "approved")):
        try:
            found[row.key] = template_of(row)
        except TemplateError:  # written for an older schema: the list shows it as unreadable, nothing else stops
            logging.getLogger(__name__).warning("site template %s %s cannot be read", row.key, row.version_number)
    return found


def versions(key: str) -> Sequence[SiteTemplate]:
    """Return the site's versions of a template, newest first."""
    found = select(SiteTemplate).where(SiteTemplate.key == key).order_by(SiteTemplate.version_number.desc())
    return db.session.scalars(found).all()


def undecided() -> Sequence[SiteTemplate]:
    """Return the versions that wait for their author or for approval, oldest first."""
    found = select(SiteTemplate).where(SiteTemplate.status.in_(UNDECIDED)).order_by(SiteTemplate.id)
    return db.session.scalars(found).all()


def version(key: str, number: int) -> SiteTemplate | None:
    """Return one version, or None."""
    return db.session.scalar(
        select(SiteTemplate).where(SiteTemplate.key == key, SiteTemplate.version_number == number)
    )


def create(actor: Actor, fields: Fields) -> SiteTemplate:
    """Start a draft: the first version of a new id, or the next of one that exists.

    Raises TemplateError naming the field; SiteTemplateError where another draft of the id is undecided.
    """
    actor.must("template.edit")
    template = read(fields, version_of(1))
    with unit_of_work():
        open_one = db.session.scalar(
            select(SiteTemplate).where(SiteTemplate.key == template.id, SiteTemplate.status.in_(UNDECIDED))
        )
        if open_one is not None:
            raise SiteTemplateError(
                f"Version {open_one.version_number} of {template.id} by {open_one.author.name} is not decided yet; "
                "have it approved or withdrawn first, or choose another id."
            )
        last = db.session.scalar(
            select(func.max(SiteTemplate.version_number)).where(SiteTemplate.key == template.id)
        )
        number = (last or 0) + 1
        row = SiteTemplate(
            key=template.id,
            version_number=number,
            source=file_of(fields, version_of(number)),
            author_id=actor.user_id,
            created_at=clock.now(),
        )
        db.session.add(row)
        try:
            db.session.flush()
        except IntegrityError:
            raise SiteTemplateError("Somebody started the same version just now; look at theirs first.") from None
        audit.record(actor.email, "template.drafted", "template", f"{row.key} {number}")
    return row


def save(actor: Actor, row: SiteTemplate, fields: Fields, base: str) -> SiteTemplate:
    """Change a draft.

    base: the file as it was when the form was shown. Raises TemplateError naming the field; SiteTemplateError where
    the draft was changed since, or is another's.
    """
    actor.must("template.edit")
    fields = replace(fields, id=row.key)
    read(fields, version_of(row.version_number))
    with unit_of_work():
        row = _locked(row.id)
        if row.status != "draft":
            raise NotPossibleError(f"This version is {row.status}; start a new one to change it.")
        if row.author_id != actor.user_id:
            raise SiteTemplateError("Only its author changes a draft; make one of your own from it.")
        if row.source != base:
            raise SiteTemplateError(
                "The draft was changed in another window; open it again and repeat the change."
            )
        row.source = file_of(fields, version_of(row.version_number))
        audit.record(actor.email, "template.saved", "template", f"{row.key} {row.version_number}")
    return row


def take_step(actor: Actor, row: SiteTemplate, event: str, note: str = "") -> SiteTemplate:
    """Take one step of STEPS. An approved version takes the place of the one before it.

    Raises NotPossibleError; SiteTemplateError for one's own approval, for a return without a reason, and where the
    lint finds errors.
    """
    step = STEPS[event]
    actor.must(step.permission)
    with unit_of_work():
        row = _locked(row.id)
        if row.status not in step.before:
            raise NotPossibleError(f"This version is {row.status}; it cannot take the step '{event}' now.")
        _check_person(actor, row, step)
        if event == "return" and not note.strip():
            raise SiteTemplateError("Say what the author should change.")
        if event in ("submit", "approve") and not is_compliant(findings(template_of(row))):
            raise SiteTemplateError("The compliance check finds errors; mend them first.")
        if event == "approve":
            row.approver_id, row.approved_at = actor.user_id, clock.now()
            for older in versions(row.key):
                if older.status == "approved":
                    older.status = "retired"
        row.status = step.after
        row.note = note.strip()[:500] if event == "return" else ""
        audit.record(actor.email, f"template.{event}", "template", f"{row.key} {row.version_number}")
    return row


def _check_person(actor: Actor, row: SiteTemplate, step: Step) -> None:
    if step.by == "author" and row.author_id != actor.user_id:
        raise SiteTemplateError("Only its author may do this.")
    if step.by == "other" and row.author_id == actor.user_id:
        raise SiteTemplateError("A second person decides: nobody approves a template of their own.")


def _locked(row_id: int) -> SiteTemplate:
    found = select(SiteTemplate).where(SiteTemplate.id == row_id).with_for_update(of=SiteTemplate)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()
