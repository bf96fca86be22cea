"""Ways of asking beside plain sending: co-signed, together, spoken, again; and answers that stand in the chart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.models import Encounter
from query_mgr.desk.encounters import an_encounter
from query_mgr.desk.query_routes import ERRORS, a_query, answer_of, checked
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.queries import cosign, sending, spoken, threads
from query_mgr.queries.actions import QueryError
from query_mgr.queries.models import Query
from query_mgr.respond.noted import Note, answer_from_chart

asking_desk = Blueprint("asking_desk", __name__)
_DONE = {
    "cosign": "Co-signed and sent. The provider is told by mail.",
    "return": "Given back to its author.",
    "take_back": "Yours again, as a draft.",
}


@asking_desk.get("/cosign")
@requires("query.cosign")
def waiting() -> Any:
    """List the queries that wait for a co-signature, the longest wait first."""
    actor = current_actor()
    rows = [(one, cosign.is_own(actor, one)) for one in cosign.waiting()]
    return render_template("desk/cosign.html", rows=rows)


@asking_desk.post("/queries/<ref>/<any(cosign, return, take_back):step>")
@requires("query.submit")
def take_step(ref: str, step: str) -> Any:
    """Co-sign, give back or take back; the action itself checks who may."""
    query, actor, form = a_query(ref), current_actor(), request.form
    try:
        match step:
            case "cosign" if form.get("together"):
                cosign.cosign_together(actor, [query, *cosign.waiting_with(query)])
            case "cosign":
                cosign.cosign(actor, query)
            case "return":
                cosign.give_back(actor, query, form.get("note", ""))
            case _:
                cosign.take_back(actor, query)
        flash(_DONE[step], "success")
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.query", ref=ref), 303)


@asking_desk.route("/encounters/<ref>/queries/together", methods=["GET", "POST"])
@requires("query.send")
def together(ref: str) -> Any:
    """Send several drafts about one encounter to one provider in one mail."""
    encounter = an_encounter(ref)
    drafts, error = drafts_of(encounter), ""
    if request.method == "POST":
        chosen = [one for one in drafts if one.ref in request.form.getlist("query")]
        try:
            sending.send_together(current_actor(), chosen, {one.ref: _reasons(one.ref) for one in chosen})
        except ERRORS as problem:
            error = str(problem)
        else:
            flash(f"{len(chosen)} queries are sent. The provider gets one mail.", "success")
            return redirect(url_for("desk.encounter", ref=ref) + "#queries", 303)
    return render_template(
        "desk/together.html", encounter=encounter, groups=_by_provider(drafts_of(encounter)), error=error,
        chosen=request.form.getlist("query"), form=request.form,
    ), 400 if error else 200  # fmt: skip


def drafts_of(encounter: Encounter) -> list[Query]:
    """Return the drafts about an encounter, in the order they were begun."""
    wanted = select(Query).where(Query.encounter_id == encounter.id, Query.status == "draft")
    return list(db.session.scalars(wanted.order_by(Query.id)))


def _by_provider(drafts: Iterable[Query]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[int, list[dict[str, Any]]] = {}
    names = {}
    for one in drafts:
        names[one.provider_id] = one.provider.signature_name
        groups.setdefault(one.provider_id, []).append({"query": one, **checked(one)})
    return [(names[key], rows) for key, rows in groups.items()]


def _reasons(ref: str = "") -> sending.Reasons:
    form, after = request.form, f":{ref}" if ref else ""
    return sending.Reasons(form.get(f"override_reason{after}", ""), form.get(f"repeat_reason{after}", ""))


@asking_desk.route("/queries/<ref>/spoken", methods=["GET", "POST"])
@requires("query.send")
def record_talk(ref: str) -> Any:
    """Keep a draft as a query that was spoken."""
    query, error, form = a_query(ref), "", request.form
    if query.status != "draft":
        return redirect(url_for("query_desk.query", ref=ref), 303)
    if request.method == "POST":
        try:
            talk = spoken.Talk(
                form.get("asked_by", ""), _local_time(form.get("talked_at", "")), form.get("how", ""),
                form.get("told", ""),
            )  # fmt: skip
            spoken.record(current_actor(), query, talk, _reasons(), form.get("answer") == "confirm")
        except ERRORS as problem:
            error, query = str(problem), a_query(ref)
        else:
            flash("The talk is kept. The query is answered once the provider confirms or notes it.", "success")
            return redirect(url_for("query_desk.query", ref=ref), 303)
    return render_template(
        "desk/spoken.html", query=query, error=error, ways=spoken.WAYS, form=form, now=clock.now(),
        me=current_actor().name, **checked(query),
    ), 400 if error else 200  # fmt: skip


def _local_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(current_settings().time_zone))
    except ValueError:
        raise QueryError("Give day and time of the talk, such as 2026-03-04T14:30.") from None


@asking_desk.post("/queries/<ref>/again")
@requires("query.compose")
def again(ref: str) -> Any:
    """Start a draft that asks an answered query again."""
    query = a_query(ref)
    answer = answer_of(query)
    try:
        if answer is None or query.sent_at is None:
            raise QueryError("Only an answered query is asked again.")
        shown = threads.Earlier(
            query.ref, query.question, query.sent_at.isoformat(),
            ": ".join(filter(None, (answer.option_label, answer.text))),
            answer.signer.signature_name, answer.signed_at.isoformat(),
        )  # fmt: skip
        draft = threads.ask_again(current_actor(), query, shown)
    except ERRORS as error:
        flash(str(error), "error")
        return redirect(url_for("query_desk.query", ref=ref), 303)
    return redirect(url_for("query_desk.edit", ref=draft.ref), 303)


@asking_desk.post("/queries/<ref>/document")
@requires("query.document")
def document(ref: str) -> Any:
    """Take a provider's note as the answer."""
    form = request.form
    note = Note(form.get("document", "")[:16], form.get("words", ""), form.get("option", "")[:40])
    try:
        answer_from_chart(current_actor(), a_query(ref), note)
        flash("The note is kept as the answer.", "success")
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.query", ref=ref), 303)
