"""Import in the browser: choose a file, look at what it would become, decide."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts import uploads
from query_mgr.charts.models import Upload
from query_mgr.charts.preview import look_at
from query_mgr.charts.tables.columns import KINDS

uploading = Blueprint("uploading", __name__)
GONE = "This upload is no longer here: it was imported, discarded, or waited longer than an hour. Upload it again."


@uploading.get("/import")
@requires("chart.import")
def choose() -> Any:
    """Ask for a file, and list those that wait."""
    return render_template("charts/import.html", kinds=KINDS, waiting=uploads.waiting(current_actor()))


@uploading.post("/import")
@requires("chart.import")
def upload() -> Any:
    """Keep a file for an hour and show what it would become."""
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if not sent or not content:
        flash(
            "Choose a CSV or ZIP file first." if not sent or not sent.filename else "The file is empty.", "error"
        )
        return redirect(url_for("uploading.choose"), 303)
    kept = uploads.keep(current_actor(), sent.filename or "", content)
    return redirect(url_for("uploading.preview", ref=kept.ref), 303)


@uploading.get("/import/<ref>")
@requires("chart.import")
def preview(ref: str) -> Any:
    """Show what an upload would become."""
    found = _waiting(ref)
    if found is None:
        return redirect(url_for("uploading.choose"), 303)
    return render_template("charts/import_preview.html", upload=found, preview=look_at(found.content, found.name))


@uploading.post("/import/<ref>")
@requires("chart.import")
def decide(ref: str) -> Any:
    """Import an upload, all of it or its good rows, or discard it."""
    choice = request.form.get("do", "")
    if choice == "discard":
        uploads.discard(current_actor(), ref)
        flash("Discarded. Nothing of it was kept.", "success")
        return redirect(url_for("uploading.choose"), 303)
    if choice not in {"all", "good"}:
        abort(400, "Say whether to import all rows or the good ones.")
    found = _waiting(ref)
    if found is None:
        return redirect(url_for("uploading.choose"), 303)
    name, seen = found.name, look_at(found.content, found.name)
    reports = uploads.take(current_actor(), found, good_rows=choice == "good")
    keys = frozenset().union(*(one.stay_keys for one in seen.tables))
    return render_template(
        "charts/import_done.html", name=name, reports=reports, charts=uploads.charts_of(keys), more=len(keys)
    )


def _waiting(ref: str) -> Upload | None:
    found = uploads.find(current_actor(), ref)
    if found is None:
        flash(GONE, "error")
    return found
