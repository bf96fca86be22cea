"""Parts of a chart with an address of their own: a trend, what changed, a file, the timeline, the printed chart."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import undefer

from query_mgr.accounts.permissions import may, requires
from query_mgr.accounts.session import current_actor
from query_mgr.audit import actions as audit
from query_mgr.charts import contents, courses, reader, results
from query_mgr.charts.attachments import disposition, safe_name, served_type
from query_mgr.charts.changes import steps_of
from query_mgr.charts.evidence import reference
from query_mgr.charts.models import Attachment, Document, Encounter
from query_mgr.desk import chart_pages
from query_mgr.desk.asked import Asked
from query_mgr.desk.encounters import queries_of
from query_mgr.desk.keys import KEYS
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line, signs
from query_mgr.platform.web import local
from query_mgr.queries import compose
from query_mgr.queries.models import Query

chart_desk = Blueprint("chart_desk", __name__)
chart_desk.add_app_template_filter(signs)
chart_desk.app_context_processor(lambda: {"chart_keys": KEYS})
_PER_PAGE = 400


def _encounter(condition: Any) -> Encounter:
    found = db.session.scalar(select(Encounter).where(condition))
    if found is None:
        abort(404)
    return found


def _note(action: str, encounter: Encounter, **detail: Any) -> None:
    """Keep in the audit trail what of a chart was shown."""
    ref = encounter.ref
    with unit_of_work():
        audit.record(current_actor().email, action, "encounter", ref, **detail)


def _page(part: str, title: str, encounter: Encounter, **more: Any) -> str:
    """Return a part of the chart: alone where a page fetches it, else with everything around it."""
    template = f"desk/chart/{part}.html"
    if chart_pages.is_part():
        return render_template(template, encounter=encounter, **more)
    return render_template("desk/chart/page.html", part=template, title=title, encounter=encounter, **more)


@chart_desk.get("/facts/<ref>/trend")
@requires("chart.view")
def trend(ref: str) -> Any:
    """Show all values of the test that a fact is of; for a draft, to be chosen as one clinical indicator."""
    found = results.trend_of(ref)
    if found is None:
        abort(404)
    encounter = _encounter(Encounter.id == found[0])
    _note("chart.read", encounter, fact=ref)
    return _page("trend", found[1].name, encounter, found=found[1], draft=_draft(encounter), reference=reference)


def _draft(encounter: Encounter) -> Query | None:
    """Return the draft that evidence is being picked for, where this person may compose it."""
    ref = request.args.get("draft", "")[:16]
    if not ref or not may(current_actor().role_names, "query.compose"):
        return None
    query = select(Query).where(Query.ref == ref, Query.encounter_id == encounter.id, Query.status == "draft")
    return db.session.scalar(query)


@chart_desk.get("/documents/<ref>/changes")
@requires("chart.view")
def changes(ref: str) -> Any:
    """Show, word by word, what a document said before."""
    document, encounter = _document(ref)
    _note("chart.read", encounter, document=ref)
    return _page("changes", "What changed", encounter, document=document, steps=steps_of(document, local))


def _document(ref: str) -> tuple[Document, Encounter]:
    document = db.session.scalar(select(Document).where(Document.ref == ref))
    if document is None or document.encounter_id is None:
        abort(404)
    return document, _encounter(Encounter.id == document.encounter_id)


@chart_desk.get("/documents/<ref>")
@requires("chart.view")
def whole_document(ref: str) -> Any:
    """Show a document to its end, however long it is."""
    document, encounter = _document(ref)
    reading = chart_pages.Reading(encounter, Asked(doc=ref), document, None)
    _note("chart.read", encounter, document=ref)
    return _page(
        "whole", document.title, encounter, **_without_encounter(chart_pages.document_part(reading, True))
    )


def _without_encounter(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "encounter"}


@chart_desk.get("/attachments/<ref>")
@requires("chart.view")
def attachment(ref: str) -> Response:
    """Hand out a file that came with a document: as a download, never shown or run here (assurance C33)."""
    query = select(Attachment, Document.encounter_id).join(Document, Document.id == Attachment.document_id)
    row = db.session.execute(query.where(Attachment.ref == ref).options(undefer(Attachment.content))).first()
    if row is None:
        abort(404)
    found, encounter_id = row
    with unit_of_work():
        subject = db.session.scalar(select(Encounter.ref).where(Encounter.id == encounter_id))
        kind = "encounter" if subject else "document"
        audit.record(current_actor().email, "chart.downloaded", kind, subject or "", attachment=ref)
    served = served_type(found.content_type, found.content)
    response = Response(found.content, content_type=served)
    response.headers["Content-Disposition"] = disposition(safe_name(found.name, served))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


@chart_desk.get("/encounters/<ref>/timeline")
@requires("chart.view")
def timeline(ref: str) -> Any:
    """Show what happened, day by day."""
    encounter = _encounter(Encounter.ref == ref)
    _note("chart.read", encounter, part="timeline")
    page = min(max(request.args.get("page", 1, int), 1), 10_000)
    entries = reader.timeline(encounter)
    shown = entries[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    days = [(day, list(of_day)) for day, of_day in groupby(shown, key=lambda one: local(one.at, "%A, %b %d, %Y"))]
    return _page(
        "timeline", "Timeline", encounter, days=days, later=page + 1 if len(entries) > page * _PER_PAGE else 0
    )


@chart_desk.get("/encounters/<ref>/suggestions")
@requires("query.compose")
def suggested(ref: str) -> Any:
    """Show which templates fit the chart and why; with `search`, which speak of these words and what they lack.

    It reads every text, so the chart itself does not wait for it.
    """
    encounter = _encounter(Encounter.ref == ref)
    words = one_line(request.args.get("search", ""))[:80]
    asked = {one.template_key: one for one in queries_of(encounter) if one.status != "cancelled"}
    found = compose.suggested(encounter, words)
    return _page("suggestions", "What is worth asking", encounter, found=found, words=words, asked_before=asked)


@chart_desk.get("/encounters/<ref>/print")
@requires("chart.view")
def print_chart(ref: str) -> Any:
    """Show chosen documents, or all, black on white with the patient on every page (assurance A17)."""
    encounter = _encounter(Encounter.ref == ref)
    everything = bool(request.args.get("all"))
    chosen = set(request.args.getlist("doc"))
    counting = (Document.encounter_id == encounter.id, Document.status.not_in((*contents.TAKEN_BACK, "replaced")))
    choices = db.session.execute(
        select(Document.ref, Document.title, Document.authored_at).where(*counting).order_by(Document.authored_at)
    ).all()
    if not chosen and not everything:
        first = contents.opened(encounter, "")
        chosen = {first.ref} if first else set()
    wanted = select(Document).where(*counting).order_by(Document.authored_at, Document.id)
    documents = db.session.scalars(
        wanted if everything else wanted.where(Document.ref.in_(list(chosen)[:500]))
    ).all()
    _note("chart.printed", encounter, documents=len(documents))
    things = courses.courses_of(encounter, "procedure", "location")
    return render_template(
        "desk/chart/print.html", encounter=encounter, choices=choices, documents=documents, now=clock.now(),
        chosen={one.ref for one in documents}, story=chart_pages.story_of(encounter, things),
    )  # fmt: skip


@chart_desk.get("/keys")
@requires("desk.view")
def keys() -> str:
    """List the keys."""
    return render_template("desk/keys.html")
