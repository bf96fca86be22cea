"""A site's old query library, checked in the browser. Nothing of it is stored or logged."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from query_mgr.accounts.permissions import requires
from query_mgr.queries.checking import reading
from query_mgr.queries.checking.fields import COLUMNS
from query_mgr.queries.checking.report import Report, as_lines, as_table, checked, words_of
from query_mgr.queries.edition import edition_in_force
from query_mgr.queries.lint import RULES

check_desk = Blueprint("check_desk", __name__)
#: the download carries the text again, which a form may hold in characters of up to four bytes each
_LARGEST_FORM = 4 * reading.LARGEST


@check_desk.get("/queries/check")
@requires("query.view")
def choose() -> Any:
    """Ask for a file or text."""
    return _page()


@check_desk.post("/queries/check")
@requires("query.view")
def check() -> Any:
    """Show what the lint finds, or hand it out as a file."""
    request.max_form_memory_size = _LARGEST_FORM
    upload, text, kind = request.files.get("file"), request.form.get("text", ""), request.form.get("kind", "")
    content, name = text.encode(), ""
    if upload and upload.filename:
        content, name = upload.read(reading.LARGEST + 1), upload.filename
    if kind not in reading.FORMATS:
        kind = reading.kind_of(name, content)
    try:
        if not content.strip():
            raise reading.UnreadableError("Choose a file, or paste the queries, first.")
        report = checked(reading.read(content, kind), edition_in_force())
    except reading.UnreadableError as wrong:
        return _page(error=str(wrong), text=text), 400
    wanted = request.form.get("as", "")
    if wanted in ("csv", "jsonl"):
        return _file(report, wanted)
    return render_template(
        "desk/check_report.html", report=report, name=name, kind=kind, content=reading.decoded(content),
        titles={rule.id: rule.title for rule in RULES}, words_of=words_of,
    )  # fmt: skip


def _page(error: str = "", text: str = "") -> str:
    return render_template(
        "desk/check_library.html", error=error, text=text, columns=COLUMNS, most=reading.MOST,
        largest=reading.LARGEST >> 20,
    )  # fmt: skip


def _file(report: Report, ending: str) -> Response:
    # The byte order mark lets spreadsheets read names with accents.
    text, mimetype = (
        ("\ufeff" + as_table(report), "text/csv") if ending == "csv" else (as_lines(report), "application/jsonl")
    )
    headers = {"Content-Disposition": f'attachment; filename="query-check.{ending}"'}
    return Response(text, mimetype=mimetype, headers=headers)
