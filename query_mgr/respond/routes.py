"""The way in: the link and the PIN. Plain HTML that needs no JavaScript; a GET changes nothing (assurance §1.2 item 5)."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from sqlalchemy import select

from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings
from query_mgr.respond import actions, bundles, mail
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import ended, resumed

respond = Blueprint("respond", __name__)


@respond.after_request
def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _living(token: str) -> QueryLink | None:
    """Return the link that a token opens now, or that leads on from it, or None."""
    link = actions.find_link(token)
    link = bundles.way_on(link) if link else None
    return link if link and actions.is_live(link) else None


def _waiting(link: QueryLink) -> list[bundles.Part]:
    return [one for one in bundles.parts_of(link) if one.is_waiting]


@respond.get("/r/<token>")
def landing(token: str) -> Any:
    """Say that a query waits, and nothing else."""
    link = _living(token)
    if link is None:
        return ended(token)
    return render_template(
        "respond/landing.html", token=token, number=len(_waiting(link)), is_record=link.purpose == "record"
    )


@respond.post("/r/<token>")
def begin(token: str) -> Any:
    """A human pressed Continue: remember the link and leave the token behind."""
    link = _living(token)
    if link is None:
        return ended(token)
    session.pop("respond_until", None)
    session["respond_link"] = link.ref
    return redirect(url_for("respond.pin"), 303)


@respond.post("/r/<token>/renew")
def renew(token: str) -> Any:
    """Mail a new link to the address on file, if there is anything to mail; always the same words."""
    link = actions.find_link(token)
    if link is not None:
        mail.resend_to_address_on_file(link)
    return render_template("respond/renewed.html"), 202


def _current_link() -> QueryLink | None:
    ref = session.get("respond_link")
    link = db.session.scalar(select(QueryLink).where(QueryLink.ref == ref)) if ref else None
    return bundles.way_on(link) if link else None


def _meant(link: QueryLink) -> QueryLink | None:
    """Return the link of the query that the request names; a form must name one where several came together."""
    ref = request.values.get("query", "")
    parts = bundles.parts_of(link)
    if not ref:
        return link if request.method == "GET" or len(parts) == 1 else None
    return next((one.link for one in parts if one.query.ref == ref), None)


@respond.get("/answer/pin")
def pin() -> Any:
    """Ask for the PIN."""
    link = _current_link()
    return _pin_page() if link and actions.may_step_up(link) else ended("")


#: what a provider may have typed when the PIN is asked for again; the page carries it, no cookie does
_KEPT = ("option", "text", "comment", "op_id", "query", "kind", "reason")


def _pin_page(error: str = "", status: int = 200) -> Any:
    kept = {name: value for name in _KEPT if (value := request.form.get(name, ""))}
    return render_template("respond/pin.html", error=error, kept=kept), status


@respond.post("/answer/pin")
def pin_post() -> Any:
    """Check the PIN; only then is anything of the chart shown."""
    link = _current_link()
    if link is None or not actions.may_step_up(link):
        return ended("")
    try:
        good = actions.check_pin(link, request.form.get("pin", "")[:64])
    except actions.LockedError:
        text = f"Too many wrong PINs. Try again in {actions.LOCK_MINUTES} minutes, or call the coder."
        return _pin_page(text, 429)
    if not good:
        return _pin_page("This PIN is wrong. Try again.", 401)
    _extend_step_up()
    if any(request.form.get(name) for name in _KEPT):
        kept = {name: request.form.get(name, "") for name in _KEPT}
        meant = _meant(link)
        words = "You were away for a while. Nothing was sent; look it over and go on."
        return ended("") if meant is None else resumed(meant, words, **kept)
    return redirect(url_for("respond.question"), 303)


def _extend_step_up() -> None:
    until = clock.now() + timedelta(minutes=current_settings().step_up_idle_minutes)
    session["respond_until"] = until.timestamp()


def stepped_up(view: Any) -> Any:
    """Pass the link to `view` only after a PIN within the idle time; else ask for it again."""

    @wraps(view)
    def guarded() -> Any:
        link = _current_link()
        if link is None:
            return ended("")
        if clock.now().timestamp() > session.get("respond_until", 0):
            if request.method == "POST" and actions.may_step_up(link):
                return _pin_page("You were away for a while. Your PIN, please; what you wrote is kept.", 401)
            return redirect(url_for("respond.pin"), 303)
        _extend_step_up()
        meant = _meant(link)
        return ended("") if meant is None else view(meant)

    return guarded
