"""The identity queue in the browser."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts import identity_queue
from query_mgr.charts.intake import console, replay
from query_mgr.charts.problems import Held, Rejection

identities = Blueprint("identities", __name__, url_prefix="/interfaces/identity")
_REFUSED = (identity_queue.IdentityError, replay.ReplayError, Rejection, Held)


@identities.get("")
@requires("identity.decide")
def queue() -> Any:
    """Show whose identity is in doubt."""
    return render_template(
        "interfaces/identity.html",
        held=identity_queue.held_messages(),
        pairs=identity_queue.open_pairs(),
        missing=identity_queue.missing_stays(),
        merged=identity_queue.merges(),
    )


@identities.post("/pairs/<ref>")
@requires("identity.decide")
def decide(ref: str) -> Any:
    """Merge two patients, or remember that they are different."""
    try:
        identity_queue.decide(ref, request.form.get("do", ""), current_actor())
        flash("Noted.", "success")
    except _REFUSED as error:
        flash(str(error), "error")
    return _back()


@identities.post("/merges/<int(max=2147483647):number>")
@requires("identity.decide")
def unmerge(number: int) -> Any:
    """Undo a merge."""
    try:
        identity_queue.unmerge(number, current_actor())
        flash("Unmerged. Everything is back under its own number.", "success")
    except _REFUSED as error:
        flash(str(error), "error")
    return _back()


@identities.post("/messages/<ref>")
@requires("identity.decide")
def assign(ref: str) -> Any:
    """Say whose a held message is."""
    part = console.part_of(ref)
    if part is None:
        abort(404)
    try:
        report = identity_queue.assign(part, request.form.get("mrn", ""), current_actor())
        is_in = report.status in ("imported", "unchanged")
        reason = "; ".join(report.errors or report.warnings)
        flash(
            "Assigned and replayed." if is_in else f"Replayed, and {report.status} again: {reason}",
            "success" if is_in else "error",
        )
    except _REFUSED as error:
        flash(str(error), "error")
    return _back()


def _back() -> Any:
    return redirect(url_for("identities.queue"), 303)
