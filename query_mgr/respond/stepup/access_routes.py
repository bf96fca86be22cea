"""A provider's own devices and ways to sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from flask import redirect, render_template, request, url_for
from markupsafe import Markup

from query_mgr.platform.db import unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup import cookies, devices, factors, guard, passkeys, signing, throttle, totp
from query_mgr.respond.stepup.guard import stepped_up


@respond.get("/answer/access")
@stepped_up
def access(link: QueryLink) -> Any:
    """List the remembered devices and what else the provider has set up."""
    here = devices.find(cookies.read("device"), link.provider)
    return render_template(
        "respond/access.html", devices=devices.of(link.provider), here=here, ends_at=devices.ends_at,
        factors=factors.of(link.provider), names=factors.NAMES,
        passkeys_possible=passkeys.are_possible(),
    )  # fmt: skip


@respond.post("/answer/access/forget")
@stepped_up
def forget_device(link: QueryLink) -> Any:
    """Forget a device; it asks for a factor again."""
    here = devices.find(cookies.read("device"), link.provider)
    ref = request.form.get("device", "")
    devices.revoke(link.provider, ref, f"provider:{link.provider.ref}")
    if here is not None and here.ref == ref:
        cookies.write("device", "")
    return redirect(url_for("respond.access", query=request.form.get("query") or None), 303)


@respond.post("/answer/access/take-away")
@stepped_up
def take_away(link: QueryLink) -> Any:
    """Take a factor away; that wants one that was just given (C20)."""
    ref, by = request.form.get("factor_ref", ""), f"provider:{link.provider.ref}"
    return _with_factor(link, lambda method: factors.revoke(link.provider, ref, by))


def _with_factor(link: QueryLink, change: Callable[[str], object]) -> Any:
    """Make a change of the provider's access that asks once more who they are."""
    try:
        signing.signed(link, change)
    except signing.FactorError as refused:
        fields = {name: value for name, value in request.form.items() if name in ("factor_ref", "ref")}
        return render_template(
            "respond/confirm.html", asked=signing.wants_factor(link), error=str(refused), fields=fields
        ), refused.status  # fmt: skip
    return redirect(url_for("respond.access"), 303)


@respond.get("/answer/access/app")
@stepped_up
def new_app(link: QueryLink) -> Any:
    """Ask to set an authenticator app up."""
    return render_template("respond/confirm.html", asked=signing.wants_factor(link), error="", fields={})


@respond.post("/answer/access/app")
@stepped_up
def show_app(link: QueryLink) -> Any:
    """Show the secret of a new authenticator app, to somebody who just gave a factor (C20)."""
    try:
        signing.signed(link, lambda method: factors.new_totp(link.provider))
    except signing.FactorError as refused:
        page = render_template(
            "respond/confirm.html", asked=signing.wants_factor(link), error=str(refused), fields={}
        )
        return page, refused.status
    return _app_page(link)


def _app_page(link: QueryLink, error: str = "", status: int = 200) -> Any:
    settings, factor = current_settings(), factors.new_totp(link.provider)
    secret = totp.secret_for(settings.secret_key, factor.ref)
    address = totp.uri(secret, settings.organization, link.provider.npi or link.provider.ref)
    picture = segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff", svgclass="qr")
    page = render_template(
        "respond/app.html", address=address, written=totp.written(secret), error=error,
        picture=Markup(picture),  # noqa: S704 (made here)
    )  # fmt: skip
    return page, status


@respond.post("/answer/access/app/confirm")
@stepped_up
def confirm_app(link: QueryLink) -> Any:
    """Take the first code of a new app: from now on it is asked for in place of the PIN."""
    place = throttle.network(request.remote_addr)
    try:
        throttle.take(link, place)
    except throttle.LockedError as locked:
        return _app_page(link, str(locked), 429)
    if not factors.confirm_totp(link.provider, request.form.get("code", "")):
        return _app_page(link, "This code is wrong. Type the one that the app shows now.", 400)
    with unit_of_work():
        throttle.right(link, place)
    guard.go_on_with("totp")
    return redirect(url_for("respond.access"), 303)


@respond.context_processor
def _who_is_there() -> dict[str, Any]:
    return {"is_stepped_up": guard.is_there}
