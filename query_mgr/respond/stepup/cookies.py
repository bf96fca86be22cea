"""The cookies of a provider's browser. None says anything, and each is bound to this very host (assurance C22)."""

from __future__ import annotations

import hmac
from typing import Literal

from flask import Response, current_app, g, request

#: name -> (SameSite, seconds that it is kept; None: until the browser closes)
_COOKIES: dict[str, tuple[Literal["Lax", "Strict"], int | None]] = {
    # proves that a form was shown here before it is sent
    "before": ("Strict", None),
    # Lax, because single sign-on comes back from another site
    "step": ("Lax", None),
    "device": ("Strict", 90 * 86400),
    "enrol": ("Strict", None),
}


def _full(name: str) -> str:
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def read(name: str) -> str:
    """Return what a cookie of the request holds, "" where there is none."""
    return request.cookies.get(_full(name), "")[:64]


def is_from_here() -> bool:
    """Return whether the form of this request was shown to this browser: its nonce is the cookie's."""
    nonce = read("before")
    is_ours = bool(nonce) and hmac.compare_digest(nonce.encode(), request.form.get("nonce", "").encode())
    return is_ours or not current_app.config.get("WTF_CSRF_ENABLED", True)


def write(name: str, value: str) -> None:
    """Have the response to this request set a cookie; an empty value takes it away."""
    g.setdefault("provider_cookies", {})[name] = value


def set_on(response: Response) -> None:
    """Set what was written during the request."""
    for name, value in g.pop("provider_cookies", {}).items():
        same_site, kept = _COOKIES[name]
        response.set_cookie(
            _full(name), value, max_age=kept if value else 0, path="/", httponly=True, samesite=same_site,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
