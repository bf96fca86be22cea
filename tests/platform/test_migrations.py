"""The migrations and the models say the same."""

from __future__ import annotations

import flask_migrate
from flask import Flask


def test_the_migrations_make_exactly_what_the_models_name(app: Flask) -> None:
    flask_migrate.check()  # exits where an upgrade would still find something to do
