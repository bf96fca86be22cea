"""A prepared application and a client without a test client's own weight."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from query_mgr.platform.db import db
from tests.conftest import settings_for


def an_app(folder: Path) -> Flask:
    """Return a migrated application on SQLite in `folder`."""
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'bench.sqlite'}"))
    with app.app_context():
        upgrade()
        db.session.remove()
    return app


def get(app: Flask, address: str, cookie: str = "") -> tuple[int, bytes]:
    """Answer a GET through the whole WSGI application."""
    path, _, query = address.partition("?")
    headers = {"Cookie": cookie} if cookie else {}
    body, status, _ = run_wsgi_app(app, EnvironBuilder(path, query_string=query, headers=headers).get_environ())
    return int(status.split()[0]), b"".join(body)


def cookie_of(app: Flask, user_key: str) -> str:
    """Return the session cookie of a signed-in member of staff."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_key, True
    found = client.get_cookie("session")
    assert found
    return f"session={found.value}"
