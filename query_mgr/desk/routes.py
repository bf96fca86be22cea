"""The first page and the encounter workspace: the chart on the left, codes and queries on the right."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import and_, func, or_, select

from query_mgr.accounts.permissions import may, requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.identity import identities_of
from query_mgr.charts.models import Encounter, Patient
from query_mgr.coding import actions as coding
from query_mgr.coding import reader as codes
from query_mgr.coding.codeset import POA_VALUES, CodingError
from query_mgr.coding.evidence import evidence_in_document, evidence_in_fact
from query_mgr.desk.chart_pages import begin_reading, chart, document_part, is_part
from query_mgr.platform.db import db
from query_mgr.platform.text import one_line
from query_mgr.queries.evidence import WATCHED
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query, QueryIndicator
from query_mgr.reconcile.trail import trail

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
                Query.status.in_(("answered", "needs_information", "undelivered")),
                and_(Query.status.in_(WATCHED), Query.id.in_(moved)),
            )
        )
        .order_by(Query.updated_at)
    ).all()
    return render_template(
        "desk/today.html", rows=rows, total=total, back=back[:20], count_back=len(back), words=words
    )


def an_encounter(ref: str) -> Encounter:
    """Return the encounter with `ref`, or answer 404."""
    found = db.session.scalar(select(Encounter).where(Encounter.ref == ref))
    if found is None:
        abort(404)
    return found


@desk.get("/encounters/<ref>")
@requires("chart.view")
def encounter(ref: str) -> Any:
    """Show a chart with its codes and queries."""
    reading = begin_reading(lambda: an_encounter(ref))
    if is_part():
        return render_template("desk/chart/document.html", **document_part(reading))
    return render_template("desk/encounter.html", **chart(reading), **_work(reading.encounter))


def _work(encounter: Encounter) -> dict[str, Any]:
    queries = select(Query).where(Query.encounter_id == encounter.id).order_by(Query.id.desc())
    return {
        "codes": codes.codes_of(encounter),
        "issues": codes.issues_of(encounter),
        "queries": db.session.scalars(queries).all(),
        "poa_values": POA_VALUES,
    }


@desk.post("/encounters/<ref>/codes")
@requires("coding.edit")
def assign(ref: str) -> Any:
    """Assign a code, with the place in the chart that documents it."""
    found, form = an_encounter(ref), request.form
    try:
        coding.assign(
            current_actor(), found, form.get("code", ""), poa=form.get("poa", ""), reason=form.get("reason", ""),
            evidence=_evidence(found),
        )  # fmt: skip
    except CodingError as error:
        flash(str(error), "error")
    return redirect(url_for("desk.encounter", ref=ref) + "#codes", 303)


def _evidence(encounter: Encounter) -> dict[str, Any] | None:
    """Return the evidence that the form points at. Raises CodingError where it is not in this chart."""
    kind, _, place = request.form.get("evidence", "").partition(":")
    try:
        if kind == "document":
            start, end = request.form.get("start", None, int), request.form.get("end", None, int)
            return evidence_in_document(encounter, place, start, end)
        return evidence_in_fact(encounter, place) if kind == "fact" else None
    except ValueError as error:
        raise CodingError(f"This cannot be evidence for a code: {error}") from None


@desk.post("/codes/<code_ref>/change")
@requires("coding.edit")
def change_code(code_ref: str) -> Any:
    """Move or remove a code, set its POA indicator, or say where it is documented."""
    row = codes.assignment(code_ref)
    if row is None:
        abort(404)
    ref, form, actor = row.encounter.ref, request.form, current_actor()
    try:
        match form.get("change"):
            case "remove":
                coding.remove(actor, code_ref, reason=form.get("reason", "") or "removed by the coder")
            case "up":
                coding.move(actor, code_ref, max(row.sequence - 1, 1))
            case "evidence":
                coding.set_evidence(actor, code_ref, _evidence(row.encounter), reason="documented in the chart")
            case "poa":
                coding.set_poa(actor, code_ref, form.get("poa", ""))
            case _:
                abort(400)
    except CodingError as error:
        flash(str(error), "error")
    return redirect(url_for("desk.encounter", ref=ref) + "#codes", 303)


@desk.get("/codes/<code_ref>/trail")
@requires("chart.view")
def code_trail(code_ref: str) -> Any:
    """Show why a code stands."""
    steps = trail(code_ref)
    if not steps:
        abort(404)
    return render_template("desk/trail.html", steps=steps, row=codes.assignment(code_ref))
