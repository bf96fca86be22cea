"""B2: the list of queries with three filters, beside raw SQL and a bare Jinja table of the same rows."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2
from flask import Flask
from sqlalchemy import insert, select

from query_mgr.accounts.models import Provider, User
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user
from tests.bench.house import an_app, cookie_of, get
from tests.bench.timing import Row, in_turn
from tests.queries.builders import a_provider, an_encounter

_SQL = """
SELECT q.ref, q.status, q.title, q.outcome, q.sent_at, q.due_at, p.family_name, p.given_names, v.name, v.credentials
FROM query q JOIN encounter e ON e.id = q.encounter_id JOIN patient p ON p.id = e.patient_id
JOIN provider v ON v.id = q.provider_id
WHERE q.status = 'opened' AND v.ref = ? AND q.author_id = ? AND q.updated_at <= ?
ORDER BY q.updated_at DESC, q.id DESC LIMIT 51
"""
_TABLE = jinja2.Environment(autoescape=True).from_string(
    "<table>{% for row in rows %}<tr><td><a href='/queries/{{ row[0] }}'>{{ row[2] }}</a></td>"
    "{% for cell in row[3:] %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
_STATUSES = ("opened", "delivered", "closed", "answered", "cancelled")
_LATEST = datetime(2026, 11, 1, tzinfo=UTC)


def run(folder: Path, rounds: int, size: int) -> list[Row]:
    """Time the first page and one deep down."""
    app = an_app(folder)
    with app.app_context():
        provider_ref, user = _fill(size)
        author_id, key = user.id, user.fs_uniquifier
        db.session.remove()
    cookie = cookie_of(app, key)
    raw = sqlite3.connect(folder / "bench.sqlite")
    address = f"/queries?status=opened&provider={provider_ref}&mine=1"
    deep, at = _deep(app, address, cookie, pages=max(size // 4_000, 1))
    rows = []
    for name, page, until in (("first page", address, "9999-12-31"), ("deep page", deep, at)):

        def ours(number: int, page: str = page) -> list[str]:
            status, body = get(app, page, cookie)
            assert status == 200
            return re.findall(r'<td><a href="/queries/(\w+)"', body.decode())

        def floor(number: int, until: str = until) -> list[str]:
            found = raw.execute(_SQL, (provider_ref, author_id, until)).fetchall()
            return re.findall(r"href='/queries/(\w+)'", _TABLE.render(rows=found[:50]))

        assert ours(0) == floor(0)
        assert len(ours(0)) == 50
        rows.append(Row("B2", f"query list, {name} / raw SQL and Jinja", size, *in_turn(ours, floor, rounds), 1.5))
    raw.close()
    shallow, far = rows
    return [*rows, Row("B2", "query list, deep page / first page", size, far.ours, shallow.ours, 1.1)]


def _fill(size: int) -> tuple[str, User]:
    """Put `size` queries into the database; no two changed at the same time."""
    encounter, user, other = an_encounter(), a_user("coder"), a_user("coder", email="other@h.test")
    npis = ("1234567893", "1245319599", "1679576722", "1881761864")
    providers = [a_provider(f"Provider{number} Test", npi) for number, npi in enumerate(npis)]
    ids = [one.id for one in providers]
    plain = {
        "encounter_id": encounter.id, "purpose": "acuity", "query_type": "multiple_choice", "timing": "concurrent",
        "title": "Clarification of the documentation", "question": "Please clarify.",
    }  # fmt: skip
    authors = (user.id, other.id)
    for start in range(0, size, 20_000):
        with unit_of_work():
            db.session.execute(
                insert(Query),
                [
                    plain
                    | {
                        "provider_id": ids[number % 4],
                        "author_id": authors[number // 4 % 2],
                        "status": _STATUSES[number // 8 % 5],
                        "created_at": (at := _LATEST - timedelta(minutes=number)),
                        "updated_at": at,
                        "sent_at": at,
                        "due_at": at + timedelta(days=3),
                    }
                    for number in range(start, min(start + 20_000, size))
                ],
            )
    ref = db.session.scalars(select(Provider.ref).where(Provider.id == ids[0])).one()
    return ref, db.session.scalars(select(User).where(User.id == authors[0])).one()


def _deep(app: Flask, address: str, cookie: str, pages: int) -> tuple[str, str]:
    """Follow "Older queries" and return the address of that page, and the raw time its rows begin at."""
    page = address
    for _ in range(pages):
        link = re.search(r'href="([^"]+)">Older queries', get(app, page, cookie)[1].decode())
        assert link
        page = link[1].replace("&amp;", "&")
    mark = re.search(r"after=([^&~]+)", page)
    assert mark
    at = datetime.fromisoformat(mark[1].replace("%2B", "+").replace("%3A", ":"))
    return page, (at - timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
