"""The composer: a draft beside its chart, saved and checked while it is written, and sent."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.desk import composer_page
from query_mgr.desk.chart_pages import PART, begin_reading, chart, document_part, is_part
from query_mgr.desk.keys import COMPOSER_KEYS
from query_mgr.desk.query_routes import ERRORS, a_query, askable, query_desk
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import CONTENT_POLICY
from query_mgr.queries import compose, cosign, drafting, fixing, sending
from query_mgr.queries.answers import AnswersError, offered
from query_mgr.queries.drafting import Words
from query_mgr.queries.models import Query
from query_mgr.queries.site_templates import in_force
from query_mgr.queries.snapshot import snapshot_of
from query_mgr.queries.surroundings import surroundings_of

__all__ = ["query_desk"]

query_desk.app_context_processor(lambda: {"composer_keys": COMPOSER_KEYS})
#: the fetch of what is said of a draft while it is written
CHECK = "text/x-check"
_LONGEST_NUMBER = 10  # digits of a place in a document, and more than any has


@query_desk.get("/queries/<ref>/edit")
@requires("query.compose")
def edit(ref: str) -> Any:
    """The composer: the chart, the draft, and what the provider will see."""
    query = a_query(ref)
    if query.status != "draft":
        return redirect(url_for("query_desk.query", ref=ref))
    if is_part():
        reading = begin_reading(lambda: a_query(ref).encounter)
        return render_template("desk/chart/document.html", draft=a_query(ref), **document_part(reading))
    return _page(query, drafting.words_of(query))


def _page(query: Query, words: Words, status: int = 200, **more: Any) -> Any:
    """Return the whole page, with words that may not be stored."""
    ref = query.ref
    reading = begin_reading(lambda: a_query(ref).encounter)
    query = a_query(ref)
    shown = composer_page.everything(query, words, askable(), **more)
    page = render_template(
        "desk/composer.html", draft=query, template=in_force().get(query.template_key), **shown, **chart(reading)
    )
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = f"{CONTENT_POLICY}; frame-src 'self'"
    return response


def _answer(query: Query, words: Words, status: int = 200, **more: Any) -> Any:
    """Answer a form: a fetch gets the parts of the page that changed, others the page."""
    accept = request.headers.get("Accept")
    if accept == CHECK:
        return render_template("desk/compose/said.html", **composer_page.said(query, words, **more)), status
    if accept == PART:
        shown = composer_page.everything(query, words, askable(), **more)
        return render_template("desk/compose/draft.html", **shown), status
    if status == 200:
        return redirect(url_for("query_desk.edit", ref=query.ref) + "#draft", 303)
    return _page(query, words, status, **more)


def _typed(query: Query) -> tuple[Words, str]:
    """Return the words of the form, and why its answers must not be offered: then those stay as they were."""
    form, before = request.form, drafting.words_of(query)
    keep, added = set(form.getlist("option")), form.get("added", "")
    is_known = not added and keep <= {one["key"] for one in before.options}
    provider = db.session.scalar(select(Provider).where(Provider.ref == form.get("provider", "")))
    answers, error = before.options, ""
    try:
        answers = offered(before.options if is_known else compose.known_answers(query), keep, added)
    except AnswersError as refused:
        error = str(refused)
    fields = {
        name: form.get(name, "") for name in ("title", "body", "question", "override_reason", "repeat_reason")
    }
    return drafting.typed(before, provider or query.provider, answers, **fields), error


def _changing(ref: str, change: Callable[[Query], Query]) -> Any:
    """Keep what was typed, then change the draft; answer with what there is now, or why nothing was done."""
    query, form = a_query(ref), request.form
    words, error = _typed(query) if "title" in form else (drafting.words_of(query), "")
    if error:
        return _answer(query, words, 400, error=error)
    try:
        query = change(drafting.write(current_actor(), query, words, form.get("over") or form.get("seen", "")))
    except drafting.ChangedMeanwhileError as refused:
        query = a_query(ref)
        shown = composer_page.conflict(query, words, askable())
        return _answer(query, words, 409, error=str(refused), conflict=shown, seen=form.get("seen", ""))
    except ERRORS as refused:
        return _answer(a_query(ref), words, 400, error=str(refused))
    if query.status != "draft":
        return redirect(url_for("query_desk.query", ref=ref), 303)
    return _answer(query, drafting.words_of(query))


#: what a button of the composer does beside saving, and what is said then
_STEPS: dict[str, tuple[Callable[..., Query], str]] = {
    "send": (sending.send, "Sent. The provider is told by mail."),
    "submit": (cosign.submit, "Handed in. A lead co-signs it or gives it back."),
}


@query_desk.post("/queries/<ref>/edit")
@requires("query.compose")
def save(ref: str) -> Any:
    """Save the draft, and say what the check finds; send it where Send was pressed."""

    return _changing(ref, _step)


def _step(query: Query) -> Query:
    """Do what the button says beside saving."""
    if not _PLACES.isdisjoint(request.form):
        return _indicators_changed(query)
    do, _, key = request.form.get("do", "").partition(" ")
    if do == "fix":
        return fixing.fix(current_actor(), query, key)
    if do in _STEPS:
        act, told = _STEPS[do]
        query = act(current_actor(), query, query.override_reason, query.repeat_reason)
        flash(told, "success")
    return query


@query_desk.post("/queries/<ref>/indicators")
@requires("query.compose")
def attach(ref: str) -> Any:
    """Make a place in the chart a clinical indicator, move one, or take one off."""
    return _changing(ref, _indicators_changed)


def _indicators_changed(query: Query) -> Query:
    form, actor = request.form, current_actor()
    for name, by in (("up", -1), ("down", 1)):
        if name in form:
            return drafting.move(actor, query, form.get(name, 0, int), by)
    if "remove" in form:
        return drafting.detach(actor, query, form.get("remove", 0, int))
    return compose.attach(actor, query, _place())


#: fields that name a place in the chart: of a fact its ref; of a passage its document, start and end; of a trend its values
_PLACES = frozenset({"fact", "passage", "reading"})


def _place() -> compose.Place:
    form = request.form
    if "passage" in form:
        ref, start, end = (*form["passage"].split(" "), "", "")[:3]
        span = [int(one) if one.isdecimal() and len(one) < _LONGEST_NUMBER else None for one in (start, end)]
        return compose.Place("document", (ref,), *span)
    kind = "fact" if "fact" in form else "trend"
    return compose.Place(kind, tuple(form.getlist("fact" if kind == "fact" else "reading")))


@query_desk.get("/queries/<ref>/preview")
@requires("query.compose")
def preview(ref: str) -> Any:
    """Show the draft on the provider's own page, where nothing can be done: no script runs and no form is sent."""
    query = a_query(ref)
    snapshot = snapshot_of(query, surroundings_of(query))
    html = render_template("queries/question.html", snapshot=snapshot)
    page = render_template(
        "respond/question.html", snapshot=snapshot, error="", kept={}, op_id="", parts=(), elsewhere=(),
        first_day=clock.now(), last_day=clock.now(),
        query=SimpleNamespace(ref=ref, snapshot_html=html, comments=(), encounter=query.encounter),
    )  # fmt: skip
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'self'; "
        "base-uri 'none'; sandbox allow-same-origin"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
