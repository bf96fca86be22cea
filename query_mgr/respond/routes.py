"""The way in: the link and the step-up. Plain HTML that needs no JavaScript; a GET changes nothing (assurance §1.2 item 5)."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for

from query_mgr.platform.db import unit_of_work
from query_mgr.platform.ids import new_token
from query_mgr.respond import actions, bundles, mail
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import ended, resumed
from query_mgr.respond.stepup import cookies, devices, fetches, guard, proving, sessions, throttle
from query_mgr.respond.words import masked


@respond.get("/r/<token>")
def landing(token: str) -> Any:
    """Say that a query waits, and nothing else."""
    link = bundles.living(token)
    if link is None:
        return ended(token)
    fetches.note(link, fetches.agent_class(request.method, dict(request.headers)))
    return _landing_page(link, token)


def _landing_page(link: QueryLink, token: str, error: str = "", status: int = 200) -> Any:
    nonce = cookies.read("before") or new_token()
    cookies.write("before", nonce)
    number = len([one for one in bundles.parts_of(link) if one.is_waiting])
    page = render_template(
        "respond/landing.html",
        token=token,
        number=number,
        nonce=nonce,
        error=error,
        masked=masked(link.provider),
        is_record=link.purpose == "record",
    )
    return page, status


@respond.post("/r/<token>")
def begin(token: str) -> Any:
    """A human pressed Continue: begin a visit and leave the token behind. A remembered device goes straight on."""
    link = bundles.living(token)
    if link is None:
        return ended(token)
    if not cookies.is_from_here():
        return _landing_page(link, token, "Please press Continue once more.", 400)
    device = devices.find(cookies.read("device"), link.provider)
    is_known = device is not None and proving.suffices(link, "device")
    with unit_of_work():
        actions.used(link)
        visit, secret = sessions.begin(link)
        if is_known and device is not None:
            devices.seen(device)
            actions.opened(link)
            secret = sessions.proven(visit, "device")
    cookies.write("before", "")
    cookies.write("step", secret)
    return redirect(url_for("respond.question" if is_known else "respond.pin"), 303)


@respond.post("/r/<token>/renew")
def renew(token: str) -> Any:
    """Mail a new link to the address on file, if there is anything to mail; always the same words."""
    link = actions.find_link(token)
    if throttle.may_renew(throttle.network(request.remote_addr)) and link is not None:
        mail.resend_to_address_on_file(link)
    return render_template("respond/renewed.html"), 202


@respond.get("/answer/pin")
def pin() -> Any:
    """Ask for a factor."""
    link = guard.asked_about()
    return guard.step_up_page(link) if link else ended()


@respond.post("/answer/pin")
def pin_post() -> Any:
    """Check the factor; only then is anything of the chart shown."""
    link, visit = guard.asked_about(), guard.visit()
    if link is None or visit is None:
        return ended()
    given = guard.given()
    try:
        secret = proving.prove(visit, link, given)
    except throttle.LockedError as locked:
        return guard.step_up_page(link, str(locked), 429)
    if secret is None:
        return guard.step_up_page(link, WRONG.get(given.kind, "That was wrong. Try again."), 401)
    cookies.write("step", secret)
    if request.form.get("remember") and proving.need_of(link).device_opens:
        cookies.write("device", devices.remember(link.provider, request.headers.get("User-Agent", "")))
    return _go_on(link)


WRONG = {
    "pin": "This PIN is wrong. Try again.",
    "totp": "This code is wrong or was used already. Try the next one.",
}


def _go_on(link: QueryLink) -> Any:
    """Go to the query, with what was typed before the step-up."""
    kept = {name: request.form.get(name, "") for name in guard.KEPT}
    if any(value for name, value in kept.items() if name != "query"):
        meant = guard.meant(link)
        words = "You were away for a while. Nothing was sent; look it over and go on."
        return ended() if meant is None else resumed(meant, words, **kept)
    return redirect(url_for("respond.question", query=kept["query"] or None), 303)


@respond.post("/answer/leave")
def leave() -> Any:
    """End the visit here and on the server; the browser forgets what it kept (C19)."""
    visit = guard.visit()
    if visit is not None:
        sessions.end(visit)
    guard.hold(None)
    cookies.write("step", "")
    response = make_response(render_template("respond/left.html"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
