"""Who is there: the visit of the request, and the decorator that shows a page only to somebody who proved it."""

from __future__ import annotations

from functools import wraps
from typing import Any

from flask import redirect, render_template, request, url_for

from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.respond import actions, bundles
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import ended
from query_mgr.respond.stepup import cookies, proving, sessions, throttle
from query_mgr.respond.stepup.models import StepUp

#: what a provider may have typed when a factor is asked for again; the page carries it, no cookie does
KEPT = ("option", "text", "comment", "op_id", "query", "kind", "reason")
#: pages about the provider, whichever query brought them here
_OF_NO_QUERY = "/answer/access"
_HELD = "query_mgr.visit"
#: set where the page of this request offers a passkey, which needs a script
PASSKEY_OFFERED = "query_mgr.passkey"
AWAY = "You were away for a while. Please show again who you are; what you wrote is kept."
MORE = "This query asks for more than the one before."


def visit() -> StepUp | None:
    """Return the visit that the request belongs to, proven or not; asked of the database once a request."""
    if _HELD not in request.environ:
        hold(sessions.find(cookies.read("step")))
    found = request.environ[_HELD]
    assert found is None or isinstance(found, StepUp)
    return found


def hold(found: StepUp | None) -> None:
    """Let the rest of the request go on as this visit."""
    request.environ[_HELD] = found


def asked_about() -> QueryLink | None:
    """Return the link that a step-up is for: a living one, or that of what was signed."""
    link = current_link()
    found = meant(link) if link and request.values.get("query") else link
    return found if found and actions.may_step_up(found) else None


def is_there() -> bool:
    """Return whether the request comes from somebody who proved who they are."""
    here = visit()
    return here is not None and sessions.is_proven(here, clock.now())


def current_link() -> QueryLink | None:
    """Return the link of the visit, or what it leads on to."""
    found = visit()
    return bundles.way_on(found.link) if found else None


def meant(link: QueryLink) -> QueryLink | None:
    """Return the link of the query that the request names; a form must name one where several came together."""
    return named(link, request.values.get("query", ""))


def named(link: QueryLink, ref: str) -> QueryLink | None:
    """Return the link of the query `ref` among all that wait for the provider of `link`."""
    if not ref:
        is_enough = request.method == "GET" or request.path.startswith(_OF_NO_QUERY)
        return link if is_enough or len(bundles.parts_of(link)) == 1 else None
    if ref == link.query.ref:  # nearly always, and then the rest need not be read
        return link
    return next((one.link for one in bundles.inbox_of(link) if one.query.ref == ref), None)


def offered(link: QueryLink) -> tuple[str, ...]:
    """Return the factors that the page of this request offers."""
    found = proving.offers(link)
    request.environ[PASSKEY_OFFERED] = "passkey" in found
    return found


def step_up_page(link: QueryLink, error: str = "", status: int = 200) -> Any:
    """Ask for a factor; what was typed before is carried along."""
    kept = {name: value for name in KEPT if (value := request.values.get(name, ""))}
    asked = offered(link)
    may_remember = proving.need_of(link).device_opens
    page = render_template("respond/pin.html", error=error, kept=kept, asked=asked, may_remember=may_remember)
    return page, status


def stepped_up(view: Any) -> Any:
    """Pass the link to `view` only within a proven visit; else ask for a factor again."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        here, link = visit(), current_link()
        found = meant(link) if link else None
        if here is None or found is None:
            return ended()
        is_proven = sessions.is_proven(here, clock.now())
        if not is_proven or not proving.suffices(found, here.factor):
            if request.method == "POST" and actions.may_step_up(found):
                return step_up_page(found, AWAY if not is_proven else MORE, 401)
            return redirect(url_for("respond.pin", query=request.args.get("query")), 303)
        sessions.seen(here)
        return view(found, *args, **kwargs)

    return guarded


def go_on_with(kind: str) -> None:
    """Go on with this visit as somebody who gave the factor that was just set up: it was shown to work."""
    here = visit()
    assert here is not None
    with unit_of_work():
        row = db.session.get_one(StepUp, here.id)
        cookies.write("step", sessions.proven(row, kind))


def given() -> proving.Given:
    """Return the factor that the form of the request gives."""
    form = request.form
    kind = form.get("factor", "pin")
    value = form.get("code" if kind == "totp" else kind, "")
    return proving.Given(kind, value, throttle.network(request.remote_addr))
