"""What is worth asking: the worklist over all charts, the gaps of one chart, and what a person does with them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.clinical.library import load
from query_mgr.desk.chart_pages import is_part
from query_mgr.desk.encounters import an_encounter
from query_mgr.desk.query_routes import ERRORS, askable
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries.opportunities import actions
from query_mgr.queries.opportunities.gap import KINDS
from query_mgr.queries.opportunities.listing import ORDERS, of_encounter, worklist
from query_mgr.queries.opportunities.models import Opportunity

opportunity_desk = Blueprint("opportunity_desk", __name__)
opportunity_desk.app_context_processor(lambda: {"gap_kinds": KINDS, "condition_named": _condition_named})
#: the keys of the worklist, as static/opportunities.js has them
KEYS = (
    ("j", "Next gap"),
    ("k", "Gap before"),
    ("a or Enter", "Ask: start the query from the template that fits"),
    ("x", "Dismiss it, with a reason"),
    ("o", "Open the chart"),
)


def _condition_named(condition: str) -> str:
    found = load().get(condition)
    return found.name if found else condition.replace("_", " ")


@opportunity_desk.get("/opportunities")
@requires("query.compose")
def opportunities() -> Any:
    """List the gaps over all charts that nobody asked about yet."""
    args = request.args
    order = args.get("order", "")
    order = order if order in ORDERS else current_settings().opportunity_order
    kind = args.get("kind", "") if args.get("kind") in KINDS else ""
    page = min(max(args.get("page", 1, int), 1), 10_000)
    rows, more = worklist(order, kind, page)
    return render_template(
        "desk/opportunities.html",
        rows=rows,
        more=more,
        page=page,
        kind=kind,
        order=order,
        orders=ORDERS,
        keys=KEYS,
    )


@opportunity_desk.get("/encounters/<ref>/opportunities")
@requires("chart.view")
def of_chart(ref: str) -> Any:
    """Show the gaps of one chart, as they were found when it last changed."""
    encounter = an_encounter(ref)
    values: dict[str, Any] = {"encounter": encounter, "rows": of_encounter(encounter)}
    if is_part():
        return render_template("desk/chart/opportunities.html", **values)
    return render_template(
        "desk/chart/page.html", part="desk/chart/opportunities.html", title="Documentation gaps", **values
    )


@opportunity_desk.post("/opportunities/<ref>/ask")
@requires("query.compose")
def ask(ref: str) -> Any:
    """Start the query, to the attending unless that is nobody who can be asked."""
    found, people = _found(ref), askable()
    if not people:
        flash("No provider can be asked yet: add an email address and a PIN in the directory.", "error")
        return _back()
    provider = found.encounter.attending if found.encounter.attending in people else people[0]
    assert provider is not None
    try:
        query = actions.ask(current_actor(), found, provider)
    except ERRORS as error:
        flash(str(error), "error")
        return _back()
    return redirect(url_for("query_desk.edit", ref=query.ref), 303)


@opportunity_desk.post("/opportunities/<ref>/<any(dismiss, reopen):step>")
@requires("query.compose")
def decide(ref: str, step: str) -> Any:
    """Dismiss a gap with a reason, or take that back."""
    found, actor = _found(ref), current_actor()
    try:
        if step == "dismiss":
            actions.dismiss(actor, found, request.form.get("reason", ""))
            flash("Dismissed. New evidence brings it back.", "success")
        else:
            actions.reopen(actor, found)
            flash("Back on the list.", "success")
    except ERRORS as error:
        flash(str(error), "error")
    return _back()


def _found(ref: str) -> Opportunity:
    found = db.session.scalar(select(Opportunity).where(Opportunity.ref == ref))
    if found is None:
        abort(404)
    return found


def _back() -> Any:
    """Return to where the form stood: the chart that it names, else the worklist."""
    chart = request.form.get("chart", "")[:16]
    if chart:
        return redirect(url_for("desk.encounter", ref=chart, _anchor="gaps"), 303)
    return redirect(url_for("opportunity_desk.opportunities"), 303)
