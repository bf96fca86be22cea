"""B6: an outbox until every mail of it is with the mail server and that is on the disk, beside smtplib in a loop."""

from __future__ import annotations

import os
import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from query_mgr.delivery import actions
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.transport import Smtp, composed
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from tests.bench.house import an_app
from tests.bench.sink import a_sink
from tests.bench.timing import Row
from tests.delivery import notices

#: what a mail server takes over a message that it writes to its disk before it says yes
_DISK_SECONDS = 0.01
_WORKERS = 4


def run(folder: Path, rounds: int, mails: int) -> Iterator[Row]:
    """Drain `mails` messages `rounds` times, one worker and smtplib in turn; then a fifth of them, four workers and one."""
    app = an_app(folder)
    notices.register()
    quick = folder / "quick"
    quick.mkdir()
    with app.app_context(), a_sink(quick) as (port, file):
        _to(app, port)
        ours, floor = [], []
        for _ in range(rounds + 1):
            ours.append(_timed(_drained, _queued(mails), 1))
            floor.append(_timed(_smtplib, port, mails))
        taken = file.read_text().split()
        assert len(taken) == 2 * 2 * (rounds + 1) * mails, len(taken)  # a word for the mail, a word for the reply
    yield Row("B6", "outbox drained by SMTP / smtplib loop", mails, ours[1:], floor[1:], 1 / 0.85)
    slow, mails = folder / "slow", max(12, mails // 5)
    slow.mkdir()
    with app.app_context(), a_sink(slow, _DISK_SECONDS) as (port, file):
        _to(app, port)
        four, one = [], []
        for _ in range(rounds + 1):
            four.append(_timed(_drained, _queued(mails), _WORKERS))
            one.append(_timed(_drained, _queued(mails), 1))
        names = file.read_text().split()[::2]
        assert len(names) == len(set(names)) == 2 * (rounds + 1) * mails
        db.engine.dispose()
    yield Row("B6", "the same, four workers / one; server takes 10 ms", mails, four[1:], one[1:], 1 / 2.5)


def _to(app: Flask, port: int) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_server="127.0.0.1", mail_port=port)


def _queued(mails: int) -> int:
    with unit_of_work():
        for number in range(mails):
            actions.enqueue("notice", {"ref": f"r{number}"})
    return mails


def _timed(work: Callable[[int, int], None], first: int, second: int) -> float:
    start = time.perf_counter()
    work(first, second)
    return (time.perf_counter() - start) * 1000


def _drained(mails: int, workers: int) -> None:
    """Empty the outbox of `mails`, by as many processes."""
    if workers == 1:
        _work()
    else:
        db.session.remove()
        db.engine.dispose()
        children = _forked(workers)
        assert all(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children)
    db.session.rollback()
    left = db.session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.state != "sent"))
    assert left == 0, left


def _forked(workers: int) -> list[int]:
    children = []
    for _ in range(workers):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _work()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    return children


def _work() -> None:
    with Smtp() as smtp:
        drain(smtp, 1_000_000)


def _smtplib(port: int, mails: int) -> None:
    """Send as many mails of the same content over one connection, written beforehand."""
    letter = actions.Mail("dr@riverbend.example", "Documentation query waiting", "Reference r1")
    content = composed(letter, "<floor@query-mgr.example>", "r" * 16)
    with smtplib.SMTP("127.0.0.1", port) as host:
        for _ in range(mails):
            host.sendmail("queries@query-mgr.example", ["dr@riverbend.example"], content)
