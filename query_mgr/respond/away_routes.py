"""A provider's own word on when they are away, and who covers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.followup import covering
from query_mgr.queries.followup.models import ProviderAbsence
from query_mgr.queries.followup.policy import FollowUpError
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup.guard import stepped_up

SHOWN = 20


@respond.get("/answer/access/away")
@stepped_up
def away(link: QueryLink) -> Any:
    """Show when the provider is away, and a form for more."""
    return _page(link.provider)


def _page(provider: Provider, error: str = "") -> Any:
    known = select(ProviderAbsence).where(
        ProviderAbsence.provider_id == provider.id, ProviderAbsence.withdrawn_at.is_(None)
    )
    known = known.order_by(ProviderAbsence.since_at.desc()).limit(SHOWN)
    page = render_template(
        "respond/away.html", absences=db.session.scalars(known).all(), people=_colleagues(provider), error=error,
        typed=request.form, now=clock.now(),
    )  # fmt: skip
    return page, 400 if error else 200


def _colleagues(provider: Provider) -> list[Provider]:
    wanted = select(Provider).where(Provider.is_active, Provider.email.is_not(None), Provider.id != provider.id)
    return list(db.session.scalars(wanted.order_by(Provider.name).limit(500)))


def _begin_of(text: str) -> datetime:
    """Return when a day begins by the hospital's clocks. Raises FollowUpError."""
    try:
        day = date.fromisoformat(text.strip())
        if not 1990 < day.year < 2200:
            raise ValueError
    except ValueError:
        raise FollowUpError("Give the first and the last day as dates.") from None
    return datetime.combine(day, datetime.min.time(), ZoneInfo(current_settings().time_zone)).astimezone(UTC)


@respond.post("/answer/access/away")
@stepped_up
def be_away(link: QueryLink) -> Any:
    """Keep it; what is out stands still meanwhile, and goes to whoever covers."""
    form, now = request.form, clock.now()
    try:
        since, last = _begin_of(form.get("since", "")), _begin_of(form.get("until", ""))
        cover = next((one for one in _colleagues(link.provider) if one.ref == form.get("cover")), None)
        if form.get("cover") and cover is None:
            raise FollowUpError("Choose a colleague from the list.")
        covering.own_absence(link.provider, max(since, now), last + timedelta(days=1), cover)
    except FollowUpError as error:
        return _page(link.provider, str(error))
    return redirect(url_for("respond.away"), 303)


@respond.post("/answer/access/back")
@stepped_up
def be_back(link: QueryLink) -> Any:
    """Take an absence back."""
    wanted = select(ProviderAbsence).where(ProviderAbsence.ref == request.form.get("absence", "")[:16])
    row = db.session.scalar(wanted)
    if row is not None and row.provider_id == link.provider_id:
        covering.take_back_own(row)
    return redirect(url_for("respond.away"), 303)
