"""What a mail server, a worker or a message does wrong costs nobody a message (assurance §3.4, F01-F33)."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time as real_time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit.models import AuditEvent
from query_mgr.delivery import actions, leasing, relay
from query_mgr.delivery.retry import MOST_CRASHES
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from tests.conftest import Clock
from tests.delivery import notices
from tests.delivery.server import DROP, HANG, Server, a_server, with_smtp
from tests.delivery.test_outbox import enqueue, row

ADMIN = Actor("ada@h.test", "Ada Admin", frozenset({"admin"}), 1)


@pytest.fixture(autouse=True)
def _kind() -> None:
    notices.register()


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with a_server() as server:
        with_smtp(app, server.port, mail_timeout_seconds=2)
        yield server


def work() -> int:
    with Smtp() as smtp:
        return drain(smtp)


def test_f01_a_server_that_asks_twice_to_try_later_gets_one_mail(server: Server, time: Clock) -> None:
    server.to_data = ["451 4.3.0 later"] * 2
    ref = enqueue()
    for _ in range(3):
        assert work() == 1
        time.advance(minutes=2)
    assert (row(ref).state, row(ref).attempts, server.ids) == ("sent", 3, [actions.message_id(row(ref))])


@pytest.mark.sqlite_only
def test_f02_a_refused_recipient_is_not_tried_again(server: Server, time: Clock) -> None:
    server.to_rcpt = ["550 5.1.1 no such user"]
    ref = enqueue()
    work()
    time.advance(hours=1)
    assert work() == 0
    assert (row(ref).state, row(ref).failure_class, server.mails) == ("failed", "recipient", [])
    assert notices.heard == [("r1", "the mail server refused the recipient (550 5.1.1)")]


def test_f03_a_connection_lost_after_the_last_dot_makes_two_copies_of_one_message(
    server: Server, time: Clock
) -> None:
    server.to_data = [DROP]
    ref = enqueue()
    work()
    assert (row(ref).state, row(ref).failure_class, row(ref).is_possible_duplicate) == (
        "pending",
        "ambiguous",
        True,
    )
    time.advance(minutes=2)
    work()
    assert row(ref).state == "sent"
    assert server.ids == [actions.message_id(row(ref))] * 2


@pytest.mark.sqlite_only
def test_f04_a_server_that_says_nothing_is_left_after_its_time_and_the_others_get_theirs(
    app: Flask, server: Server, time: Clock
) -> None:
    with_smtp(app, server.port, mail_timeout_seconds=1)
    server.to_data = [HANG]
    first, second = enqueue(), enqueue()
    began = real_time.monotonic()
    assert work() == 2
    assert real_time.monotonic() - began < 3
    assert (row(first).failure_class, row(second).state) == ("ambiguous", "sent")


def test_f05_a_server_that_takes_nobody_is_left_alone_and_loses_nothing(server: Server, time: Clock) -> None:
    server.greeting = "421 closing"
    refs = [enqueue() for _ in range(6)]
    assert work() == 3
    assert relay.circuit().is_closed
    assert work() == 0  # nobody knocks for nothing
    assert {(row(ref).state, row(ref).attempts) for ref in refs} == {("pending", 0)}
    time.advance(minutes=1)
    assert work() == 1  # one message tries
    assert work() == 0
    server.greeting = ""
    time.advance(minutes=2)
    assert work() == 6
    assert {row(ref).state for ref in refs} == {"sent"}
    assert not relay.circuit().is_closed
    said = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "mail_relay")).all()
    assert said == ["mail.stopped", "mail.resumed"]


@pytest.mark.sqlite_only
def test_f05_five_messages_refused_as_such_stop_the_sixth(server: Server, time: Clock) -> None:
    server.to_rcpt = ["554 5.7.1 relay access denied"] * 9
    refs = [enqueue() for _ in range(6)]
    work()
    assert [row(ref).state for ref in refs] == ["failed"] * 5 + ["pending"]
    assert relay.circuit().is_paused  # an administrator has to see to it


def test_f33_the_soonest_due_goes_first_and_no_faster_than_the_server_likes(
    app: Flask, server: Server, time: Clock
) -> None:
    with_smtp(app, server.port, mail_per_minute=60)
    with unit_of_work():
        refs = [
            actions.enqueue("notice", {"ref": f"r{hours}"}, due_at=time() + timedelta(hours=hours)).ref
            for hours in (9, 3, 6)
        ]
    for number in (1, 2, 3):
        assert work() == 1
        assert work() == 0
        assert len(server.mails) == number
        time.advance(seconds=1)
    assert server.ids == [actions.message_id(row(refs[place])) for place in (1, 2, 0)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.sqlite_only
def test_f06_where_a_safe_connection_is_asked_for_nothing_goes_out_without(
    app: Flask, time: Clock, certificate: tuple[Path, Path]
) -> None:
    ref = enqueue()
    with a_server() as plain:
        with_smtp(app, plain.port, mail_use_tls=True)
        work()
        assert (plain.mails, row(ref).failure_class, row(ref).attempts) == ([], "insecure", 0)
        assert relay.circuit().is_paused
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    with a_server(tls=context) as safe:
        with_smtp(app, safe.port)
        time.advance(minutes=2)
        work()  # nobody vouches for its certificate
        assert (safe.mails, row(ref).failure_class, row(ref).attempts) == ([], "insecure", 0)
        with_smtp(app, safe.port, mail_tls_ca=str(certificate[0]))
        time.advance(minutes=2)
        work()  # other settings open what was closed
        assert (row(ref).state, len(safe.mails)) == ("sent", 1)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_f07_a_refused_sign_in_pauses_the_sender_and_burns_no_attempt(app: Flask, time: Clock) -> None:
    refs = [enqueue(), enqueue()]
    with a_server(asks_password=True) as server:
        server.passwords = {"new"}
        with_smtp(app, server.port, mail_username="queries", mail_password="old")
        assert work() == 1
        assert {(row(ref).state, row(ref).attempts) for ref in refs} == {("pending", 0)}
        assert relay.circuit().is_paused
        time.advance(minutes=5)
        assert work() == 0
        relay.resume(ADMIN)
        assert work() == 1  # the password is still wrong
        with_smtp(app, server.port, mail_password="new")
        time.advance(minutes=1)
        assert work() == 2
    assert {row(ref).state for ref in refs} == {"sent"}


@pytest.mark.sqlite_only
def test_f12_a_worker_told_to_stop_finishes_its_message_and_gives_the_rest_back(
    server: Server, time: Clock
) -> None:
    stopping, kind = threading.Event(), actions.kinds()["notice"]
    assert isinstance(kind, actions.Kind)

    def render(payload: dict[str, Any]) -> actions.Mail | None:
        if payload["ref"] == "last":
            stopping.set()
        return kind.render(payload)

    actions.register("notice", replace(kind, render=render))
    refs = [enqueue(), enqueue(ref="last"), enqueue(), enqueue()]  # one alone, then two at a time
    with Smtp() as smtp:
        assert drain(smtp, 50, None, stopping) == 2
    assert [row(ref).state for ref in refs] == ["sent", "sent", "pending", "pending"]
    assert [(row(ref).lease_token, row(ref).attempts) for ref in refs[2:]] == [(None, 0)] * 2


def test_f32_a_message_that_kills_its_worker_is_set_aside_and_the_others_flow(app: Flask, time: Clock) -> None:
    poison, other = enqueue(), enqueue()
    for _ in range(MOST_CRASHES):
        taken = leasing.lease(20)
        assert taken[0].ref == poison
        time.advance(minutes=2)  # the worker is dead, its lease ends
    leasing.set_poison_aside()
    assert [one.ref for one in leasing.lease(20)] == [other]
    assert (row(poison).state, row(poison).failure_class) == ("quarantined", "unwritable")


@pytest.mark.sqlite_only
def test_f32_a_message_that_cannot_be_written_is_set_aside_too(app: Flask, time: Clock) -> None:
    with unit_of_work():
        ref = actions.enqueue("notice", {}).ref  # its renderer finds no reference
    for _ in range(MOST_CRASHES):
        assert work() == 1
        time.advance(hours=1)
    assert work() == 0
    assert row(ref).state == "quarantined"


@pytest.mark.sqlite_only
def test_a_sent_message_whose_owner_cannot_be_told_is_not_sent_again(server: Server, time: Clock) -> None:
    def broken(payload: object, at: object) -> None:
        if payload["ref"] == "bad":  # type: ignore[index]
            raise KeyError

    actions.register("notice", replace(actions.kinds()["notice"], sent=broken))  # type: ignore[type-var]
    refs = [enqueue(), enqueue(ref="bad"), enqueue()]
    work()
    assert [row(ref).state for ref in refs] == ["sent", "quarantined", "sent"]
    assert len(server.mails) == 3
    assert row(refs[1]).is_possible_duplicate
