"""A provider's access as the desk sees it: invitation, new PIN after calling back, devices and factors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.platform.db import db
from query_mgr.respond.stepup import devices, enrolment, factors, fetches

access_desk = Blueprint("access_desk", __name__)
access_desk.app_context_processor(lambda: {"resets_waiting": enrolment.waiting, "fetches_of": fetches.of})


def _provider(ref: str) -> Provider:
    found = db.session.scalar(select(Provider).where(Provider.ref == ref))
    if found is None:
        abort(404)
    return found


def _page(provider: Provider, *, error: str = "", code: str = "", status: int = 200) -> Any:
    return render_template(
        "desk/access.html", provider=provider, error=error, code=code, devices=devices.of(provider),
        ends_at=devices.ends_at, factors=factors.of(provider), names=factors.NAMES,
        waiting=enrolment.waiting(provider),
    ), status  # fmt: skip


@access_desk.get("/providers/<ref>/access")
@requires("provider.access")
def access(ref: str) -> Any:
    """Show what a provider can sign in with, and what waits to be decided."""
    return _page(_provider(ref))


@access_desk.post("/providers/<ref>/access/invite")
@requires("provider.access")
def invite(ref: str) -> Any:
    """Mail an invitation to choose a PIN."""
    provider = _provider(ref)
    try:
        enrolment.invite(current_actor(), provider)
    except enrolment.EnrolmentError as error:
        return _page(provider, error=str(error), status=400)
    flash("The invitation is on its way to the address on file.", "success")
    return redirect(url_for("access_desk.access", ref=ref))


@access_desk.post("/providers/<ref>/access/reset")
@requires("provider.access")
def reset(ref: str) -> Any:
    """Approve a reset and show the code for the call once, or turn it down."""
    provider, form = _provider(ref), request.form
    try:
        if form.get("do") == "decline":
            enrolment.decline(current_actor(), form.get("request", ""))
            flash("The request was turned down.", "success")
            return redirect(url_for("access_desk.access", ref=ref))
        has_called_back = form.get("called") == "1"
        code = enrolment.approve(current_actor(), form.get("request", ""), has_called_back=has_called_back)
    except enrolment.EnrolmentError as error:
        return _page(provider, error=str(error), status=400)
    return _page(provider, code=code)


@access_desk.post("/providers/<ref>/access/revoke")
@requires("provider.access")
def revoke(ref: str) -> Any:
    """Forget a device or take a factor away."""
    provider, by = _provider(ref), current_actor().email
    devices.revoke(provider, request.form.get("device", ""), by)
    factors.revoke(provider, request.form.get("factor", ""), by)
    return redirect(url_for("access_desk.access", ref=ref))
