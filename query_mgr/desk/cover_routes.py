"""Who is away, who covers, rosters, who may answer for whom, and pools."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.desk.query_routes import askable
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.followup import covering
from query_mgr.queries.followup.models import AnswerGrant, DutyRoster, ProviderAbsence, ProviderPool
from query_mgr.queries.followup.policy import FollowUpError
from query_mgr.queries.followup.reading import WHY_AWAY
from query_mgr.queries.followup.standing import RELATIONS

cover_desk = Blueprint("cover_desk", __name__)
SHOWN = 200


@cover_desk.get("/follow-up/people")
@requires("follow_up.view")
def people() -> Any:
    """Show absences that last or come, rosters, leave to answer, and pools."""
    now = clock.now()
    away = select(ProviderAbsence).where(
        ProviderAbsence.withdrawn_at.is_(None),
        or_(ProviderAbsence.until_at.is_(None), ProviderAbsence.until_at > now),
    )
    grants = select(AnswerGrant).where(
        AnswerGrant.revoked_at.is_(None), or_(AnswerGrant.until_on.is_(None), AnswerGrant.until_on >= _today())
    )
    return render_template(
        "desk/follow_up/people.html", people=askable(), relations=RELATIONS, why_away=WHY_AWAY, today=_today(), now=now,
        away=db.session.scalars(away.order_by(ProviderAbsence.since_at).limit(SHOWN)).all(),
        rosters=db.session.scalars(select(DutyRoster).limit(SHOWN)).all(),
        grants=db.session.scalars(grants.order_by(AnswerGrant.since_on).limit(SHOWN)).all(),
        pools=db.session.scalars(select(ProviderPool).order_by(ProviderPool.name).limit(SHOWN)).all(),
    )  # fmt: skip


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(current_settings().time_zone)).date()


def _provider(name: str, is_needed: bool = True) -> Provider | None:
    ref = request.form.get(name, "")
    found = next((one for one in askable() if one.ref == ref), None)
    if found is None and (is_needed or ref):
        raise FollowUpError("Choose the provider from the list.")
    return found


def _needed(name: str) -> Provider:
    found = _provider(name)
    assert found is not None  # noted by _provider
    return found


def _day(name: str, is_needed: bool = True) -> date | None:
    text = request.form.get(name, "").strip()
    if not text and not is_needed:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FollowUpError("Give the days as dates.") from None


def _needed_day(name: str) -> date:
    found = _day(name)
    assert found is not None  # noted by _day
    return found


def _begin_of(day: date) -> datetime:
    if not 1990 < day.year < 2200:
        raise FollowUpError("Give the days as dates.")
    return datetime.combine(day, datetime.min.time(), ZoneInfo(current_settings().time_zone)).astimezone(UTC)


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise FollowUpError("Give days as whole numbers.")
    return int(text)


def _done(words: str) -> Any:
    flash(words, "success")
    return redirect(url_for("cover_desk.people"), 303)


@cover_desk.errorhandler(FollowUpError)
def _refused(error: FollowUpError) -> Any:
    db.session.rollback()
    flash(str(error), "error")
    return redirect(url_for("cover_desk.people"), 303)


@cover_desk.post("/follow-up/away")
@requires("cover.note")
def away() -> Any:
    """Keep that somebody is away, from a day to a day, both included."""
    since, until = _begin_of(_needed_day("since")), _day("until", is_needed=False)
    since = clock.now() if since < clock.now() < since + timedelta(days=1) else since
    end = _begin_of(until + timedelta(days=1)) if until else None
    covering.note_absence(current_actor(), _needed("provider"), since, end, _provider("cover", is_needed=False))
    return _done("Kept. Their clock stands while they are away; whoever covers gets what is out.")


@cover_desk.post("/follow-up/away/<ref>/withdraw")
@requires("cover.note")
def back(ref: str) -> Any:
    """Let an absence count no more."""
    row = db.session.scalar(select(ProviderAbsence).where(ProviderAbsence.ref == ref))
    if row is None:
        abort(404)
    covering.withdraw_absence(current_actor(), row)
    return _done("Withdrawn.")


@cover_desk.post("/follow-up/rosters")
@requires("cover.note")
def roster() -> Any:
    """Keep a roster, or take it away."""
    covering.set_roster(
        current_actor(), _needed("provider"), _needed_day("anchor"), _number("on_days"), _number("off_days"),
        bool(request.form.get("works_weekends")),
    )  # fmt: skip
    return _done("Kept.")


@cover_desk.post("/follow-up/grants")
@requires("cover.grant")
def grant() -> Any:
    """Let one provider answer for another."""
    until = _day("until", is_needed=False)
    covering.grant(current_actor(), _needed("grantor"), _needed("delegate"), _needed_day("since"), until)
    return _done("Kept. From the next query on they get a copy of their own.")


@cover_desk.post("/follow-up/grants/<ref>/revoke")
@requires("cover.grant")
def revoke(ref: str) -> Any:
    """Take leave to answer back."""
    row = db.session.scalar(select(AnswerGrant).where(AnswerGrant.ref == ref))
    if row is None:
        abort(404)
    covering.revoke(current_actor(), row)
    return _done("Taken back; their links open nothing any more.")


@cover_desk.post("/follow-up/pools")
@requires("cover.grant")
def pool() -> Any:
    """Keep a pool."""
    ref = request.form.get("pool", "")
    known = db.session.scalar(select(ProviderPool).where(ProviderPool.ref == ref)) if ref else None
    chosen = set(request.form.getlist("members"))
    members = [one for one in askable() if one.ref in chosen]
    covering.save_pool(current_actor(), known, request.form.get("name", "")[:200], members)
    return _done("Kept.")
