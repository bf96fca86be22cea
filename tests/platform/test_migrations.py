"""The migrations and the models say the same."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from query_mgr.platform.db import db


def test_the_migrations_make_the_tables_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), db.metadata)
    # PostgreSQL computes code.search_vector itself; no model reads it.
    found = [change for change in found if "search_vector" not in str(change)]
    wanted = {"add_table", "add_column", "remove_column", "add_constraint", "add_index"}
    assert [change for change in found if isinstance(change, tuple) and change[0] in wanted] == []
