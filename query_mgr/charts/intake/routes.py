"""The interface console: what comes in, what waits, and what to do about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts.intake import console, replay
from query_mgr.charts.intake.models import IntakePart
from query_mgr.charts.intake.words import advice, left, lines_of, span
from query_mgr.platform import clock

interfaces = Blueprint("interfaces", __name__, url_prefix="/interfaces")


@interfaces.get("")
@requires("feed.view")
def overview() -> Any:
    """Show every interface, what needs attention, and what came last."""
    return render_template(
        "interfaces/overview.html",
        feeds=console.feeds(),
        parts=console.needs_attention(),
        count=console.count_open(),
        latest=console.latest(),
        runs=console.runs(),
        is_stalled=console.is_stalled,
        advice=advice,
        span=span,
        left=left,
        now=clock.now(),
    )


@interfaces.get("/parts/<ref>")
@requires("feed.repair")
def part(ref: str) -> Any:
    """Show what waits, why, and what can be done."""
    found = _part(ref)
    return _page(found, replay.read(found, current_actor()))


@interfaces.post("/parts/<ref>")
@requires("feed.repair")
def repair(ref: str) -> Any:
    """Replay a part as it came or as edited, try that without keeping anything, or dismiss it."""
    found, do = _part(ref), request.form.get("do", "")
    edited = request.form.get("text") if do in ("edited", "try_edited") else None
    try:
        if do == "dismiss":
            replay.dismiss(found, current_actor(), request.form.get("reason", ""))
            flash("Dismissed. It stays on record with your reason.", "success")
            return redirect(url_for("interfaces.overview"), 303)
        if do not in ("replay", "edited", "try", "try_edited"):
            abort(400, "Choose what to do with it.")
        is_rehearsal = do.startswith("try")
        report = replay.replay(found, current_actor(), edited, is_rehearsal=is_rehearsal)
    except replay.ReplayError as error:
        flash(str(error), "error")
        return redirect(url_for("interfaces.part", ref=ref), 303)
    if report.status in ("imported", "unchanged") and not is_rehearsal:
        flash(f"Replayed: {report.status}.", "success")
        return redirect(url_for("interfaces.overview"), 303)
    return _page(_part(ref), edited if edited is not None else replay.text_of(found), report, is_rehearsal)


def _page(found: IntakePart, text: str | None, report: Any = None, is_rehearsal: bool = False) -> Any:
    return render_template(
        "interfaces/part.html",
        part=found,
        text=text,
        lines=lines_of(text, found.reason) if text is not None else (),
        has_payload=found.payload is not None,
        advice=advice(found.reason),
        replays=console.replays_of(found),
        report=report,
        is_rehearsal=is_rehearsal,
    )


def _part(ref: str) -> IntakePart:
    found = console.part_of(ref)
    if found is None:
        abort(404)
    return found
