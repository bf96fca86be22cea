"""Start, follow and reconcile a query. The composer's pages stand in composer_routes.py."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.permissions import may, requires
from query_mgr.accounts.session import current_actor
from query_mgr.audit import actions as audit
from query_mgr.desk.encounters import an_encounter
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, compose, cosign, lifecycle, sending, worklist
from query_mgr.queries.lint import RULES
from query_mgr.queries.lint.draft import SOURCE_STATES
from query_mgr.queries.models import Query
from query_mgr.queries.repeats import notices_of
from query_mgr.queries.rerouting import candidates, earlier_revisions, reassign
from query_mgr.queries.snapshot import snapshot_of
from query_mgr.queries.surroundings import surroundings_of
from query_mgr.queries.threads import thread_of
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond.amendments import FLAGS, KINDS
from query_mgr.respond.later import later_of
from query_mgr.respond.models import Amendment, Answer
from query_mgr.respond.noted import notes_since
from query_mgr.respond.record_routes import as_download
from query_mgr.respond.words import AnswerError

query_desk = Blueprint("query_desk", __name__)
query_desk.app_context_processor(lambda: {"source_states": SOURCE_STATES})
ERRORS = (
    actions.QueryError, lifecycle.NotPossibleError, reconcile.ReconcileError, reconcile.CodingError, AnswerError,
)  # fmt: skip


def a_query(ref: str) -> Query:
    """Return the query with `ref`, or answer 404."""
    found = db.session.scalar(select(Query).where(Query.ref == ref))
    if found is None:
        abort(404)
    return found


def askable() -> list[Provider]:
    """Return the providers who can be asked."""
    found = select(Provider).where(Provider.is_active, Provider.email.is_not(None)).order_by(Provider.name)
    return list(db.session.scalars(found))


@query_desk.get("/queries")
@requires("query.view")
def queries() -> Any:
    """List queries by status, provider and author, the latest change first."""
    args = request.args
    chosen = {
        "status": args.get("status", "") if args.get("status") in lifecycle.STATUSES else "",
        "provider": args.get("provider", "")[:16],
        "mine": "1" if args.get("mine") else "",
    }
    author = current_actor().user_id if chosen["mine"] else None
    rows, mark = worklist.page(
        worklist.Wanted(chosen["status"], chosen["provider"], author, args.get("after", "")[:80])
    )
    return render_template(
        "desk/queries.html", rows=rows, mark=mark, chosen=chosen, people=askable(), statuses=lifecycle.STATUSES
    )


@query_desk.post("/encounters/<ref>/queries")
@requires("query.compose")
def start(ref: str) -> Any:
    """Start a draft, to the attending unless that is nobody who can be asked."""
    encounter = an_encounter(ref)
    people = askable()
    if not people:
        flash("No provider can be asked yet: add an email address and a PIN in the directory.", "error")
        return redirect(url_for("desk.encounter", ref=ref), 303)
    provider = encounter.attending if encounter.attending in people else people[0]
    assert provider is not None
    try:
        query = compose.start(current_actor(), encounter, provider, request.form.get("template", ""))
    except ERRORS as error:
        flash(str(error), "error")
        return redirect(url_for("desk.encounter", ref=ref), 303)
    return redirect(url_for("query_desk.edit", ref=query.ref), 303)


def checked(query: Query) -> dict[str, Any]:
    """Return what lint and guard say of a query now, and how its provider would see it."""
    titles = {rule.id: rule.title for rule in RULES}
    return {
        "findings": sending.findings_of(query), "notices": notices_of(query), "rule_titles": titles,
        "snapshot": snapshot_of(query, surroundings_of(query)),
    }  # fmt: skip


@query_desk.get("/queries/<ref>")
@requires("query.view")
def query(ref: str) -> Any:
    """Show a query as sent, its answer, and what the answer proposes."""
    found = a_query(ref)
    answer = answer_of(found)
    return render_template(
        "desk/query.html", query=found, answer=answer, thread=thread_of(found), together=sending.together_with(found),
        is_own=cosign.is_own(current_actor(), found),
        waiting_with=cosign.waiting_with(found) if found.status == "awaiting_cosign" else (),
        later=later_of(found), earlier=earlier_revisions(found), whom=_whom(found),
        notes=notes_since(found) if found.status in lifecycle.OPEN else (),
        **(checked(found) if found.status in lifecycle.UNSENT else {}), **_effect(found, answer),
    )  # fmt: skip


def _whom(query: Query) -> list[tuple[str, list[Provider]]]:
    is_open = query.status in lifecycle.OPEN and query.talk is None
    return candidates(query, askable()) if is_open and may(current_actor().role_names, "query.reassign") else []


@query_desk.post("/queries/<ref>/reassign")
@requires("query.reassign")
def hand_on(ref: str) -> Any:
    """Ask another provider."""
    found, form = a_query(ref), request.form
    provider = db.session.scalar(select(Provider).where(Provider.ref == form.get("provider", "")[:16]))
    try:
        if provider is None:
            raise actions.QueryError("Choose whom to ask.")
        reassign(current_actor(), found, provider, form.get("reason", "")[:500])
        flash("Handed on. The provider is told by mail; the clock goes on.", "success")
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.query", ref=ref), 303)


def answer_of(query: Query) -> Answer | None:
    """Return the answer to a query as it stands."""
    return db.session.scalar(select(Answer).where(Answer.query_id == query.id, Answer.revision == query.revision))


def _effect(query: Query, answer: Answer | None) -> dict[str, Any]:
    row = reconcile.pending(answer) if answer else None
    result: dict[str, Any] = {
        "reconciliation": row, "before": (), "after": (), "problem": "", "kinds": KINDS, "flags": FLAGS,
        "reviews": reconcile.reviews_of(answer) if answer else {},
    }  # fmt: skip
    if row is not None and not row.decision and row.proposal:
        try:
            result["before"], result["after"] = reconcile.before_and_after(query.encounter, row.proposal)
        except reconcile.CodingError as error:
            result["problem"] = str(error)
    return result


@query_desk.post("/queries/<ref>/<any(reply, cancel, resend):step>")
@requires("query.send")
def take_step(ref: str, step: str) -> Any:
    """Reply to the provider, cancel, or send again."""
    found, text = a_query(ref), request.form.get("text", "")
    try:
        match step:
            case "reply":
                actions.reply(current_actor(), found, text)
            case "cancel":
                actions.cancel(current_actor(), found, text)
            case _:
                sending.resend(current_actor(), found)
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.query", ref=ref), 303)


@query_desk.post("/queries/<ref>/reconcile")
@requires("reconcile.decide")
def decide(ref: str) -> Any:
    """Keep the coder's decision about the answer."""
    found, form = a_query(ref), request.form
    answer = answer_of(found)
    if answer is None:
        abort(409)
    try:
        changes = reconcile.edited_changes(form.get("changes", "")) if form.get("decision") == "edited" else None
        reconcile.decide(current_actor(), answer, form.get("decision", ""), form.get("reason", ""), changes)
        flash("Reconciled.", "success")
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.query", ref=ref), 303)


@query_desk.get("/queries/<ref>/record.pdf")
@requires("query.view")
def record(ref: str) -> Any:
    """Give the record of a query that was sent as a PDF; who took it is kept."""
    found, actor = a_query(ref), current_actor()
    if found.sent_at is None:
        abort(404)
    with unit_of_work():
        audit.record(actor.email, "record.printed", "query", found.ref)
    return as_download(a_query(ref))


@query_desk.post("/queries/<ref>/amendments/<amendment>")
@requires("reconcile.decide")
def note_amendment(ref: str, amendment: str) -> Any:
    """Keep that the coder read an amendment."""
    answer = answer_of(a_query(ref))
    found = db.session.scalar(select(Amendment).where(Amendment.ref == amendment))
    if answer is None or found is None or found.answer_id != answer.id:
        abort(404)
    try:
        reconcile.note_amendment(current_actor(), found, request.form.get("followed", "")[:500])
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("query_desk.query", ref=ref), 303)
