"""B1: a signed-in request through all of our middleware, beside a bare Flask "ok"."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.accounts.builders import a_user
from tests.bench.house import an_app, cookie_of, get
from tests.bench.timing import Row, in_turn

_NOTHING = b'{"hint":"","results":[],"term":""}\n'


def run(folder: Path, rounds: int) -> Row:
    """Ours answers the empty type-ahead: session, user and roles from the database, permission, headers."""
    app, bare = an_app(folder), Flask("bare")
    bare.add_url_rule("/", view_func=lambda: "ok")
    with app.app_context():
        key = a_user("coder").fs_uniquifier
    cookie = cookie_of(app, key)

    def ours(number: int) -> None:
        assert get(app, "/codes/search?q=&limit=0", cookie) == (200, _NOTHING)

    def floor(number: int) -> None:
        assert get(bare, "/") == (200, b"ok")

    assert get(app, "/codes/search?q=")[0] in (302, 401), "nobody is let in without a session"
    return Row("B1", "signed-in GET / bare Flask", rounds, *in_turn(ours, floor, rounds), target=3.0)
