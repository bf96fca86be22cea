"""The coding side of the encounter workspace: codes, findings, status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.models import Encounter
from query_mgr.codes.uses import note_use
from query_mgr.coding import actions as coding
from query_mgr.coding import finishing, lines, scrubbing, status
from query_mgr.coding import reader as codes
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.handoff.actions import hand_off, return_from_billing
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.undo import undo
from query_mgr.coding.work import DIAGNOSIS, allow, kind_of
from query_mgr.desk.asked import asked_in
from query_mgr.desk.chart_pages import is_part
from query_mgr.desk.coding_change import change, coding_part, not_done
from query_mgr.desk.coding_forms import details_of, evidence_of, system_of
from query_mgr.desk.coding_page import STEPS, state_of
from query_mgr.desk.keys import CODING_KEYS
from query_mgr.platform.db import db
from query_mgr.reconcile.trail import trail

coding_desk = Blueprint("coding_desk", __name__)
coding_desk.app_context_processor(lambda: {"coding_keys": CODING_KEYS})


@coding_desk.get("/encounters/<ref>/coding")
@requires("chart.view")
def coding_now(ref: str) -> Any:
    """Show the coding side as it is now: an open page asks while billing's answer is awaited."""
    if is_part():
        return coding_part(ref)
    return redirect(url_for("desk.encounter", ref=ref))


@coding_desk.get("/encounters/<ref>/codes")
@coding_desk.get("/encounters/<ref>/findings")
@coding_desk.get("/encounters/<ref>/steps")
@coding_desk.get("/encounters/<ref>/stay")
@coding_desk.get("/encounters/<ref>/undo")
@requires("chart.view")
def back(ref: str) -> Response:
    """Lead somebody back to the chart who follows a link of, or loads again, a page that answered a form."""
    return redirect(url_for("desk.encounter", ref=ref) + asked_in(request.args).link().rstrip("?"))


@coding_desk.post("/encounters/<ref>/codes")
@requires("coding.edit")
def assign(ref: str) -> Any:
    """Assign a code of any system, with the place in the chart that documents it."""
    form, actor = request.form, current_actor()

    def do(encounter: Encounter) -> str:
        text = form.get("code", "")
        system = system_of(encounter, text, form.get("system", ""))
        evidence, reason = evidence_of(encounter, form), form.get("reason", "") or "documented in the chart"
        if kind_of(system) == DIAGNOSIS:
            row = coding.assign(actor, encounter, text, poa=form.get("poa", ""), evidence=evidence, reason=reason)
        else:
            fields = details_of(encounter, form)
            row = lines.add_line(actor, encounter, system, text, evidence=evidence, reason=reason, **fields)
        if actor.user_id is not None:
            note_use(actor.user_id, row.system, row.code)
        return f"code-{row.ref}"

    return change(ref, do)


def _row(ref: str) -> CodeAssignment:
    found = codes.assignment(ref)
    if found is None:
        abort(404)
    return found


@coding_desk.get("/codes/<code_ref>/change")
@requires("chart.view")
def back_from_code(code_ref: str) -> Response:
    """Lead somebody back to the chart."""
    return redirect(
        url_for("desk.encounter", ref=_row(code_ref).encounter.ref) + asked_in(request.args).link().rstrip("?")
    )


@coding_desk.post("/codes/<code_ref>/change")
@requires("coding.edit")
def change_code(code_ref: str) -> Any:
    """Move, replace or remove a code, set its POA indicator or details, or say where it is documented."""
    row = codes.assignment(code_ref)
    if row is None:
        return _gone(code_ref)
    what = request.form.get("change", "")
    if what not in CHANGES:
        abort(400)
    return change(row.encounter.ref, lambda encounter: CHANGES[what](encounter, _row(code_ref)))


def _gone(code_ref: str) -> Any:
    """Answer a change of a code that somebody removed meanwhile with what was typed."""
    before = codes.changes_of(code_ref)
    encounter = db.session.get(Encounter, before[-1].encounter_id) if before else None
    if encounter is None:
        abort(404)
    return not_done(encounter.ref, 409)


def _remove(encounter: Encounter, row: CodeAssignment) -> str:
    coding.remove(current_actor(), row.ref, reason=request.form.get("reason", "") or "removed by the coder")
    return "codes"


def _move(place: int) -> Callable[[Encounter, CodeAssignment], str]:
    """Return what moves a row by `place`; 0: to the front."""

    def do(encounter: Encounter, row: CodeAssignment) -> str:
        count = len(codes.codes_of(encounter, kind_of(row.system)))
        wanted = row.sequence + place if place else 1
        coding.move(current_actor(), row.ref, min(max(wanted, 1), count))
        return f"code-{row.ref}"

    return do


def _to(encounter: Encounter, row: CodeAssignment) -> str:
    coding.move(current_actor(), row.ref, request.form.get("sequence", 0, int))
    return f"code-{row.ref}"


def _poa(encounter: Encounter, row: CodeAssignment) -> str:
    coding.set_poa(current_actor(), row.ref, request.form.get("poa", ""))
    return f"poa-{row.ref}"


def _evidence(encounter: Encounter, row: CodeAssignment) -> str:
    evidence = evidence_of(encounter, request.form)
    if evidence is None:
        raise CodingError("Choose the document first, or select the words that say it.")
    coding.set_evidence(current_actor(), row.ref, evidence, reason="documented in the chart")
    return f"code-{row.ref}"


def _replace(encounter: Encounter, row: CodeAssignment) -> str:
    form = request.form
    if kind_of(row.system) != DIAGNOSIS:
        raise CodingError("A procedure or service is not replaced; add the right one and remove this one.")
    coding.replace(
        current_actor(), row.ref, form.get("code", ""), evidence=evidence_of(encounter, form),
        reason=form.get("reason", "") or "replaced by the coder",
    )  # fmt: skip
    return f"code-{row.ref}"


def _details(encounter: Encounter, row: CodeAssignment) -> str:
    lines.change_line(current_actor(), row.ref, **details_of(encounter, request.form))
    return f"code-{row.ref}"


CHANGES: dict[str, Callable[[Encounter, CodeAssignment], str]] = {
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
    "first": _move(0),
    "to": _to,
    "poa": _poa,
    "evidence": _evidence,
    "replace": _replace,
    "details": _details,
}


@coding_desk.post("/encounters/<ref>/undo")
@requires("coding.edit")
def take_back(ref: str) -> Any:
    """Take one change back."""
    wanted = request.form.get("what", 0, int)

    def do(encounter: Encounter) -> str:
        found = undo(current_actor(), encounter, wanted)
        return f"code-{found}" if found else "codes"

    return change(ref, do)


@coding_desk.post("/encounters/<ref>/findings")
@requires("coding.edit")
def settle(ref: str) -> Any:
    """Let a finding stand with a reason, or take that back."""
    form, actor = request.form, current_actor()

    def do(encounter: Encounter) -> str:
        if form.get("do") == "withdraw":
            scrubbing.withdraw_override(actor, encounter, form.get("key", ""))
        else:
            scrubbing.override(actor, encounter, form.get("key", ""), form.get("reason", ""))
        return "findings"

    return change(ref, do)


@coding_desk.post("/encounters/<ref>/stay")
@requires("coding.edit")
def stay(ref: str) -> Any:
    """Say what the claim says of the stay besides its codes."""
    form = request.form

    def do(encounter: Encounter) -> str:
        finishing.set_stay(
            current_actor(), encounter, disposition=form.get("disposition"),
            admitting_code=form.get("admitting_code"), payer_key=form.get("payer_key"),
        )  # fmt: skip
        return "coding"

    return change(ref, do)


@coding_desk.post("/encounters/<ref>/steps")
@requires("chart.view")
def step(ref: str) -> Any:
    """Take a step of the coding's lifecycle; the table of `coding.status` says who may."""
    form = request.form

    def do(encounter: Encounter) -> str:
        actor, event, reason = current_actor(), form.get("do", ""), form.get("reason", "").strip()
        if event not in STEPS:
            raise CodingError("This step is not one that the page offers; load it again.")
        allow(actor, status.after(state_of(encounter).status, event).action)
        match event:
            case "pend":
                finishing.pend(actor, encounter, reason, form.get("note", ""), _day(form.get("wake_on", "")))
            case "ready":
                finishing.ready(actor, encounter)
            case "finalize":
                finishing.finalize(actor, encounter, reason or state_of(encounter).pend_note)
            case "correct":
                finishing.correct(actor, encounter, reason)
            case "hand_off" | "rebill":
                hand_off(actor, encounter)
            case "return":
                return_from_billing(actor, encounter, reason, form.get("note", ""))
            case _:  # resume, reopen
                finishing.move_on(actor, encounter, event)
        return "coding"

    return change(ref, do, "coding")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise CodingError(f"Look again on: {text[:20]!r} is no day; write it as 2026-10-31.") from None


@coding_desk.get("/codes/<code_ref>/trail")
@requires("chart.view")
def code_trail(code_ref: str) -> Any:
    """Show why a code stands."""
    steps = trail(code_ref)
    if not steps:
        abort(404)
    return render_template("desk/trail.html", steps=steps, row=codes.assignment(code_ref))
