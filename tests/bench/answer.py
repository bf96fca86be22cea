"""B3: a provider's signed answer until it is on the disk, beside the same writes as raw SQL in one transaction."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select

from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from tests.bench.house import an_app
from tests.bench.timing import Row
from tests.queries.builders import PIN, a_coder, a_provider, an_encounter, content

Writes = list[tuple[str, Any]]


def run(folder: Path, rounds: int) -> Row:
    """Sign `rounds` answers; replay what each wrote on a copy of the database, then compare every row of both."""
    app = an_app(folder)
    ours_file, floor_file = folder / "bench.sqlite", folder / "floor.sqlite"
    with app.app_context():
        paths = _ask(rounds)
        db.session.remove()
        engine = db.engine
    doctors = [_at_the_question(app.test_client(), path) for path in paths]
    engine.dispose()
    with sqlite3.connect(ours_file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(ours_file, floor_file)
    written: Writes = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.extend((statement, one) for one in (values if many else [values]))

    raw = sqlite3.connect(floor_file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")
    ours, floor = [], []
    for client, form in doctors:
        written.clear()
        start = time.perf_counter()
        reply = client.post("/answer/sign", data=form)
        ours.append((time.perf_counter() - start) * 1000)
        assert reply.status_code == 200, reply.status_code
        start = time.perf_counter()
        _replay(raw, written)
        floor.append((time.perf_counter() - start) * 1000)
    raw.close()
    engine.dispose()
    assert _rows(ours_file) == _rows(floor_file)
    return Row("B3", "signed answer on disk / its writes as raw SQL", rounds, ours[1:], floor[1:], 4.0)


def _ask(number: int) -> list[str]:
    """Send queries and return the paths of their links."""
    coder, encounter, provider = a_coder(), an_encounter(), a_provider()
    for _ in range(number):
        sending.send(
            coder,
            actions.save_draft(coder, encounter, provider, content()),
            "reviewed",
            "the same for every round",
        )
    drain(Smtp())
    texts = db.session.scalars(select(MailboxMessage.text)).all()
    return [re.search(r"http://localhost(/r/\w+)", text)[1] for text in texts]  # type: ignore[index]


def _at_the_question(client: FlaskClient, path: str) -> tuple[FlaskClient, dict[str, str]]:
    """Take a provider past the PIN and return the form they are about to post."""
    client.post(path, data=_hidden(client.get(path).text))
    client.post("/answer/pin", data=_hidden(client.get("/answer/pin").text) | {"pin": PIN})
    return client, _hidden(client.get("/answer").text) | {"option": "acute", "text": ""}


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def _replay(raw: sqlite3.Connection, written: Writes) -> None:
    raw.execute("BEGIN IMMEDIATE")
    for statement, values in written:
        raw.execute(statement, values).fetchall()
    raw.execute("COMMIT")


def _rows(file: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(file) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'code_search%'"
        )
        return {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for (name,) in names}
