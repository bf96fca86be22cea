"""Codes: the type-ahead, a page to search, and a page per code."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from query_mgr.accounts.permissions import requires
from query_mgr.codes import icd10cm, lookup
from query_mgr.codes.search import search

codes = Blueprint("codes", __name__)
#: a note's key -> how the tabular heads it
NOTES = {
    "includes": "Includes",
    "inclusion_terms": "Inclusion terms",
    "excludes1": "Excludes1: not coded here",
    "excludes2": "Excludes2: not included here",
    "code_first": "Code first",
    "use_additional": "Use additional code",
    "code_also": "Code also",
}
#: notes that hold for what is below, too
_INHERITED = tuple(key for key in NOTES if key != "inclusion_terms")


@codes.get("/codes/search")
@requires("codes.search")
def find() -> Any:
    """Answer what was typed with the best codes, as JSON."""
    return [asdict(hit) for hit in search(request.args.get("q", ""))]


@codes.get("/codes")
@requires("codes.search")
def index() -> Any:
    """Search the code set."""
    typed = request.args.get("q", "")[:200]
    return render_template("codes/index.html", typed=typed, hits=search(typed, limit=50) if typed.strip() else [])


@codes.get("/codes/<code>")
@requires("codes.search")
def code(code: str) -> Any:
    """Show a code with its notes, those that it inherits, and what is below it."""
    try:
        written = icd10cm.normalize(code)
    except icd10cm.CodeError:
        abort(404)
    if written != code:
        return redirect(url_for("codes.code", code=written))
    levels = lookup.lineages([written]).get(written)
    if levels is None:
        return redirect(url_for("codes.index", q=code))
    notes = [
        (heading, level.code, level.notes[key])
        for key, heading in NOTES.items()
        for level in (levels if key in _INHERITED else levels[:1])
        if level.notes.get(key)
    ]
    return render_template(
        "codes/code.html", found=levels[0], above=levels[:0:-1], notes=notes, below=lookup.children(levels[0])
    )
