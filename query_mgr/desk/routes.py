"""The first page and the encounter workspace: the chart on the left, codes and queries on the right."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import and_, func, or_, select

from query_mgr.accounts.permissions import may, requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.identity import identities_of
from query_mgr.charts.models import Encounter, Patient
from query_mgr.delivery import attention
from query_mgr.desk.chart_pages import begin_reading, chart, document_part, is_part
from query_mgr.desk.coding_page import panel
from query_mgr.desk.encounters import an_encounter, queries_of
from query_mgr.platform.db import db
from query_mgr.platform.text import one_line
from query_mgr.queries import cosign
from query_mgr.queries.evidence import WATCHED
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query, QueryIndicator
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond.amendments import KINDS

desk = Blueprint("desk", __name__)
desk.app_context_processor(lambda: {"identities_of": identities_of})
PAGE = 50


@desk.get("/")
@requires("desk.view")
def today() -> Any:
    """List encounters with their open queries, and what came back; who may read no chart goes to the directory."""
    if not may(current_user.role_names, "chart.view"):
        return redirect(url_for("accounts.providers"))
    words = one_line(request.args.get("q", ""))[:80]
    waiting = (
        select(func.count(Query.id))
        .where(Query.encounter_id == Encounter.id, Query.status.in_(OPEN))
        .correlate(Encounter)
        .scalar_subquery()
    )
    wanted = select(Encounter, waiting)
    if words:
        wanted = wanted.join(Patient, Patient.id == Encounter.patient_id).where(
            or_(
                Patient.mrn == words,
                Encounter.number == words,
                Patient.family_name.istartswith(words, autoescape=True),
            )
        )
    rows = db.session.execute(wanted.order_by(Encounter.admitted_at.desc(), Encounter.id).limit(PAGE)).all()
    total = db.session.scalar(select(func.count(Encounter.id)))
    moved = select(QueryIndicator.query_id).where(QueryIndicator.source_state != "")
    back = db.session.scalars(
        select(Query)
        .where(
            or_(
                Query.status.in_(("answered", "needs_information", "undelivered", "handed_back")),
                and_(Query.status.in_(WATCHED), Query.id.in_(moved)),
            )
        )
        .order_by(Query.updated_at)
    ).all()
    return render_template(
        "desk/today.html", rows=rows, total=total, back=back[:20], count_back=len(back), words=words,
        given_back=cosign.given_back_to(current_actor()), troubles=_troubles(), amended=reconcile.unread(), kinds=KINDS,
    )  # fmt: skip


def _troubles() -> int:
    """Return how many messages need somebody, for those who may see to it."""
    return attention.count() if may(current_user.role_names, "delivery.repair") else 0


@desk.get("/encounters/<ref>")
@requires("chart.view")
def encounter(ref: str) -> Any:
    """Show a chart with its codes and queries."""
    reading = begin_reading(lambda: an_encounter(ref))
    if is_part():
        return render_template("desk/chart/document.html", **document_part(reading))
    work = panel(reading.encounter, reading.asked)
    return render_template("desk/encounter.html", **chart(reading) | work, queries=queries_of(reading.encounter))
