"""Billing's pages: what waits to be billed and why, and what an encounter's hand-off became."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import exists

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.models import Encounter
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.dnfb import HOLDS, Dnfb, Wanted
from query_mgr.coding.finishing import versions_of
from query_mgr.coding.handoff import actions
from query_mgr.coding.handoff.channels import FILES, FORMATS, WAYS
from query_mgr.coding.handoff.sent import attention, latest
from query_mgr.coding.handoff.words import RETURN_REASONS, STATES
from query_mgr.coding.models import EncounterCoding
from query_mgr.coding.status import STATUSES, WITH_BILLING
from query_mgr.desk.encounters import an_encounter
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query

billing_desk = Blueprint("billing_desk", __name__)
_WORDS = {"states": STATES, "formats": FORMATS, "ways": WAYS, "reasons": RETURN_REASONS, "statuses": STATUSES}
billing_desk.app_context_processor(lambda: {"handoff_words": _WORDS})


@billing_desk.get("/coding/billing")
@requires("coding.hand_off")
def billing() -> Any:
    """List the accounts that are discharged and not final billed, the oldest first, with the reason of each."""
    wanted = Wanted(request.args.get("hold", ""), request.args.get("late") == "1", request.args.get("after", ""))
    asked = exists().where(Query.encounter_id == Encounter.id, Query.status.in_((*OPEN, "answered")))
    dnfb = Dnfb(asked.correlate(Encounter))
    rows, mark = dnfb.page(wanted)
    chosen = {
        name: value for name, value in (("hold", wanted.hold), ("late", "1" if wanted.is_late else "")) if value
    }
    return render_template(
        "desk/billing.html",
        rows=rows,
        totals=dnfb.totals(),
        holds=HOLDS,
        wanted=wanted,
        next_page=url_for("billing_desk.billing") + "?" + urlencode({**chosen, "after": mark}) if mark else "",
        hold_days=current_settings().billing_hold_days,
        troubled=attention(),
    )


@billing_desk.get("/coding/billing/sent")
@requires("coding.hand_off")
def sent() -> Any:
    """List what was handed to billing, the latest first: the billing inbox where no billing system is configured."""
    words = " ".join(request.args.get("q", "").split())[:64]
    rows, mark = latest(words, request.args.get("after", ""))
    return render_template("desk/billing_sent.html", rows=rows, mark=mark, words=words)


@billing_desk.get("/encounters/<ref>/billing")
@requires("coding.hand_off")
def account(ref: str) -> Any:
    """Show what billing got of an encounter, what it answered, and what it sent back."""
    found = an_encounter(ref)
    coding = db.session.get(EncounterCoding, found.id)
    return render_template(
        "desk/billing_account.html",
        encounter=found,
        coding=coding,
        status=coding.status if coding else "not_started",
        with_billing=WITH_BILLING,
        handoffs=actions.handoffs_of(found),
        returns=actions.returns_of(found),
        versions=versions_of(found),
    )


@billing_desk.post("/encounters/<ref>/billing/hand-off")
@requires("coding.hand_off")
def hand_off(ref: str) -> Any:
    """Hand the final codes of an encounter to billing."""
    found = an_encounter(ref)
    try:
        rows = actions.hand_off(current_actor(), found)
        done = all(one.state == "accepted" for one in rows)
        flash("Billing has it." if done else "It is on its way to billing.", "success")
    except CodingError as error:
        flash(str(error), "error")
    return _to_account(ref)


@billing_desk.post("/encounters/<ref>/billing/return")
@requires("coding.return")
def send_back(ref: str) -> Any:
    """Send an encounter back to its coder, with a reason."""
    found, form = an_encounter(ref), request.form
    try:
        actions.return_from_billing(current_actor(), found, form.get("reason", ""), form.get("note", ""))
        flash("Returned to the coder.", "success")
    except CodingError as error:
        flash(str(error), "error")
    return _to_account(ref)


@billing_desk.post("/coding/hand-offs/<ref>/<any(again, settle):step>")
@requires("coding.hand_off")
def look_after(ref: str, step: str) -> Any:
    """Send a message that needs attention again, or settle it by hand."""
    row = actions.hand_off_with(ref)
    if row is None:
        abort(404)
    place = row.encounter.ref
    try:
        if step == "again":
            actions.send_again(current_actor(), ref)
            flash("It is sent again.", "success")
        else:
            taken = {"yes": True, "no": False}.get(request.form.get("taken", ""))
            if taken is None:
                raise CodingError("Say whether billing has it.")
            actions.settle(current_actor(), ref, is_taken=taken, reason=request.form.get("reason", ""))
            flash("Settled.", "success")
    except CodingError as error:
        flash(str(error), "error")
    return _to_account(place)


def _to_account(ref: str) -> Any:
    return redirect(url_for("billing_desk.account", ref=ref), 303)


@billing_desk.get("/coding/hand-offs/<ref>/file")
@requires("coding.hand_off")
def download(ref: str) -> Any:
    """Hand out a message as it was handed off."""
    row = actions.hand_off_with(ref)
    if row is None:
        abort(404)
    actions.note_download(current_actor(), row.encounter, hand_off=row.ref)
    return _file(row.content, row.format, f"{row.format}-{row.ref}")


@billing_desk.get("/encounters/<ref>/billing/<int:number>.csv")
@requires("coding.hand_off")
def download_version(ref: str, number: int) -> Any:
    """Hand out one version of an encounter's codes as CSV."""
    found = an_encounter(ref)
    version = next((one for one in versions_of(found) if one.number == number), None)
    if version is None:
        abort(404)
    text = actions.version_csv(current_actor(), found, version)
    return _file(text, "csv", f"codes-{version.ref}")


def _file(text: str, format: str, name: str) -> Response:
    kind, ending = FILES[format]
    # The byte order mark lets spreadsheets read names with accents.
    response = Response(
        ("\ufeff" + text if format == "csv" else text).encode(), content_type=f"{kind}; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
