"""Choosing a PIN: by an invitation, or after the coder's desk called back."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for

from query_mgr.respond.blueprint import respond, with_script
from query_mgr.respond.pages import ended
from query_mgr.respond.stepup import cookies, devices, enrolment, guard, passkeys, throttle
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
    return _enrolled(invite)


def _enrolled(invite: ProviderInvite, is_made: bool = False, error: str = "", status: int = 200) -> Any:
    """Say that the PIN is set, and let the browser make a passkey while it is known who sits there."""
    if is_made or not passkeys.are_possible():
        cookies.write("enrol", "")
        return render_template("respond/enrolled.html", options="", is_made=is_made, error=error), status
    options = passkeys.to_make(invite.provider, enrolment.passkey_challenge(invite))
    page = render_template("respond/enrolled.html", options=options, is_made=False, error=error)
    return with_script(make_response(page, status))


@respond.post("/enrol/passkey")
def enrol_passkey() -> Any:
    """Keep the passkey that was made just after the PIN was chosen, one for each invitation."""
    invite = enrolment.just_used(cookies.read("enrol"))
    if invite is None:
        return ended()
    label = devices.label(request.headers.get("User-Agent", ""))
    challenge, credential = enrolment.passkey_challenge(invite), request.form.get("credential", "")
    if not passkeys.keep(invite.provider, challenge, credential, label):
        return _enrolled(invite, error="That did not work. Try again.", status=400)
    return _enrolled(invite, is_made=True)


@respond.post("/answer/forgot")
def forgot() -> Any:
    """Ask the coder's desk for a new PIN. Nothing is reset by this."""
    link = guard.current_link()
    if link is None:
        return ended()
    enrolment.ask_reset(link)
    return render_template("respond/forgot.html")
