"""Alembic's entry: run the reviewed changes in versions/ against the configured database."""

from __future__ import annotations

from alembic import context
from flask import current_app

target_db = current_app.extensions["migrate"].db


def _plain_types(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write our own column types as what they are in the database: a migration imports nothing of ours."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def _ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave out what full-text search keeps beside its tables (0002, 0010): the models do not know it."""
    return not (name or "").startswith(("code_search", "document_search")) and name not in (
        "search_vector",
        "ix_code_search_vector",
    )


def run() -> None:
    """Apply the changes in one transaction."""
    with target_db.engine.connect().execution_options(query_mgr_writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=target_db.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=_plain_types,
            include_name=_ours,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
