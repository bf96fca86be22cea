"""F20: what was acknowledged is on the disk, and the file opens again, wherever the power went."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from itertools import count
from pathlib import Path

from flask import Flask

from query_mgr.charts.actions import import_file
from query_mgr.platform.db import db
from tests.bench.house import an_app
from tests.charts.hl7_messages import adt

ROUNDS = 25


def _write_for_ever(app: Flask, acknowledged: int) -> None:
    """Take in one message after the other, and write a byte to `acknowledged` once one is kept."""
    with app.app_context():
        for number in count(1):
            content = adt("A08", f"2026030{1 + number % 9}220000", str(number)).encode()
            assert import_file(content, "feed", by="t").status == "imported"
            os.write(acknowledged, b".")


def _copy(source: Path, target: Path) -> sqlite3.Connection:
    """Copy a database as a cut of the power would leave it: the file and its log, not closed."""
    for suffix in ("", "-wal"):
        shutil.copy(f"{source}{suffix}", f"{target}{suffix}")
    return sqlite3.connect(target)


def test_a_copy_of_the_running_database_opens_with_all_that_was_acknowledged(tmp_path: Path) -> None:
    draw = random.Random(20)
    app = an_app(tmp_path)
    with app.app_context():
        db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))  # the log holds only what the child writes
        db.session.remove()
        db.engine.dispose()
    heard, said = os.pipe()
    os.set_blocking(heard, False)
    child = os.fork()
    if child == 0:
        try:
            _write_for_ever(app, said)
        finally:
            os._exit(1)
    try:
        acknowledged = _try_all(tmp_path, child, heard, draw)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert acknowledged > ROUNDS


def _try_all(folder: Path, child: int, heard: int, draw: random.Random) -> int:
    acknowledged, source = 0, folder / "bench.sqlite"
    while not acknowledged:
        acknowledged += _read(heard)
        time.sleep(0.02)
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the writer failed"
    for number in range(ROUNDS):
        time.sleep(draw.uniform(0.01, 0.06))
        os.kill(child, signal.SIGSTOP)
        acknowledged += _read(heard)
        whole = _copy(source, folder / f"whole{number}.sqlite")
        cut = folder / f"cut{number}.sqlite"
        _copy(source, cut).close()
        os.kill(child, signal.SIGCONT)
        with open(f"{cut}-wal", "r+b") as log:
            log.truncate(draw.randint(0, os.path.getsize(f"{cut}-wal")))
        assert whole.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert whole.execute("SELECT count(*) FROM feed_message").fetchone()[0] >= acknowledged
        whole.close()
        torn = sqlite3.connect(cut)
        assert torn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept, told = torn.execute(
            "SELECT (SELECT count(*) FROM feed_message), (SELECT count(*) FROM audit_event WHERE action LIKE 'chart.%')"
        ).fetchone()
        assert (kept == 0) == (told == 0)  # a message and its record went together
        torn.close()
    return acknowledged


def _read(heard: int) -> int:
    try:
        return len(os.read(heard, 100_000))
    except BlockingIOError:
        return 0


def test_the_database_waits_for_the_disk_before_it_says_done(tmp_path: Path) -> None:
    app = an_app(tmp_path)
    with app.app_context():
        told = [db.session.execute(db.text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        db.session.remove()
        db.engine.dispose()
    assert told == ["wal", 2]  # 2 is FULL
