"""A message that a transaction made necessary is sent once, whatever happens on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.delivery import actions, leasing
from query_mgr.delivery.models import MailboxMessage, OutboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from tests.assurance.killed import in_a_child
from tests.conftest import Clock
from tests.delivery import notices
from tests.delivery.server import Server, a_server, with_smtp


@pytest.fixture
def smtp_server() -> Iterator[tuple[Server, int]]:
    with a_server() as server:
        yield server, server.port


def enqueue(**payload: object) -> str:
    with unit_of_work():
        return actions.enqueue("notice", {"ref": "r1", **payload}).ref


def row(ref: str) -> OutboxMessage:
    db.session.rollback()
    found = db.session.scalar(select(OutboxMessage).where(OutboxMessage.ref == ref))
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _kind() -> None:
    notices.register()


def test_a_rolled_back_transaction_sends_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        actions.enqueue("notice", {"ref": "r1"})
        raise RuntimeError
    assert drain(Smtp()) == 0


def test_without_a_mail_server_the_mail_lands_in_the_mailbox_once(app: Flask, time: Clock) -> None:
    ref = enqueue()
    assert drain(Smtp()) == 1
    assert drain(Smtp()) == 0
    assert row(ref).state == "sent"
    mail = db.session.scalars(select(MailboxMessage)).one()
    assert (mail.recipient, mail.text) == ("dr@riverbend.example", "Reference r1")
    assert notices.heard == [("r1", "sent")]


def test_a_mail_has_one_message_id_and_says_it_is_automatic(app: Flask, smtp_server: tuple[Server, int]) -> None:
    server, port = smtp_server
    with_smtp(app, port)
    refs = [enqueue(), enqueue(), enqueue()]
    with Smtp() as smtp:
        assert drain(smtp) == 3
    assert len(server.mails) == 3
    assert len(server.sessions) == 1  # one connection carried them all
    for mail, ref in zip(server.mails, refs, strict=True):
        assert mail.get_all("Message-ID") == [actions.message_id(row(ref))]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["To"] == "dr@riverbend.example"


def test_a_message_nobody_wants_any_more_is_dropped(app: Flask) -> None:
    ref = enqueue(withdrawn=True)
    drain(Smtp())
    assert row(ref).state == "dropped"
    assert db.session.scalar(select(func.count(MailboxMessage.id))) == 0


def test_a_passing_failure_is_tried_again_later(app: Flask, time: Clock, smtp_server: tuple[Server, int]) -> None:
    server, port = smtp_server
    with_smtp(app, port)
    server.to_data = ["451 try later"]
    ref = enqueue()
    with Smtp() as smtp:
        drain(smtp)
        assert (row(ref).state, row(ref).failure_class) == ("pending", "later")
        assert drain(smtp) == 0
        time.advance(minutes=2)
        assert drain(smtp) == 1
    assert row(ref).state == "sent"


def test_a_refusal_for_good_is_told_to_the_owner(app: Flask, smtp_server: tuple[Server, int]) -> None:
    server, port = smtp_server
    with_smtp(app, port)
    server.to_data = ["554 no"]
    ref = enqueue()
    with Smtp() as smtp:
        drain(smtp)
    assert row(ref).state == "failed"
    assert notices.heard == [("r1", "the mail server refuses what we send (554)")]


def test_a_worker_that_was_overtaken_writes_nothing(app: Flask, time: Clock) -> None:
    ref = enqueue()
    (slow,) = leasing.lease()
    token = slow.lease_token or ""
    assert leasing.lease() == []
    time.advance(minutes=5)
    (fast,) = leasing.lease()
    fast_token = fast.lease_token or ""
    assert not leasing.complete(slow, token)
    assert row(ref).state == "pending"
    assert leasing.complete(fast, fast_token)
    assert row(ref).is_possible_duplicate


def ended(act: Callable[[], object]) -> int:
    """Run `act` in a process of its own and return how that ended."""
    return os.waitstatus_to_exitcode(os.waitpid(in_a_child(act), 0)[1])


def work() -> int:
    with Smtp() as smtp:
        return drain(smtp)


def test_f11_a_worker_killed_after_the_server_took_the_mail_sends_the_same_message_again(
    app: Flask, time: Clock, smtp_server: tuple[Server, int]
) -> None:
    server, port = smtp_server
    ref = enqueue()
    with_smtp(app, port, crash_at="after_smtp")
    assert ended(work) == -signal.SIGKILL
    assert row(ref).state == "pending"
    with_smtp(app, port, crash_at="")
    assert work() == 0  # its lease has not ended
    time.advance(minutes=2)
    assert work() == 1
    assert row(ref).state == "sent"
    assert row(ref).is_possible_duplicate
    assert server.ids == [actions.message_id(row(ref))] * 2  # two copies; a receiver can tell by the id


@pytest.mark.sqlite_only
def test_f12_the_worker_ends_well_when_told_to_while_it_sends(app: Flask, smtp_server: tuple[Server, int]) -> None:
    server, port = smtp_server
    with_smtp(app, port)
    kind = actions.kinds()["notice"]
    assert isinstance(kind, actions.Kind)

    def render(payload: dict[str, Any]) -> actions.Mail | None:
        os.kill(os.getpid(), signal.SIGTERM)
        return kind.render(payload)

    actions.register("notice", replace(kind, render=render))
    first, second = enqueue(), enqueue()
    began = monotonic()
    assert ended(lambda: app.test_cli_runner().invoke(args=["worker"], catch_exceptions=False)) == 0
    assert monotonic() - began < 10
    assert (row(first).state, len(server.mails)) == ("sent", 1)
    assert (row(second).state, row(second).lease_token) == ("pending", None)
