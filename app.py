"""The composition root: `create_app()` for gunicorn and `flask --app app ...`."""

from __future__ import annotations

from flask import Flask

from config import settings as config
from query_mgr.audit.cli import audit_cli
from query_mgr.platform import web
from query_mgr.platform.db import db, migrate
from query_mgr.platform.serve import serve


def create_app(settings: config.Settings | None = None) -> Flask:
    """Return the application with every slice registered.

    Raises config.SettingsError where it must not start.
    """
    settings = settings or config.load()
    app = Flask(
        "query_mgr",
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(settings.instance_dir),
    )
    web.configure(app, settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    for command in (audit_cli, serve):
        app.cli.add_command(command)
    return app
