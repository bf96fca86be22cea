"""What every page of every slice shares: configuration, security headers, error pages, health."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, current_app, g, render_template
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from config.settings import Settings
from query_mgr.platform import logs
from query_mgr.platform.db import db

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
    logs.mask_tokens()
    csrf.init_app(app)
    app.register_blueprint(health)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _http_error)
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
    return moment.astimezone(ZoneInfo(current_settings().time_zone)).strftime(style)


def when(at: datetime) -> Markup:
    """Return a moment as a page shows it, the exact time behind it."""
    return Markup(f'<time datetime="{at.isoformat()}">{local(at, "%b %d, %Y %H:%M")}</time>')  # noqa: S704 (no text of anybody's)


@health.get("/healthz")
def live() -> tuple[dict[str, str], int]:
    """Say that the process answers and its database does too."""
    db.session.execute(db.text("SELECT 1"))
    return {"status": "ok"}, 200


def _headers(response: Response) -> Response:
    """Set the headers of assurance C27-C30; a page that needs others has already set its own."""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype in {"text/html", "application/json", "text/csv"}:
        response.headers["Cache-Control"] = "no-store"
    return response


def _http_error(error: HTTPException) -> tuple[str, int] | Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return render_template("error.html", code=error.code, name=error.name, text=error.description), error.code


def _unexpected(error: Exception) -> tuple[str, int]:
    """Answer a fault with a page that says nothing of the inside, and log it under a number."""
    g.fault = secrets.token_hex(4)
    db.session.rollback()
    # The type and the place are enough to find a fault; its message may quote a chart.
    trace, place = error.__traceback__, ""
    while trace:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    current_app.logger.error("fault %s: %s at %s", g.fault, type(error).__name__, place)
    text = f"Nothing was changed. If it happens again, tell your administrator the number {g.fault}."
    return render_template("error.html", code=500, name="Something went wrong", text=text), 500


def not_allowed(error: Exception) -> tuple[str, int]:
    """Answer an action that its own check refused, behind a route that had let the person through."""
    db.session.rollback()
    text = "Your role does not permit this. Ask your administrator if it should."
    return render_template("error.html", code=403, name="Not allowed", text=text), 403
