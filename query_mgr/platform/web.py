"""What every page of every slice shares: configuration, security headers, error pages, health."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from query_mgr.platform import logs
from query_mgr.platform.db import db
from query_mgr.platform.text import signs

csrf = CSRFProtect()
health = Blueprint("health", __name__)


def configure(app: Flask, settings: Settings) -> None:
    """Give `app` its configuration and the behaviour common to all pages."""
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=8 * 1024 * 1024,
        # A browser takes such a name only over TLS, for this very host and all of its paths (C22).
        SESSION_COOKIE_NAME="__Host-session" if settings.base_url.startswith("https") else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https"),
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["local"] = local
    app.jinja_env.filters["when"] = when
    app.jinja_env.filters["signs"] = signs
    logs.mask_tokens()
    if settings.trusted_proxies:
        # The address only: links in mails never follow what a request says of the host (item 93).
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]
    csrf.init_app(app)
    app.register_blueprint(health)
    app.before_request(_refuse_nul)
    app.after_request(_headers)
    app.register_error_handler(CSRFError, lambda error: form_came_too_late())
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(Exception, _unexpected)
    app.context_processor(lambda: {"settings": current_settings()})


def current_settings() -> Settings:
    """Return the settings of the running application."""
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings


def local(at: datetime | str, style: str = "%b %d, %Y %H:%M %Z") -> str:
    """Return a moment (aware, or as ISO 8601) as the hospital's clocks showed it, in strftime's `style`."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return _shown(moment.astimezone(UTC), style, current_settings().time_zone)


@lru_cache(maxsize=8192)  # a chart shows a thousand moments, and shows them again
def _shown(at: datetime, style: str, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime(style)


def when(at: datetime) -> Markup:
    """Return a moment as a page shows it, the exact time behind it."""
    return Markup(f'<time datetime="{at.isoformat()}">{local(at, "%b %d, %Y %H:%M")}</time>')  # noqa: S704 (no text of anybody's)


@health.get("/healthz")
def live() -> tuple[dict[str, str], int]:
    """Say that the process answers and its database does too."""
    db.session.execute(db.text("SELECT 1"))
    return {"status": "ok"}, 200


def _refuse_nul() -> None:
    """Refuse a NUL in an address, alike on both databases (item 75). Forms name the field themselves."""
    if "\x00" in request.path or b"%00" in request.query_string:
        abort(400, "The address contains a NUL character.")


#: what a staff page may load and do
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


def _headers(response: Response) -> Response:
    """Set the headers of assurance C27-C30; a page that needs others has already set its own."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype in {"text/html", "application/json", "text/csv"}:
        response.headers["Cache-Control"] = "no-store"
    return response


#: never shown again, whatever happens to a form
_SECRET = {"csrf_token", "pin", "password"}


def form_came_too_late(sign_in: str = "") -> tuple[str, int]:
    """Answer a form whose session ended: nothing was done, and what was typed is kept on the page (item 87).

    sign_in: where to sign in again. The form can be sent again only if it came from a page of ours.
    """
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _SECRET and value]
    ours = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "").netloc == request.host
    page = render_template(
        "form_came_too_late.html", typed=typed, may_repeat=ours and not request.files, sign_in=sign_in
    )
    return page, 401 if sign_in else 400


def _http_error(error: HTTPException) -> tuple[str, int] | Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return render_template("error.html", code=error.code, name=error.name, text=error.description), error.code


def _unstorable(error: Exception) -> tuple[str, int]:
    """Answer a value that PostgreSQL cannot hold, such as a NUL or a number beyond 64 bits, where no rule caught it."""
    db.session.rollback()
    text = "Something in the form cannot be stored, such as an invisible control character. Nothing was changed."
    return render_template("error.html", code=400, name="This cannot be stored", text=text), 400


def _unexpected(error: Exception) -> tuple[str, int]:
    """Answer a fault with a page that says nothing of the inside."""
    text = f"Nothing was changed. If it happens again, tell your administrator the number {logged(error)}."
    return render_template("error.html", code=500, name="Something went wrong", text=text), 500


def logged(error: Exception) -> str:
    """Undo what was begun, log a fault by type and place, and return the number under which it is found."""
    g.fault = secrets.token_hex(4)
    db.session.rollback()
    # The type and the place are enough to find a fault; its message may quote a chart.
    trace, place = error.__traceback__, ""
    while trace:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    current_app.logger.error("fault %s: %s at %s", g.fault, type(error).__name__, place)
    return str(g.fault)


def not_allowed(error: Exception) -> tuple[str, int]:
    """Answer an action that its own check refused, behind a route that had let the person through."""
    db.session.rollback()
    text = "Your role does not permit this. Ask your administrator if it should."
    return render_template("error.html", code=403, name="Not allowed", text=text), 403
