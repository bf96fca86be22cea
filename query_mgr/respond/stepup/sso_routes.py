"""To the hospital's sign-on and back."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from query_mgr.respond import actions
from query_mgr.respond.blueprint import respond
from query_mgr.respond.pages import ended, resumed
from query_mgr.respond.stepup import cookies, guard, proving, sso, throttle


@respond.post("/answer/sso")
def sign_on() -> Any:
    """Send the browser to the hospital's sign-on; what was typed waits here."""
    visit, link = guard.visit(), guard.asked_about()
    if visit is None or link is None or "sso" not in proving.offers(link):
        return ended()
    kept = {name: value for name in guard.KEPT if (value := request.form.get(name, ""))}
    try:
        address = sso.begin(visit, kept)
    except sso.SignOnError as error:
        return guard.step_up_page(link, str(error), 502)
    # A page and no redirect: browsers hold the policy of a form against where its answer leads, too.
    return render_template("respond/sign_on.html", address=address)


@respond.get("/answer/sso/back")
def signed_on() -> Any:
    """Come back from the sign-on. The one GET that changes something: its state is the visit's own, and used once."""
    visit, link = guard.visit(), guard.current_link()
    if visit is None or link is None or "state" not in request.args:
        return ended()
    try:
        kept = sso.finish(visit, request.args["state"], request.args.get("code", ""))
    except sso.SignOnError as error:
        return guard.step_up_page(link, str(error), 401)
    link = guard.named(link, kept.get("query", ""))
    if link is None or not actions.may_step_up(link) or "sso" not in proving.offers(link):
        return ended()
    given = proving.Given("sso", "", throttle.network(request.remote_addr))
    cookies.write("step", proving.accepted(visit, link, given))
    if set(kept) - {"query"}:
        return resumed(link, "You have signed on. Nothing was sent yet; look it over and go on.", **kept)
    return redirect(url_for("respond.question", query=kept.get("query")), 303)
