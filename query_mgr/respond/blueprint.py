"""The provider's pages as one blueprint, with the headers that all of them carry (assurance §1.2 item 9)."""

from __future__ import annotations

from flask import Blueprint, Response

from query_mgr.charts.sensitivity import notice
from query_mgr.respond.stepup import cookies

respond = Blueprint("respond", __name__)
respond.context_processor(lambda: {"part_2_notice": notice})

#: what a provider's page may load: nothing but its style and picture
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


@respond.after_request
def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    cookies.set_on(response)
    return response


def with_script(response: Response) -> Response:
    """Let a page run our own script files: a passkey needs one."""
    response.headers["Content-Security-Policy"] = _POLICY + "; script-src 'self'; connect-src 'self'"
    return response
