"""What staff can do about follow-up: policies, calendars, department leads, and how urgent one query is."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.platform.web import current_settings
from query_mgr.queries.actions import locked
from query_mgr.queries.followup import running
from query_mgr.queries.followup.models import DepartmentLead, FollowUpPolicy, SiteCalendar
from query_mgr.queries.followup.policy import PRIORITIES, FollowUpError, Scope
from query_mgr.queries.followup.stored import BLANK_CALENDAR, as_stored, calendar_of, policy_from
from query_mgr.queries.models import Query

LONGEST_SITE, LONGEST_LINE, LONGEST_NOTE = 160, 80, 300


def save_policy(actor: Actor, scope: Scope, typed: Mapping[str, str], note: str) -> FollowUpPolicy:
    """Keep the next version of a row of the policy table; queries that are out keep theirs.

    Raises FollowUpError naming the field.
    """
    actor.must("follow_up.edit")
    terms = as_stored(policy_from(typed))
    return _next_policy(actor, _checked(scope), terms, note)


def withdraw_policy(actor: Actor, scope: Scope, note: str) -> FollowUpPolicy:
    """Let a row of the site count no more: the next wider one decides. Raises FollowUpError where there is none."""
    actor.must("follow_up.edit")
    with unit_of_work():
        last = _last_policy(scope)
        if last is None or last.terms is None:
            raise FollowUpError("No policy of your own is in force there.")
        return _next_policy(actor, scope, None, note)


def _next_policy(actor: Actor, scope: Scope, terms: dict[str, object] | None, note: str) -> FollowUpPolicy:
    note = _note(note)
    with unit_of_work():
        last = _last_policy(scope)
        if last is not None and not note:
            raise FollowUpError("Say what changed, and why; it is kept with the version.")
        row = FollowUpPolicy(
            site=scope.site, service_line=scope.service_line, priority=scope.priority,
            version=last.version + 1 if last else 1, terms=terms, note=note, made_by=actor.email, made_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(actor.email, "follow_up.policy", "follow_up_policy", row.ref, version=row.version)
    return row


def _last_policy(scope: Scope) -> FollowUpPolicy | None:
    same = (
        FollowUpPolicy.site == scope.site,
        FollowUpPolicy.service_line == scope.service_line,
        FollowUpPolicy.priority == scope.priority,
    )
    return db.session.scalar(select(FollowUpPolicy).where(*same).order_by(FollowUpPolicy.version.desc()).limit(1))


def _checked(scope: Scope) -> Scope:
    site, line = one_line(scope.site), one_line(scope.service_line)
    if len(site) > LONGEST_SITE or len(line) > LONGEST_LINE:
        raise FollowUpError("The name of the site or service line is too long.")
    if scope.priority and scope.priority not in PRIORITIES:
        raise FollowUpError(f"The priority {scope.priority!r} is none of: {', '.join(PRIORITIES)}.")
    return Scope(site, line, scope.priority)


def _note(text: str) -> str:
    note = one_line(text)
    if len(note) > LONGEST_NOTE:
        raise FollowUpError(f"The note is longer than {LONGEST_NOTE} characters; shorten it.")
    return note


def save_calendar(actor: Actor, site: str, typed: Mapping[str, str], note: str) -> SiteCalendar:
    """Keep the next version of a site's calendar; open queries are planned by it from now on.

    Raises FollowUpError naming the field.
    """
    actor.must("follow_up.edit")
    site, note = _checked(Scope(site)).site, _note(note)
    terms = {name: typed.get(name, "").strip() for name in BLANK_CALENDAR}
    calendar_of(terms, current_settings().time_zone)
    with unit_of_work():
        last = db.session.scalar(select(func.max(SiteCalendar.version)).where(SiteCalendar.site == site))
        if last and not note:
            raise FollowUpError("Say what changed, and why; it is kept with the version.")
        row = SiteCalendar(
            site=site, version=(last or 0) + 1, terms=terms, note=note, made_by=actor.email, made_at=clock.now()
        )
        db.session.add(row)
        db.session.flush()
        running.look_again_at()
        audit.record(actor.email, "follow_up.calendar", "site_calendar", row.ref, version=row.version)
    return row


def name_lead(actor: Actor, site: str, service_line: str, provider: Provider | None) -> None:
    """Say who leads a department, or that nobody does. Raises FollowUpError."""
    actor.must("follow_up.edit")
    scope = _checked(Scope(site, service_line))
    if not scope.service_line:
        raise FollowUpError("Name the service line that the department lead is told of.")
    same = (DepartmentLead.site == scope.site, DepartmentLead.service_line == scope.service_line)
    with unit_of_work():
        row = db.session.scalar(select(DepartmentLead).where(*same))
        if provider is None:
            if row is not None:
                db.session.delete(row)
        elif row is None:
            db.session.add(
                DepartmentLead(site=scope.site, service_line=scope.service_line, provider_id=provider.id)
            )
        else:
            row.provider_id = provider.id
        ref = provider.ref if provider else ""
        audit.record(actor.email, "follow_up.lead", "department_lead", scope.service_line[:40], provider=ref)


def set_priority(actor: Actor, query: Query, priority: str) -> Query:
    """Say how urgent a query is; one that is out comes under the policy for that from now on. Raises FollowUpError."""
    actor.must("query.compose")
    if priority not in PRIORITIES:
        raise FollowUpError(f"The priority {priority!r} is none of: {', '.join(PRIORITIES)}.")
    with unit_of_work():
        query = locked(query.id)
        if query.priority != priority:
            query.priority, query.updated_at = priority, clock.now()
            db.session.flush()
            running.apply_anew(query)
            audit.record(actor.email, "query.priority", "query", query.ref, priority=priority)
    return query
