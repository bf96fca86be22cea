"""Choosing a PIN: by an invitation, or after the coder's desk called back."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from query_mgr.respond.blueprint import respond
from query_mgr.respond.pages import ended
from query_mgr.respond.stepup import cookies, enrolment, guard, throttle
from query_mgr.respond.stepup.models import ProviderInvite


@respond.get("/e/<token>")
def invited(token: str) -> Any:
    """Say that a PIN can be chosen, and nothing else."""
    return render_template("respond/invited.html", token=token) if enrolment.find(token) else ended()


@respond.post("/e/<token>")
def accept(token: str) -> Any:
    """A human pressed Continue: leave the token behind."""
    if enrolment.find(token) is None:
        return ended()
    cookies.write("enrol", token.strip().lower())
    return redirect(url_for("respond.enrol"), 303)


def _page(invite: ProviderInvite, error: str = "", status: int = 200) -> Any:
    npi = request.form.get("npi", "")[:20]
    return render_template("respond/enrol.html", invite=invite, error=error, npi=npi), status


@respond.get("/enrol")
def enrol() -> Any:
    """Ask for the NPI and the new PIN."""
    invite = enrolment.find(cookies.read("enrol"))
    return _page(invite) if invite else ended()


@respond.post("/enrol")
def enrol_post() -> Any:
    """Set the PIN."""
    invite = enrolment.find(cookies.read("enrol"))
    if invite is None:
        return ended()
    form = request.form
    choice = enrolment.Choice(
        form.get("npi", "")[:20],
        form.get("pin", "")[:64],
        form.get("again", "")[:64],
        form.get("call_code", "")[:20],
    )
    try:
        enrolment.choose(invite, choice, throttle.network(request.remote_addr))
    except throttle.LockedError as locked:
        return _page(invite, str(locked), 429)
    except enrolment.EnrolmentError as error:
        return _page(invite, str(error), 400)
    cookies.write("enrol", "")
    return render_template("respond/enrolled.html")


@respond.post("/answer/forgot")
def forgot() -> Any:
    """Ask the coder's desk for a new PIN. Nothing is reset by this."""
    link = guard.current_link()
    if link is None:
        return ended()
    enrolment.ask_reset(link)
    return render_template("respond/forgot.html")
