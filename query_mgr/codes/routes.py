"""Codes: the type-ahead, a page to search every system, a page per code, and the codes of one's own."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user

from query_mgr.accounts.permissions import requires
from query_mgr.codes import lookup, uses
from query_mgr.codes.hints import hint
from query_mgr.codes.icd10cm import CodeError
from query_mgr.codes.pages import code_page, listed
from query_mgr.codes.search import LONGEST, Hit, search_all
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.written import written

codes = Blueprint("codes", __name__)
_MOST = 50


@codes.get("/codes/search")
@requires("codes.search")
def find() -> Any:
    """Answer what was typed with the best codes, as JSON: the type-ahead, described in static/codes.js."""
    typed = request.args.get("q", "")[:LONGEST]
    limit = min(request.args.get("limit", 20, type=int), _MOST)
    if limit < 1:
        return {"term": typed, "hint": "", "results": []}
    systems, marks = _systems(), uses.marks_of(current_user.id)
    hits = _found(typed, systems, marks, limit)
    return {
        "term": typed,
        "hint": hint(typed, systems, hits, _day()) if typed.strip() else "",
        "results": [_shown(hit, marks.get((hit.system, hit.code), "")) for hit in hits],
    }


def _found(typed: str, systems: list[str], marks: dict[uses.Key, str], limit: int) -> list[Hit]:
    """Return what was found, the codes of one's own slightly up; of an empty box these alone."""
    if not typed.strip():
        return uses.own_hits(marks, systems, _day(), limit)
    return uses.raised(search_all(typed, _day(), limit, systems), marks)


def _systems() -> list[str]:
    """Return the systems that are asked for: each `system` of the address, all of them where none is named."""
    return [one for one in SYSTEMS if one in request.args.getlist("system")] or list(SYSTEMS)


def _shown(hit: Hit, mark: str) -> dict[str, Any]:
    return {
        "system": hit.system, "code": hit.code, "title": hit.title, "billable": hit.is_billable,
        "system_name": SYSTEMS[hit.system].name, "found_as": hit.found_as, "mark": mark,
        "url": address_of(hit.system, hit.code),
    }  # fmt: skip


@codes.get("/codes")
@requires("codes.search")
def index() -> Any:
    """Search one code system or all, and show which editions are loaded."""
    typed, systems, marks = request.args.get("q", "")[:LONGEST], _systems(), uses.marks_of(current_user.id)
    hits = _found(typed, systems, marks, _MOST)
    system = request.args.get("system", "")
    return render_template(
        "codes/index.html", typed=typed.strip(), system=system if system in SYSTEMS else "", on=_day(), systems=SYSTEMS,
        hits=listed(hits, _day(), marks), hint=hint(typed, systems, hits, _day()), editions=lookup.inventory(),
        missing=lookup.not_loaded(), address_of=address_of,
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


@codes.post("/codes/favourite")
@requires("codes.search")
def favourite() -> Any:
    """Make a code one's favourite, or none."""
    system, typed = request.form.get("system", ""), request.form.get("code", "")
    if system not in SYSTEMS:
        abort(400, "Name a code system.")
    try:
        code = written(typed, system)
    except CodeError as error:
        abort(400, str(error))
    wanted = request.form.get("wanted") == "yes"
    if wanted and not lookup.life_of(code, system) and lookup.find(code, system=system) is None:
        abort(404)
    is_one = uses.set_favourite(current_user.id, system, code, wanted=wanted)
    if request.accept_mimetypes.best == "application/json":
        return {"favourite": is_one}
    return redirect(_back(system, code))


def _back(system: str, code: str) -> str:
    """Return the page of ours that the form stood on: a search, or else the code."""
    query = request.form.get("query", "")
    return f"{url_for('codes.index')}?{query}" if query else address_of(system, code)


def address_of(system: str, code: str) -> str:
    """Return the address of a code's page, on the day that is asked about."""
    on = _day()
    day = on.isoformat() if on else None
    if system == "icd10cm":
        return url_for("codes.code", code=code, on=day)
    return url_for("codes.code_in", system=system, code=code, on=day)


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
    page = code_page(system, code, _day())
    if page is None:
        return redirect(url_for("codes.index", q=typed, system=system))
    return render_template(
        "codes/code.html", page=page, system=SYSTEMS[system], address_of=address_of, on=_day(), systems=SYSTEMS,
        mark=uses.marks_of(current_user.id).get((system, code), ""),
    )  # fmt: skip
