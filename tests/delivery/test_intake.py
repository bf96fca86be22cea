"""What came back finds its message by an address that only we can make, and changes it once (F08, item 103)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.delivery import attention, imap, intake, signals, verp
from query_mgr.delivery.inbound import LARGEST
from query_mgr.delivery.models import InboundMail, OutboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.models import Query
from tests.conftest import Clock
from tests.delivery.returns import a_bounce, a_complaint, a_mail
from tests.delivery.server import Server, a_server, with_smtp
from tests.delivery.test_attention import messages, the_query
from tests.queries.builders import a_sent_query


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with a_server() as server:
        with_smtp(app, server.port, mail_bounces="bounces@h.test")
        yield server


def work() -> int:
    with Smtp() as smtp:
        return drain(smtp)


@pytest.fixture
def query(server: Server, time: Clock) -> Query:
    """A query whose mail was taken."""
    found = a_sent_query()
    work()
    assert the_query().status == "delivered"
    return found


def sender(server: Server) -> str:
    """The envelope sender of the last mail: where its bounce goes."""
    return server.senders[-1]


def test_f08_a_bounce_makes_its_query_undelivered_once(server: Server, query: Query) -> None:
    assert sender(server) == verp.envelope_sender(messages()[0].ref)
    noted = intake.take_in(a_bounce(sender(server).upper()))
    assert (noted.kind, noted.state, noted.status_code) == ("bounce", "noted", "5.1.1")
    assert (the_query().status, the_query().delivered_at) == ("undelivered", None)
    (message,) = messages()
    assert (message.state, message.failure_class) == ("failed", "recipient")
    assert "came back" in attention.items()[0].message.last_error
    version = the_query().version
    assert intake.take_in(a_bounce(sender(server).upper())).id == noted.id  # the very same again
    intake.take_in(a_bounce(sender(server), number=2))  # and by another way
    assert the_query().version == version
    assert attention.count() == 1


def test_f08_a_bounce_after_the_query_was_opened_changes_nothing_of_it(server: Server, query: Query) -> None:
    with unit_of_work():
        the_query_row = db.session.get_one(Query, query.id)
        the_query_row.status = "opened"
    intake.take_in(a_bounce(sender(server)))
    assert the_query().status == "opened"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("forged", ["bounces+{ref}aaaaaaaaaaaaaaaa@h.test", "bounces@h.test", "x+{token}@h.test"])
def test_item_103_a_bounce_forged_for_a_message_waits_for_a_person(
    server: Server, query: Query, forged: str
) -> None:
    (message,) = messages()
    noted = intake.take_in(a_bounce(forged.format(ref=message.ref, token=verp.token_for(message.ref))))
    assert (noted.state, noted.outbox_ref) == ("waiting", None)
    assert the_query().status == "delivered"
    assert attention.count() == 1


@pytest.mark.sqlite_only
def test_a_delay_and_a_receipt_change_nothing(server: Server, query: Query) -> None:
    intake.take_in(a_bounce(sender(server), "delayed", "4.4.1"))
    intake.take_in(a_bounce(sender(server), "delivered", "2.0.0"))
    assert the_query().status == "delivered"
    assert attention.count() == 0


@pytest.mark.sqlite_only
def test_a_complaint_is_seen_by_a_person(server: Server, query: Query) -> None:
    intake.take_in(a_complaint(sender(server)))
    assert [one.kind for one in attention.came_back()] == ["complaint"]


def test_an_automatic_reply_is_a_signal_and_no_answer(server: Server, query: Query) -> None:
    heard: list[signals.AutoReply] = []
    signals.on_auto_reply(heard.append)
    raw = a_mail(sender(server), "I am away until Monday", Auto_Submitted="auto-replied")
    intake.take_in(raw)
    intake.take_in(raw)
    signals._listeners.remove(heard.append)
    assert [(one.kind, one.outbox_ref) for one in heard] == [("query_link", messages()[0].ref)]
    assert (the_query().status, attention.count(), work()) == ("delivered", 0, 0)


def test_item_103_a_reply_is_not_kept_and_its_writer_is_told_once_to_use_the_link(
    server: Server, query: Query
) -> None:
    for text in ("Yes, it was sepsis.", "Did you get my answer? It was sepsis."):
        intake.take_in(a_mail(sender(server), text))
    assert work() == 1
    notice = server.mails[-1]
    assert notice["To"] == "rosa@riverbend.example"
    assert notice["Auto-Submitted"] == "auto-generated"
    intake.take_in(a_mail(sender(server), "Thank you"))  # a reply to the notice has none
    assert work() == 0
    assert the_query().status == "delivered"
    db.session.rollback()
    kept = repr([{name: getattr(row, name) for name in row.__table__.columns.keys()}  # noqa: SIM118
                 for model in (InboundMail, OutboxMessage) for row in db.session.scalars(select(model))])  # fmt: skip
    assert "sepsis" not in kept
    assert "sepsis" not in str(notice)


@pytest.mark.sqlite_only
def test_a_reply_from_anywhere_gets_no_answer(server: Server, query: Query) -> None:
    intake.take_in(a_mail("queries@h.test", sender="spam@evil.test"))
    assert work() == 0


@pytest.mark.sqlite_only
def test_a_mail_server_pipes_what_came_back_into_us(server: Server, query: Query, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["mail", "intake", "--recipient", sender(server)], input=io.BytesIO(a_bounce("nobody@h.test")))
    assert (done.exit_code, done.output) == (0, "bounce: noted\n")
    assert the_query().status == "undelivered"
    assert run(args=["mail", "intake"], input=io.BytesIO(b"x" * (LARGEST + 9))).exit_code == 65


class Box:
    """The part of an IMAP client that we use, over mails in a list: the mailbox is another house's."""

    def __init__(self, *mails: bytes) -> None:
        self.mails = dict(enumerate(mails, 1))
        self.deleted: set[int] = set()
        self.read: list[int] = []

    def uid(self, command: str, *arguments: str) -> tuple[str, list[object]]:
        if command == "SEARCH":
            return "OK", [b" ".join(str(one).encode() for one in self.mails)]
        number = int(arguments[0])
        if command == "STORE":
            self.deleted.add(number)
            return "OK", [None]
        raw = self.mails[number]
        if "SIZE" in arguments[1]:
            return "OK", [b"%d (UID %d RFC822.SIZE %d)" % (number, number, len(raw))]
        self.read.append(number)
        return "OK", [(b"%d (BODY[] {%d}" % (number, len(raw)), raw), b")"]

    def expunge(self) -> None:
        for number in self.deleted:
            del self.mails[number]


@pytest.mark.sqlite_only
def test_a_mailbox_is_emptied_by_imap_and_what_is_too_large_is_not_fetched(server: Server, query: Query) -> None:
    box = Box(a_bounce(sender(server)), b"x" * (LARGEST + 1), a_mail(sender(server)))
    assert imap._empty(box) == 3  # type: ignore[arg-type]
    assert (box.mails, box.read) == ({}, [1, 3])
    assert the_query().status == "undelivered"


@pytest.mark.sqlite_only
def test_a_mailbox_that_does_not_answer_is_left_for_the_next_time(app: Flask) -> None:
    assert imap.fetch() == 0  # none is configured
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_imap_server="127.0.0.1", mail_imap_port=1)
    assert imap.fetch() == 0
