"""Codes: the type-ahead, a page to search every system, and a page per code."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from query_mgr.accounts.permissions import requires
from query_mgr.codes import lookup
from query_mgr.codes.hints import hint
from query_mgr.codes.icd10cm import CodeError
from query_mgr.codes.search import LONGEST, Hit, search_all
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.written import written

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
#: what a system has of its own -> how it is headed
OWN = {
    "long": "Full text",
    "coverage": "Medicare coverage code",
    "betos": "BETOS category",
    "status": "OPPS status indicator",
    "action": "Action code",
    "order": "Order number",
}


@codes.get("/codes/search")
@requires("codes.search")
def find() -> Any:
    """Answer what was typed with the best codes, as JSON: the type-ahead, described in static/codes.js."""
    typed = request.args.get("q", "")[:LONGEST]
    limit = request.args.get("limit", 20, type=int)
    if limit < 1:
        return {"term": typed, "hint": "", "results": []}
    systems = _systems()
    hits = search_all(typed, _day(), min(limit, 50), systems)
    return {
        "term": typed,
        "hint": hint(typed, systems, hits, _day()),
        "results": [_shown(hit) for hit in hits],
    }


def _systems() -> list[str]:
    """Return the systems that are asked for: each `system` of the address, all of them where none is named."""
    return [one for one in SYSTEMS if one in request.args.getlist("system")] or list(SYSTEMS)


def _shown(hit: Hit) -> dict[str, Any]:
    return {
        "system": hit.system, "code": hit.code, "title": hit.title, "billable": hit.is_billable,
        "system_name": SYSTEMS[hit.system].name, "found_as": hit.found_as, "mark": "",
        "url": address_of(hit.system, hit.code),
    }  # fmt: skip


@codes.get("/codes")
@requires("codes.search")
def index() -> Any:
    """Search one code system or all, and show which editions are loaded."""
    typed, system = request.args.get("q", "")[:200], request.args.get("system", "")
    systems = [system] if system in SYSTEMS else list(SYSTEMS)
    hits = search_all(typed, _day(), 50, systems) if typed.strip() else []
    return render_template(
        "codes/index.html", typed=typed, system=system, on=_day(), hits=hits, systems=SYSTEMS,
        editions=lookup.inventory(), missing=lookup.not_loaded(),
    )  # fmt: skip


@codes.get("/codes/<code>")
@requires("codes.search")
def code(code: str) -> Any:
    """Show a code of ICD-10-CM with its notes, those that it inherits, and what is below it."""
    return _page("icd10cm", code)


@codes.get("/codes/in/<system>/<code>")
@requires("codes.search")
def code_in(system: str, code: str) -> Any:
    """Show a code of any system."""
    if system == "icd10cm":
        return redirect(url_for("codes.code", code=code))
    return _page(system, code)


def address_of(system: str, code: str) -> str:
    """Return the address of a code's page."""
    if system == "icd10cm":
        return url_for("codes.code", code=code)
    return url_for("codes.code_in", system=system, code=code)


def _day() -> date | None:
    """Return the day that is asked about; None, which is today, where none or no day was typed."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None


def _page(system: str, typed: str) -> Any:
    if system not in SYSTEMS:
        abort(404)
    try:
        code = written(typed, system)
    except CodeError:
        abort(404)
    if code != typed:
        return redirect(address_of(system, code))
    life = lookup.life_of(code, system)
    levels = lookup.lineages([code], _day(), system).get(code)
    if levels is None and life:  # deleted, or not yet in force: shown as it was or will be
        levels = lookup.lineages([code], life[-1].until or life[-1].since, system).get(code)
    if levels is None:
        return redirect(url_for("codes.index", q=typed, system=system))
    notes = [
        (heading, level.code, level.notes[key])
        for key, heading in NOTES.items()
        for level in (levels if key in _INHERITED else levels[:1])
        if level.notes.get(key)
    ]
    found = levels[0]
    return render_template(
        "codes/code.html", found=found, above=levels[:0:-1], notes=notes, below=lookup.children(found),
        life=life, system=SYSTEMS[system], address_of=address_of,
        own=[(heading, found.own[key]) for key, heading in OWN.items() if found.own.get(key)],
        why_not=lookup.why_not_on(code, _day(), system),
    )  # fmt: skip
