"""Whatever a person must see to stands on one page, with who, what, why and next, and can be mended there (P5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.delivery import actions, attention, intake
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.delivery import notices
from tests.delivery.server import Server, a_server, with_smtp
from tests.delivery.test_outbox import row
from tests.queries.builders import a_sent_query

NOW = datetime(2026, 11, 2, 14, tzinfo=UTC)


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    app.config["WTF_CSRF_ENABLED"] = False
    with a_server() as server:
        with_smtp(app, server.port)
        yield server


@pytest.fixture
def lead(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), a_user("cdi_lead", email="lea@h.test"))


def work() -> int:
    with Smtp() as smtp:
        return drain(smtp)


def the_query() -> Query:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Query)).one()


def messages() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_a_query_that_did_not_arrive_is_mended_by_a_new_address_and_sent_again(
    server: Server, lead: FlaskClient, time: Clock
) -> None:
    server.to_rcpt = ["550 5.1.1 no such user"]
    query = a_sent_query()
    work()
    assert the_query().status == "undelivered"
    assert "1 thing in delivery needs attention" in lead.get("/").text
    page = lead.get("/outbox").text
    for words in ("Rosa Medina, MD", query.mail_ref, "refused the recipient (550 5.1.1)", "address mended"):
        assert words in page
    for secret in (query.title, "Testperson", "00417", "heart"):
        assert secret not in page
    with unit_of_work():
        db.session.scalars(select(Provider)).one().email = "rosa.medina@riverbend.example"
    (failed,) = messages()
    assert lead.post(f"/outbox/{failed.ref}/retry").status_code == 303
    assert the_query().status == "sent"
    work()
    assert the_query().status == "delivered"
    assert server.recipients == ["rosa.medina@riverbend.example"]
    assert attention.count() == 0


@pytest.mark.sqlite_only
def test_what_is_answered_or_sent_elsewhere_leaves_the_page_by_itself(
    server: Server, lead: FlaskClient, time: Clock
) -> None:
    server.to_rcpt = ["550 5.1.1 no such user"]
    query = a_sent_query()
    work()
    lead.post(f"/queries/{query.ref}/cancel", data={"text": "asked in person"})
    assert attention.items() == []
    attention.forget_settled()
    assert (attention.count(), messages()[0].state) == (0, "dropped")


@pytest.mark.sqlite_only
def test_item_104_an_address_that_changes_while_the_mail_waits_is_read_anew(
    server: Server, lead: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    with unit_of_work():
        db.session.scalars(select(Provider)).one().email = "new@riverbend.example"
    assert work() == 2
    assert server.recipients == ["new@riverbend.example"]
    assert the_query().status == "delivered"


@pytest.mark.sqlite_only
def test_item_104_a_provider_who_left_while_the_mail_waits_gets_none_and_the_coder_sees_it(
    server: Server, lead: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    with unit_of_work():
        db.session.scalars(select(Provider)).one().is_active = False
    work()
    assert (server.mails, the_query().status) == ([], "undelivered")


def test_a_message_taken_out_by_hand_leaves_its_query_undelivered(
    server: Server, lead: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    (waiting,) = messages()
    lead.post(f"/outbox/{waiting.ref}/drop")
    assert (row(waiting.ref).state, the_query().status, work()) == ("dropped", "undelivered", 0)


@pytest.mark.sqlite_only
@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_refused_sign_in_stands_above_all_until_somebody_lets_mail_go_again(
    app: Flask, lead: FlaskClient, time: Clock
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    notices.register()
    with a_server(asks_password=True) as server:
        server.passwords = {"right"}
        with_smtp(app, server.port, mail_username="queries", mail_password="wrong")
        with unit_of_work():
            actions.enqueue("notice", {"ref": "r1"})
        work()
        page = lead.get("/outbox").text
        assert "No mail goes out: the mail server refused our sign-in" in page
        assert "QUERY_MGR_MAIL_PASSWORD" in page
        assert attention.count() == 1
        lead.post("/outbox/resume")
        assert "No mail goes out" not in lead.get("/outbox").text


def test_a_mail_that_came_back_and_belongs_to_nothing_is_seen_to_once(lead: FlaskClient, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    bounce = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    bounce += b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\n"
    bounce += b"Status: 5.1.1\r\nFinal-Recipient: rfc822; gone@riverbend.example\r\n\r\n--b--\r\n"
    ref = intake.take_in(bounce).ref
    page = lead.get("/outbox").text
    assert "it is not known which" in page
    assert "gone@riverbend.example" in page
    lead.post(f"/outbox/came-back/{ref}/settle")
    assert attention.count() == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("role", "status"), [("cdi_lead", 303), ("admin", 303), ("coder", 403), ("biller", 403)])
def test_only_leads_and_administrators_repair(app: Flask, role: str, status: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = signed_in(app.test_client(), a_user(role))
    assert client.post("/outbox/resume").status_code == status
    assert client.post("/outbox/abcd/retry").status_code == status


def test_when_a_message_leaves_follows_from_its_place_the_rate_and_the_rest() -> None:
    minute, second = timedelta(minutes=1), timedelta(seconds=1)
    assert attention.leaves_at(5, NOW, None, 0, NOW) is None
    assert attention.leaves_at(5, NOW + minute, None, 0, NOW) == NOW + minute
    assert attention.leaves_at(5, NOW, None, 60, NOW) == NOW + 5 * second
    assert attention.leaves_at(5, NOW, NOW + minute, 60, NOW) == NOW + minute + 5 * second


def test_the_page_shows_what_waits_and_when_it_leaves(app: Flask, lead: FlaskClient, time: Clock) -> None:
    notices.register()
    with unit_of_work():
        for number in range(30):
            actions.enqueue("notice", {"ref": f"r{number}"}, not_before=time() + timedelta(minutes=9))
    page = lead.get("/outbox").text
    assert "the first 25" in page
    assert "dr@riverbend.example" in page
    assert "“Documentation query waiting”" in page
    assert len(re.findall("<tr>", page)) == 26


@pytest.mark.sqlite_only
def test_a_message_that_cannot_be_written_is_named_by_its_kind(app: Flask, lead: FlaskClient, time: Clock) -> None:
    notices.register()
    with unit_of_work():
        actions.enqueue("notice", {})  # its renderer finds no reference
    for _ in range(5):
        work()
        time.advance(hours=1)
    assert "nobody named" in lead.get("/outbox").text
    assert "Tell the developers" in lead.get("/outbox").text
