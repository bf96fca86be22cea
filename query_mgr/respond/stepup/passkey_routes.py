"""Passkeys in the provider's browser: the only pages of the provider's side that run a script."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from query_mgr.respond.blueprint import respond, with_script
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import ended
from query_mgr.respond.stepup import devices, guard, passkeys, proving, signing
from query_mgr.respond.stepup.guard import stepped_up


@respond.after_request
def _script_where_a_passkey_is_asked_for(response: Response) -> Response:
    return with_script(response) if request.environ.get(guard.PASSKEY_OFFERED) else response


@respond.post("/answer/passkey")
def passkey_options() -> Any:
    """Return what the browser needs to answer with a passkey; only for somebody who came by a link."""
    visit, link = guard.visit(), guard.current_link()
    if visit is None or link is None or "passkey" not in proving.offers(link):
        return ended()
    return Response(passkeys.to_answer(visit), mimetype="application/json")


@respond.get("/answer/access/passkey")
@stepped_up
def new_passkey(link: QueryLink) -> Any:
    """Ask to make a passkey."""
    return render_template("respond/confirm.html", asked=signing.wants_factor(link), error="", fields={})


@respond.post("/answer/access/passkey")
@stepped_up
def make_passkey(link: QueryLink) -> Any:
    """Let the browser make a passkey, for somebody who just gave a factor (C20)."""
    visit = guard.visit()
    assert visit is not None
    try:
        challenge = signing.signed(link, lambda method: passkeys.ask(visit, "make"))
    except signing.FactorError as refused:
        page = render_template(
            "respond/confirm.html", asked=signing.wants_factor(link), error=str(refused), fields={}
        )
        return page, refused.status
    options = passkeys.to_make(link.provider, challenge)
    keep_at = url_for("respond.keep_passkey")
    page = render_template("respond/passkey.html", options=options, keep_at=keep_at, error="")
    return with_script(make_response(page))


@respond.post("/answer/access/passkey/keep")
@stepped_up
def keep_passkey(link: QueryLink) -> Any:
    """Keep what the browser made."""
    visit = guard.visit()
    assert visit is not None
    challenge = passkeys.take(visit, "make")
    label = devices.label(request.headers.get("User-Agent", ""))
    credential = request.form.get("credential", "")
    if challenge is None or not passkeys.keep(link.provider, challenge, credential, label):
        return render_template("respond/passkey.html", options="", keep_at="", error="That did not work."), 400
    guard.go_on_with("passkey")
    return redirect(url_for("respond.access"), 303)
