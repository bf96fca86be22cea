"""The first page: the charts of the house, newest first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import func, select

from query_mgr.accounts.permissions import may, requires
from query_mgr.charts.models import Encounter
from query_mgr.platform.db import db
from query_mgr.queries.models import Query

desk = Blueprint("desk", __name__)
PAGE = 50
OPEN = ("sent", "delivered", "opened", "needs_information", "undelivered")


@desk.get("/")
@requires("desk.view")
def today() -> Any:
    """List the latest encounters with their open queries; who may read no chart goes to the directory."""
    if not may(current_user.role_names, "chart.view"):
        return redirect(url_for("accounts.providers"))
    waiting = (
        select(func.count(Query.id))
        .where(Query.encounter_id == Encounter.id, Query.status.in_(OPEN))
        .correlate(Encounter)
        .scalar_subquery()
    )
    rows = db.session.execute(select(Encounter, waiting).order_by(Encounter.admitted_at.desc()).limit(PAGE)).all()
    total = db.session.scalar(select(func.count(Encounter.id)))
    return render_template("desk/today.html", rows=rows, total=total)
