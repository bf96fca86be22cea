"""All code systems of the shared input, loaded once for all tests of a process and copied to PostgreSQL."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from query_mgr.codes.loader import Loaded, load_default
from query_mgr.platform.db import db
from tests.codes.lookups import load_shared
from tests.conftest import settings_for

_COPIED = ("code_set", "code", "code_entry", "code_word")


@pytest.fixture(scope="session")
def loaded(
    prepared: dict[str, str], shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Flask, list[Loaded]]:
    """An application on SQLite with every code system, and what the loader said of each list of ../shared."""
    target = tmp_path_factory.mktemp("codes") / "codes.sqlite"
    target.write_bytes(Path(prepared["sqlite"].removeprefix("sqlite:///")).read_bytes())
    application = create_app(settings_for(target.parent, f"sqlite:///{target}"))
    with application.app_context():
        load_default()
        reports = load_shared(shared)
        db.session.remove()
        db.engine.dispose()
    return application, reports


@pytest.fixture(scope="module")
def all_codes(
    engine: str,
    prepared: dict[str, str],
    loaded: tuple[Flask, list[Loaded]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """An application that holds the edition that comes with query_mgr, ICD-10-PCS and two editions of HCPCS."""
    application = loaded[0]
    if engine == "postgresql":
        application = create_app(settings_for(tmp_path_factory.mktemp("codes"), prepared[engine]))
    with application.app_context():
        if engine == "postgresql":
            _copy(loaded[0].config["SETTINGS"].database_url.removeprefix("sqlite:///"))
        yield application
        db.session.remove()  # before the lock that TRUNCATE takes
        if engine == "postgresql":
            with db.engine.begin() as connection:
                connection.exec_driver_sql(f"TRUNCATE {', '.join(_COPIED)} CASCADE")
        db.engine.dispose()


def _copy(source: str) -> None:
    """Bring the rows to PostgreSQL: the loader, whose statements are the same there, takes a minute for it."""
    tables = [db.metadata.tables[name] for name in _COPIED]
    with sqlite3.connect(source) as rows, db.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(_COPIED)} CASCADE")  # what the test before left
        connection.exec_driver_sql("DROP INDEX ix_code_search_vector")
        for table in tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            flags = [number for number, column in enumerate(table.columns) if column.type.python_type is bool]
            cursor = connection.connection.cursor()
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in rows.execute(f"SELECT {names} FROM {table.name}"):
                    copy.write_row([bool(value) if number in flags else value for number, value in enumerate(row)])
        connection.exec_driver_sql("CREATE INDEX ix_code_search_vector ON code_entry USING gin (search_vector)")
        connection.exec_driver_sql("ANALYZE code_entry")


@pytest.fixture(scope="session")
def published(shared: Path) -> dict[str, bool]:
    """Every code of the published list -> whether it is billable."""
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {row["code"]: row["billable"] for row in map(json.loads, lines)}
