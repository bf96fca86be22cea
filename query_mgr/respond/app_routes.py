"""The provider's pages on a home screen: manifest, and a worker that keeps the page for no connection and nothing else."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask import Response, jsonify, make_response, render_template, url_for

from query_mgr.platform.web import current_settings
from query_mgr.respond.blueprint import respond

#: the page for no connection cannot load a style: it brings its own, and its policy names that by hash
_STYLE = (
    ":root{color-scheme:light dark}body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem}"
    "a{display:inline-block;padding:.75rem 0}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_NONE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
_INSTALL = (
    f"{_NONE}; style-src 'self'; img-src 'self'; form-action 'self'; script-src 'self'; worker-src 'self'; "
    "manifest-src 'self'"
)


def _with_policy(page: Any, policy: str) -> Response:
    response = make_response(page)
    response.headers["Content-Security-Policy"] = policy
    return response


@respond.get("/answer/app")
def install() -> Any:
    """Say how to keep the pages on a home screen. It is the only page that runs a script for that."""
    return _with_policy(render_template("respond/app/install.html"), _INSTALL)


@respond.get("/answer/app.webmanifest")
def manifest() -> Any:
    """Describe the pages to a phone. Nothing in it is anybody's."""
    described = jsonify(
        name=f"Documentation queries, {current_settings().organization}", short_name="Queries", id="/answer",
        start_url=url_for("respond.inbox"), scope="/answer", display="standalone", background_color="#ffffff",
        theme_color="#0b5cad",
        icons=[
            {"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            *({"src": url_for("static", filename=f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
              for size in (192, 512)),
        ],
    )  # fmt: skip
    described.mimetype = "application/manifest+json"
    return described


@respond.get("/answer/offline")
def offline() -> Any:
    """Say that there is no connection. The same for everybody, so that it may be kept."""
    return _with_policy(
        render_template("respond/app/offline.html", style=_STYLE), f"{_NONE}; style-src 'sha256-{_STYLE_HASH}'"
    )


@respond.get("/answer/worker.js")
def worker() -> Any:
    """Give the worker that shows the page for no connection."""
    script = _with_policy(render_template("respond/app/worker.js"), f"{_NONE}; connect-src 'self'")
    script.mimetype = "text/javascript"
    script.headers["Service-Worker-Allowed"] = "/answer"
    script.headers["Cache-Control"] = "no-cache"
    return script
