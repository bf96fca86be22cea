"""The follow-up pages: what will go out, the policy table, the calendars, and who leads a department."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.models import Encounter
from query_mgr.desk.query_routes import a_query, askable
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings, local
from query_mgr.queries.followup import covering, foretelling, keeping, reading, showing, stored
from query_mgr.queries.followup.holidays import DAYS
from query_mgr.queries.followup.models import DepartmentLead, FollowUpPolicy, SiteCalendar
from query_mgr.queries.followup.policy import (
    FIRST_SENDS,
    PRIORITIES,
    RECIPIENTS,
    SHIPPED,
    FollowUpError,
    Policy,
    Scope,
)
from query_mgr.queries.lifecycle import NotPossibleError
from query_mgr.respond.countersigning import cosignature_of

follow_up_desk = Blueprint("follow_up_desk", __name__)
follow_up_desk.app_context_processor(
    lambda: {
        "follow_up_of": showing.follow_up_of,
        "priorities": PRIORITIES,
        "step_words": showing.words_of,
        "cosignature_of": cosignature_of,
        "pools_of": covering.pools_of,
    }
)
DAYS_AHEAD = 7


@follow_up_desk.get("/follow-up")
@requires("follow_up.view")
def coming() -> Any:
    """Say what will go out to whom in the next days, and which queries stand still."""
    now = clock.now()
    until = now + timedelta(days=DAYS_AHEAD)
    found = foretelling.foretell(now, until)
    by_day = groupby(found.mails[: foretelling.SHOWN], key=lambda one: local(one.at, "%A, %B %d"))
    return render_template(
        "desk/follow_up/coming.html", forecast=found, by_day=[(day, list(mails)) for day, mails in by_day], until=until,
        recipients=RECIPIENTS, shown=foretelling.SHOWN,
    )  # fmt: skip


@follow_up_desk.get("/follow-up/policies")
@requires("follow_up.view")
def policies() -> Any:
    """List the rows of the policy table, the calendars and the department leads."""
    own = [one for one in reading.latest_policies() if one.terms]
    rows: list[tuple[Scope, Policy, FollowUpPolicy | None]] = [
        (Scope(one.site, one.service_line, one.priority), stored.policy_of(one.terms or {}), one) for one in own
    ]
    taken = {one for one, _, _ in rows}
    rows += [(scope, policy, None) for scope, policy in SHIPPED if scope not in taken]
    calendars = {one.site: one for one in reading.latest_calendars()}
    leads = db.session.scalars(
        select(DepartmentLead).order_by(DepartmentLead.service_line, DepartmentLead.site)
    ).all()
    return render_template(
        "desk/follow_up/policies.html", rows=sorted(rows, key=lambda one: one[0].parts), calendars=calendars, leads=leads,
        people=askable(), first_sends=FIRST_SENDS, blank=stored.BLANK_CALENDAR, sites=_sites(), lines=_lines(),
        zone=current_settings().time_zone,
    )  # fmt: skip


def _sites() -> list[str]:
    found = select(Encounter.facility).where(Encounter.facility != "").distinct().order_by(Encounter.facility)
    return list(db.session.scalars(found.limit(50)))


def _lines() -> list[str]:
    names = set(db.session.scalars(select(Encounter.service_line).distinct().limit(200)))
    names |= set(db.session.scalars(select(Provider.service_line).distinct().limit(200)))
    return sorted(names - {""})


def _asked_scope() -> Scope:
    form = request.values
    return Scope(form.get("site", "")[:200], form.get("service_line", "")[:100], form.get("priority", "")[:10])


@follow_up_desk.get("/follow-up/policies/edit")
@requires("follow_up.edit")
def edit_policy() -> Any:
    """Show the form for the next version of a row, or for a new one."""
    scope = _asked_scope()
    applied = reading.policy_for(scope).policy
    return _policy_form(scope, stored.typed_policy(applied))


def _policy_form(scope: Scope, typed: dict[str, str], error: str = "") -> Any:
    same = [getattr(FollowUpPolicy, name) == value for name, value in vars(scope).items()]
    versions = db.session.scalars(
        select(FollowUpPolicy).where(*same).order_by(FollowUpPolicy.version.desc())
    ).all()
    return render_template(
        "desk/follow_up/policy.html", scope=scope, typed=typed, error=error, versions=versions, first_sends=FIRST_SENDS,
        policy_of=stored.policy_of, sites=_sites(), lines=_lines(), note=request.form.get("note", "")[:300],
    ), 400 if error else 200  # fmt: skip


@follow_up_desk.post("/follow-up/policies/edit")
@requires("follow_up.edit")
def save_policy() -> Any:
    """Keep the next version of a row, or withdraw it."""
    scope, form = _asked_scope(), request.form
    typed = {name: form.get(name, "")[:200] for name in stored.typed_policy(Policy())}
    try:
        if form.get("do") == "withdraw":
            keeping.withdraw_policy(current_actor(), scope, form.get("note", "")[:2000])
            flash("Withdrawn; the next wider row decides from now on.", "success")
        else:
            kept = keeping.save_policy(current_actor(), scope, typed, form.get("note", "")[:2000])
            flash(
                f"Version {kept.version} is kept. Queries that are out keep the one they were sent under.",
                "success",
            )
    except FollowUpError as error:
        return _policy_form(scope, typed, str(error))
    return redirect(url_for("follow_up_desk.policies"), 303)


@follow_up_desk.get("/follow-up/calendars/edit")
@requires("follow_up.edit")
def edit_calendar() -> Any:
    """Show the form for the next version of a site's calendar."""
    site = request.args.get("site", "")[:200]
    calendars = {one.site: one.terms for one in reading.latest_calendars()}
    return _calendar_form(site, calendars.get(site) or calendars.get("") or stored.BLANK_CALENDAR)


def _calendar_form(site: str, typed: dict[str, str], error: str = "") -> Any:
    wanted = select(SiteCalendar).where(SiteCalendar.site == site).order_by(SiteCalendar.version.desc())
    return render_template(
        "desk/follow_up/calendar.html", site=site, typed=typed, error=error, versions=db.session.scalars(wanted).all(),
        zone=current_settings().time_zone, sites=_sites(), days=DAYS, note=request.form.get("note", "")[:300],
    ), 400 if error else 200  # fmt: skip


@follow_up_desk.post("/follow-up/calendars/edit")
@requires("follow_up.edit")
def save_calendar() -> Any:
    """Keep the next version of a site's calendar."""
    form, site = request.form, request.form.get("site", "")[:200]
    typed = {name: form.get(name, "")[: stored.LONGEST_HOLIDAYS + 1] for name in stored.BLANK_CALENDAR}
    typed["weekdays"] = " ".join(form.getlist("weekdays")[:7])
    try:
        kept = keeping.save_calendar(current_actor(), site, typed, form.get("note", "")[:2000])
    except FollowUpError as error:
        return _calendar_form(site, typed, str(error))
    flash(f"Version {kept.version} is kept; open queries are planned by it from now on.", "success")
    return redirect(url_for("follow_up_desk.policies"), 303)


@follow_up_desk.post("/follow-up/leads")
@requires("follow_up.edit")
def name_lead() -> Any:
    """Say who leads a department."""
    form = request.form
    provider = next((one for one in askable() if one.ref == form.get("provider", "")), None)
    if form.get("provider") and provider is None:
        abort(404)
    try:
        keeping.name_lead(
            current_actor(), form.get("site", "")[:200], form.get("service_line", "")[:100], provider
        )
        flash("Kept.", "success")
    except FollowUpError as error:
        flash(str(error), "error")
    return redirect(url_for("follow_up_desk.policies"), 303)


@follow_up_desk.post("/queries/<ref>/priority")
@requires("query.compose")
def set_priority(ref: str) -> Any:
    """Say how urgent a query is."""
    found = a_query(ref)
    try:
        keeping.set_priority(current_actor(), found, request.form.get("priority", "")[:10])
    except FollowUpError as error:
        flash(str(error), "error")
    back = "query_desk.edit" if found.status == "draft" else "query_desk.query"
    return redirect(url_for(back, ref=ref), 303)


@follow_up_desk.post("/queries/<ref>/pool")
@requires("query.compose")
def ask_pool(ref: str) -> Any:
    """Put a draft to a pool of its provider, or to the provider alone."""
    found = a_query(ref)
    chosen = request.form.get("pool", "")[:16]
    pool = next((one for one in covering.pools_of(found.provider_id) if one.ref == chosen), None)
    try:
        covering.ask_pool(current_actor(), found, pool)
    except (FollowUpError, NotPossibleError) as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.edit" if found.status == "draft" else "query_desk.query", ref=ref), 303)
