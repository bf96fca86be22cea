"""An application per test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask_migrate import upgrade

from app import create_app
from config.settings import Settings, load
from query_mgr.platform import clock
from query_mgr.platform.db import db
from tests import services


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process whole files, and all journeys to one: they share a hospital that takes a minute to open."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "journeys" if "/journeys/" in file else file

    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the journeys: begun last, they would keep one process busy and the other waiting."""
    items.sort(key=lambda item: "/journeys/" not in item.nodeid)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a database on both engines."""
    if "engine" in metafunc.fixturenames:
        both = services.postgresql_url() and not metafunc.definition.get_closest_marker("sqlite_only")
        engines = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("engine", engines, scope="session", indirect=False)


@pytest.fixture(scope="session", autouse=True)
def no_secret_in_any_log() -> Iterator[None]:
    """Hold every log record of the run to assurance §1.2 item 10: whatever looks like a token of ours is one."""
    seen: list[str] = []

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if _SECRET.search(self.format(record)):
                seen.append(f"{record.name} in {record.pathname}:{record.lineno}")

    watch = Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    assert not seen, seen


_SECRET = re.compile(r"(?<![A-Za-z0-9])[a-z2-7]{52}(?![A-Za-z0-9])|/[re]/[a-z2-7]{20,}")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The URL of a migrated, empty database per engine; SQLite's is copied, PostgreSQL's is emptied, per test."""
    folder = tmp_path_factory.mktemp("prepared")
    urls = {"sqlite": f"sqlite:///{folder / 'template.sqlite'}"}
    server = services.postgresql_url()
    if server:
        import psycopg

        # Named after the run: two runs beside each other must not share a database.
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:8]
        name = f"query_mgr_test_{run}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
            # No test stops the server, so nothing is lost by not waiting for its disk.
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        head, _, tail = server.partition("?")
        urls["postgresql"] = head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")
    for url in urls.values():
        application = create_app(settings_for(folder, url))
        with application.app_context():
            upgrade()
            db.engine.dispose()
    with sqlite3.connect(folder / "template.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield urls
    if server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def settings_for(folder: Path, url: str, **more: object) -> Settings:
    """Return settings of a test instance."""
    environ = {
        "QUERY_MGR_INSTANCE_DIR": str(folder),
        "QUERY_MGR_DATABASE_URL": url,
        "QUERY_MGR_SECRET_KEY": "test-only-" * 5,
        "QUERY_MGR_BASE_URL": "http://localhost",
        **{f"QUERY_MGR_{key.upper()}": str(value) for key, value in more.items()},
    }
    return load(environ)


@pytest.fixture(scope="session")
def applications(prepared: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    """One application per engine for all tests: its addresses, pages and statements are compiled once."""
    folder = tmp_path_factory.mktemp("applications")
    urls = prepared | {"sqlite": f"sqlite:///{folder / 'query_mgr.sqlite'}"}
    found = {engine: create_app(settings_for(folder, url)) for engine, url in urls.items()}
    for application in found.values():
        application.teardown_request(_forget_user)
    return found


def _forget_user(error: BaseException | None) -> None:
    """Sign out: the context that `app` pushes outlives a request, and its user would stay for the next client."""
    g.pop("_login_user", None)


@pytest.fixture
def app(engine: str, prepared: dict[str, str], applications: dict[str, Flask], tmp_path: Path) -> Iterator[Flask]:
    """A migrated, empty application; its context is pushed."""
    application = applications[engine]
    before = dict(application.config)
    application.config["SETTINGS"] = replace(application.config["SETTINGS"], instance_dir=tmp_path)
    application.testing = True
    with application.app_context():
        _empty(application, prepared)
        yield application
        db.session.remove()
        db.engine.dispose()
    application.config.clear()
    application.config.update(before)


def _empty(application: Flask, prepared: dict[str, str]) -> None:
    url = str(application.config["SETTINGS"].database_url)
    if not url.startswith("sqlite"):
        empty_tables()
        return
    target = Path(url.removeprefix("sqlite:///"))
    for old in target.parent.glob("query_mgr.sqlite*"):  # the write-ahead log of a killed process among them
        old.unlink()
    shutil.copy(prepared["sqlite"].removeprefix("sqlite:///"), target)


Fresh = Callable[[], None]


@pytest.fixture
def fresh(app: Flask, prepared: dict[str, str]) -> Fresh:
    """Return what empties the database within a test."""

    def empty() -> None:
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()
        _empty(app, prepared)

    return empty


def empty_tables() -> None:
    """Empty PostgreSQL as TRUNCATE ... RESTART IDENTITY would, which makes every file anew: a second for each test."""
    tables = [table.name for table in db.metadata.sorted_tables]
    held = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
    with db.engine.begin() as connection:
        connection.execute(db.text("SET LOCAL session_replication_role = replica"))  # no order, no triggers
        for (name,) in connection.execute(db.text(held)).all():
            connection.execute(db.text(f'DELETE FROM "{name}"'))
        connection.execute(
            db.text(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
                "FROM pg_sequences WHERE last_value IS NOT NULL"
            )
        )


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **kwargs: float) -> datetime:
        """Move the time on by `timedelta(**kwargs)` and return it."""
        self.time += timedelta(**kwargs)
        return self.time


@pytest.fixture
def time() -> Iterator[Clock]:
    """The clock of the application, in the test's hands."""
    fake = Clock()
    clock.use(fake)
    yield fake
    clock.use(None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real-shaped input beside the checkout. CI must have it."""
    if not services.SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{services.SHARED} is missing, and CI leaves nothing out")
        pytest.skip("no ../shared beside this checkout")
    return services.SHARED
