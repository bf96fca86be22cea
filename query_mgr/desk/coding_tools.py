"""What helps a coder beside the list of codes: history, frequent sets, code sets side by side, grouping, E/M."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.models import Encounter
from query_mgr.coding import em, sets
from query_mgr.coding.compare import compare, summary
from query_mgr.coding.gather import case_of, grouping_of
from query_mgr.coding.grouping import hcc
from query_mgr.coding.models import CodeChange
from query_mgr.desk.asked import asked_in
from query_mgr.desk.chart_pages import is_part
from query_mgr.desk.coding_change import change
from query_mgr.desk.coding_compare import sets_of
from query_mgr.desk.coding_page import is_open, names_of, state_of
from query_mgr.desk.encounters import an_encounter
from query_mgr.platform.db import db

coding_tools = Blueprint("coding_tools", __name__)
_MOST_CHANGES = 200
_SEXES = {"female": "F", "male": "M"}


def _page(part: str, title: str, encounter: Encounter, **more: Any) -> str:
    """Return a part alone where a page fetches it, else with everything around it."""
    state = state_of(encounter)
    values = {"encounter": encounter, "asked": asked_in({}), "coding": state, "can_edit": is_open(state)} | more
    if is_part():
        return render_template(part, **values)
    return render_template("desk/coding/page.html", part=part, title=title, **values)


@coding_tools.get("/encounters/<ref>/history")
@requires("chart.view")
def history(ref: str) -> Any:
    """Show every change of the codes, the latest first, each of which can be taken back."""
    encounter = an_encounter(ref)
    query = select(CodeChange).where(CodeChange.encounter_id == encounter.id).order_by(CodeChange.id.desc())
    changes = db.session.scalars(query.limit(_MOST_CHANGES)).all()
    return _page(
        "desk/coding/history.html", "History of the codes", encounter, changes=changes,
        who=names_of(*(one.changed_by for one in changes)),
    )  # fmt: skip


@coding_tools.get("/encounters/<ref>/compare")
@requires("chart.view")
def side_by_side(ref: str) -> Any:
    """Show the working, the final and the billed codes side by side."""
    encounter = an_encounter(ref)
    found = sets_of(encounter)
    rows = compare(found)
    return _page(
        "desk/coding/compare.html", "Code sets side by side", encounter, columns=found, rows=rows,
        summary=summary(rows),
    )  # fmt: skip


@coding_tools.get("/encounters/<ref>/grouping")
@requires("drg.view")
def grouping(ref: str) -> Any:
    """Show what the codes group to; a request of its own, because the engine takes a moment and much memory."""
    encounter = an_encounter(ref)
    case = case_of(encounter)
    found = grouping_of(case) if case.is_inpatient else None
    ends = case.discharged_on or case.coded_on
    codes = [one.code for one in case.diagnoses]
    hccs = (
        None
        if case.is_inpatient or not codes
        else hcc.flags(codes, ends, age=case.age_years, sex=_SEXES.get(case.sex, ""))
    )
    return _page(
        "desk/coding/grouping.html", "Grouping", encounter, grouping=found, hccs=hccs,
        levels={one.ref: found.severity(one.code) for one in case.diagnoses[1:]} if found else {},
    )  # fmt: skip


@coding_tools.get("/encounters/<ref>/em")
@requires("coding.edit")
def checklist(ref: str) -> Any:
    """Show which level of decision making the ticked elements support. Nothing of it is kept."""
    encounter, args = an_encounter(ref), request.args
    first = "hospital-first" if encounter.encounter_class in ("inpatient", "observation") else "office"
    usual = "emergency" if encounter.encounter_class == "emergency" else first
    visit = args.get("visit", usual)
    ticked = em.Ticked(
        visit if visit in em.VISITS else usual,
        frozenset(args.getlist("k")),
        {key: _number(key) for key, _ in em.COUNTED},
        _number("minutes"),
    )
    return _page(
        "desk/coding/em.html", "What level the record supports", encounter, em=em, ticked=ticked,
        found=em.supported(ticked),
    )  # fmt: skip


def _number(name: str) -> int:
    return min(max(request.args.get(name, 0, int), 0), 999)


@coding_tools.get("/encounters/<ref>/sets")
@requires("coding.edit")
def frequent(ref: str) -> Any:
    """List the frequent sets that can be applied, and keep the present codes as one."""
    return _page("desk/coding/sets.html", "Frequent sets", an_encounter(ref), kept=sets.sets_for(current_actor()))


@coding_tools.post("/encounters/<ref>/sets")
@requires("coding.edit")
def change_sets(ref: str) -> Any:
    """Keep the codes as a set; rename, share or delete one."""
    form, actor = request.form, current_actor()

    def do(encounter: Encounter) -> str:
        name, is_shared = form.get("name", ""), bool(form.get("shared"))
        match form.get("do"):
            case "rename":
                sets.rename_set(actor, form.get("set", ""), name, is_shared)
            case "delete":
                sets.delete_set(actor, form.get("set", ""))
            case _:
                sets.keep_set(actor, encounter, name, is_shared)
        return "sets"

    return change(ref, do)


@coding_tools.post("/encounters/<ref>/sets/apply")
@requires("coding.edit")
def apply(ref: str) -> Any:
    """Assign the codes of a set, and say which were refused and why."""
    found: list[sets.Applied] = []

    def do(encounter: Encounter) -> str:
        found.append(sets.apply_set(current_actor(), encounter, request.form.get("set", "")))
        return "codes"

    return change(ref, do, said=lambda: said_of(found[0]))


def said_of(one: sets.Applied) -> str:
    """Return in a sentence what came of applying a set."""
    text = f"“{one.name}”: {len(one.added)} of {len(one.added) + len(one.refused)} codes were added"
    refused = "; ".join(f"{code}: {why}" for code, why in one.refused.items())
    return f"{text}. Not added: {refused}." if refused else f"{text}."


@coding_tools.get("/encounters/<ref>/sets/apply")
@requires("chart.view")
def back_from_sets(ref: str) -> Any:
    """Lead somebody back to the chart."""
    return redirect(url_for("desk.encounter", ref=ref))
