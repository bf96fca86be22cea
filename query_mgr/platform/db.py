"""The database: one declarative base, aware UTC times, and the unit of work that every action runs in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, Row, Select, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

Key = TypeVar("Key", int, str)


class Model(DeclarativeBase):
    """Base of every table. Constraint names are fixed so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# What a unit of work wrote is still known after its commit; the next one forgets it on entry.
db = SQLAlchemy(model_class=Model, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. A naive one is a programming error and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive time reached the database")
        value = value if value.tzinfo is UTC else value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # SQLAlchemy's "begin" hook below opens transactions; the driver must not open its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: what a person saw acknowledged survives a power cut (assurance §3.1).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("query_mgr_writes", False)
        # A reader that turns writer can fail with SQLITE_BUSY halfway; a writer says so at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run the body in one write transaction: all of it is kept, or none.

    Nested units join the outer one. On entry the session forgets what it read before, so that rules decide
    on rows as they are under the write lock.
    """
    if db.session.info.get("in_unit_of_work"):
        with db.session.begin_nested() if db.session.info.get("rehearses") else nullcontext():
            yield
        return
    db.session.rollback()
    db.session.connection(execution_options={"query_mgr_writes": True})
    db.session.info["in_unit_of_work"] = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info.pop("in_unit_of_work", None)


def rows(statement: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return plain rows in the session's transaction: for long lists, where what the session adds to each row counts."""
    return db.session.connection().execute(statement).all()


_KEYS_PER_STATEMENT = 500  # below every database's limit of parameters


def chunks(keys: Iterable[Key]) -> Iterable[list[Key]]:
    """Return the keys in order, each once, in as many lists as statements can take."""
    ordered = sorted(set(keys))
    return (ordered[at : at + _KEYS_PER_STATEMENT] for at in range(0, len(ordered), _KEYS_PER_STATEMENT))


class _RehearsalOverError(Exception):
    """Ends the transaction of a rehearsal."""


@contextmanager
def rehearsal() -> Iterator[None]:
    """Let the body do what it does, and keep nothing of it: its units of work fail and succeed as they would.

    It holds the write lock while it runs.
    """
    try:
        with unit_of_work():
            db.session.info["rehearses"] = True
            yield
            raise _RehearsalOverError
    except _RehearsalOverError:
        db.session.expire_all()
    finally:
        db.session.info.pop("rehearses", None)


def upsert(table: type[Model]) -> Any:
    """Return an INSERT into `table` that knows ON CONFLICT, which both databases have and SQLAlchemy's own has not."""
    return (postgresql if is_postgresql() else sqlite).insert(table)


def is_postgresql() -> bool:
    """Return whether the database in use is PostgreSQL."""
    return db.engine.dialect.name == "postgresql"
