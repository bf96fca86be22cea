"""How every form of the coding panel is answered: done, or not done with nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.coding.codeset import CodingError
from query_mgr.desk.asked import asked_in
from query_mgr.desk.chart_pages import begin_reading, chart, is_part
from query_mgr.desk.coding_forms import revision_of, typed_in
from query_mgr.desk.coding_page import changes_after, panel, state_of
from query_mgr.desk.encounters import an_encounter, queries_of
from query_mgr.platform.db import db, unit_of_work


class BehindError(Exception):
    """Somebody changed the codes after the page was loaded that a form came from."""


def encounter_page(encounter_ref: str, **more: Any) -> str:
    """Return the whole workspace."""
    reading = begin_reading(lambda: an_encounter(encounter_ref))
    shown = chart(reading)
    work = panel(reading.encounter, reading.asked, **more)
    return render_template("desk/encounter.html", **shown | work, queries=queries_of(reading.encounter))


def change(
    ref: str, do: Callable[[Encounter], str | None], anchor: str = "codes", said: Callable[[], str] | None = None
) -> Any:
    """Do something to the coding of an encounter, unless its codes changed since the page was loaded.

    do: what is done, under the encounter's lock; it may return where on the page to go. said: what came of it,
    where the page does not show it. What cannot be done is answered with what was typed, so that nothing is lost.
    """
    try:
        with unit_of_work():
            encounter = an_encounter(ref)
            _refuse_if_behind(encounter)
            anchor = do(encounter) or anchor
    except BehindError:
        return not_done(ref, 409)
    except CodingError as error:
        return not_done(ref, 422, str(error))
    text = said() if said else ""
    if is_part():
        return coding_part(ref, said=text)
    if text:
        flash(text, "info")
    address = url_for("desk.encounter", ref=ref) + asked_in(request.args).link().rstrip("?")
    return redirect(f"{address}#{anchor}", 303)


def _refuse_if_behind(encounter: Encounter) -> None:
    db.session.execute(select(Encounter.id).where(Encounter.id == encounter.id).with_for_update())
    seen = revision_of(request.form)
    if seen is not None and seen != state_of(encounter).revision:
        raise BehindError


def coding_part(ref: str, **more: Any) -> str:
    """Return the coding side alone, for a page that is open."""
    encounter = an_encounter(ref)
    return render_template("desk/coding/panel.html", **panel(encounter, asked_in(request.args), **more))


def not_done(ref: str, code: int, error: str = "") -> Any:
    """Answer a form that could not be done with why, and with everything that was typed in it."""
    if is_part() and code == 422:
        return render_template("desk/coding/refused.html", error=error), code
    encounter = an_encounter(ref)
    notice = {
        "error": error,
        "changes": changes_after(encounter, revision_of(request.form) or 0) if code == 409 else [],
        "typed": typed_in(request.form),
        "again": [(name, value) for name, value in request.form.items(multi=True)],
        "action": request.path,
    }
    return (coding_part(ref, notice=notice) if is_part() else encounter_page(ref, notice=notice)), code
