"""From the mail to a signed answer, and everything that must not work on the way."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.audit import actions as audit
from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db
from query_mgr.queries import actions as queries
from query_mgr.queries.models import Query
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.tokens import cleaned, token_for
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_sent_query


def deliver() -> str:
    """Run the worker and return the path of the link in the newest mail."""
    drain(Smtp())
    db.session.rollback()
    mail = db.session.scalars(select(MailboxMessage).order_by(MailboxMessage.id.desc()).limit(1)).one()
    found = re.search(r"http://localhost(/r/[a-z2-7]{52})\s", mail.text)
    assert found
    return found.group(1)


def with_pin(client: FlaskClient, path: str) -> FlaskClient:
    assert client.post(path).status_code == 303
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 303
    return client


def the_query() -> Query:
    db.session.rollback()
    return db.session.scalars(select(Query)).one()


def counts() -> list[int | None]:
    db.session.rollback()
    kept = (table for table in db.metadata.sorted_tables if table.name != "link_fetch")  # who came by, no more
    return [db.session.scalar(select(func.count()).select_from(table)) for table in kept]


def test_the_mail_says_nothing_of_patient_or_query(app: Flask, time: Clock) -> None:
    query = a_sent_query()
    deliver()
    mail = db.session.scalars(select(MailboxMessage)).one()
    everything = f"{mail.subject} {mail.text} {mail.html} {mail.message_id}".lower()
    for phi in ("testperson", "ada", "00417", "csn1", "heart", "failure", query.ref):
        assert not re.search(rf"\b{phi}\b", everything), phi
    assert the_query().status == "delivered"


def test_opening_the_link_fifty_times_changes_nothing(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    before, version = counts(), the_query().version
    for number in range(50):
        answer = client.head(path) if number % 2 else client.get(path)
        assert answer.status_code == 200
        assert "Testperson" not in answer.text
    assert (counts(), the_query().version, the_query().status) == (before, version, "delivered")


def test_a_provider_answers_and_signs(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    with_pin(client, path)
    page = client.get("/answer")
    assert "Testperson" in page.text
    assert "BNP 1,840" in page.text
    assert " checked" not in page.text
    assert "I50" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    form = {"option": "acute", "text": "", "op_id": "op-1"}
    review = client.post("/answer", data=form)
    assert "Rosa Medina, MD" in review.text
    assert the_query().status == "opened"
    receipt = client.post("/answer/sign", data=form)
    assert "Thank you" in receipt.text
    assert "1234567893" in receipt.text
    query, answer = the_query(), db.session.scalars(select(Answer)).one()
    assert (query.status, query.outcome) == ("answered", "agreed")
    assert answer.manifest["query_hash"] == query.snapshot_hash
    assert audit.verify()[1] is None
    assert client.get(path).status_code == 404


def test_the_same_answer_again_gets_the_same_receipt_and_another_one_a_clear_page(
    client: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    first = client.post("/answer/sign", data={"option": "acute", "op_id": "op-1"})
    again = client.post("/answer/sign", data={"option": "acute", "op_id": "op-2"})
    other = client.post("/answer/sign", data={"option": "chronic", "op_id": "op-3"})
    assert first.text == again.text
    assert other.status_code == 409
    assert "already answered" in other.text
    assert db.session.scalar(select(func.count(Answer.id))) == 1


def test_two_different_answers_at_once_yield_one_answer(app: Flask, time: Clock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    a_sent_query()
    path = deliver()
    clients = [with_pin(app.test_client(), path) for _ in range(2)]
    barrier, results = threading.Barrier(2), {}

    def post(number: int) -> None:
        barrier.wait()
        form = {"option": ("acute", "chronic")[number], "op_id": f"op-{number}"}
        results[number] = clients[number].post("/answer/sign", data=form)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in results.values()) == [200, 409]
    assert db.session.scalar(select(func.count(Answer.id))) == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Choose one"),
        ({"option": "other", "text": " \n "}, "beside"),
        ({"option": "other", "text": "x" * 4001}, "longer than 4000"),
        ({"option": "other", "text": "a\x00b"}, "control"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_refused_and_the_text_kept(
    client: FlaskClient, time: Clock, form: dict[str, str], words: str
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    for page in ("/answer", "/answer/sign"):
        answer = client.post(page, data={"op_id": "op-1", **form})
        assert answer.status_code == 400
        assert words in answer.text
    assert db.session.scalar(select(func.count(Answer.id))) == 0


def test_markup_in_an_answer_stays_text(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    with_pin(client, deliver())
    evil = "</textarea><script>alert(1)</script>{{7*7}}"
    page = client.post("/answer", data={"option": "other", "text": evil, "op_id": "op-1"})
    assert "<script>" not in page.text
    assert "{{7*7}}" in page.text


def test_without_the_pin_nothing_of_the_chart_is_shown(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    assert client.get("/answer").status_code == 404
    client.post(path)
    assert client.get("/answer").status_code == 303
    wrong = client.post("/answer/pin", data={"pin": "000000"})
    assert wrong.status_code == 401
    assert "Testperson" not in wrong.text
    early = client.post("/answer/sign", data={"option": "acute", "op_id": "x"})
    assert early.status_code == 401
    assert "Testperson" not in early.text
    assert db.session.scalar(select(func.count(Answer.id))) == 0


def test_five_wrong_pins_rest_the_link_for_a_quarter_of_an_hour(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    client.post(deliver())
    for _ in range(5):
        client.post("/answer/pin", data={"pin": "000000"})
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 429
    time.advance(minutes=16)
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 303


def test_the_step_up_ends_after_idle_time(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    with_pin(client, deliver())
    time.advance(minutes=15, seconds=1)
    assert client.get("/answer").status_code == 303


def test_unknown_expired_and_revoked_links_look_the_same(client: FlaskClient, time: Clock) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    path = deliver()
    unknown = client.get("/r/" + "a" * 52)
    time.advance(days=8)
    expired = client.get(path)
    queries.cancel(coder, query, "not needed")
    revoked = client.get(path)
    pages = [re.sub(r"/r/[a-z2-7]{52}|value=\"[^\"]+\"", "", page.text) for page in (unknown, expired, revoked)]
    assert {page.status_code for page in (unknown, expired, revoked)} == {404}
    assert len(set(pages)) == 1


def test_an_expired_link_mails_a_fresh_one_to_the_address_on_file_three_times_an_hour(
    client: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    path = deliver()
    time.advance(days=8)
    for _ in range(5):
        assert client.post(path + "/renew").status_code == 202
    assert client.post("/r/" + "a" * 52 + "/renew").status_code == 202
    assert db.session.scalar(select(func.count(QueryLink.id))) == 4
    assert client.get(deliver()).status_code == 200


def test_a_question_back_reaches_the_coder_and_the_reply_the_provider(client: FlaskClient, time: Clock) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    with_pin(client, deliver())
    assert client.post("/answer/ask", data={"comment": "  "}).status_code == 400
    assert "was sent" in client.post("/answer/ask", data={"comment": "Which echo?"}).text
    assert the_query().status == "needs_information"
    queries.reply(coder, query, "The one of day two.")
    with_pin(client, deliver())
    page = client.get("/answer")
    assert "Which echo?" in page.text
    assert "The one of day two." in page.text


def test_a_link_dies_with_a_changed_address(client: FlaskClient, time: Clock) -> None:
    query = a_sent_query()
    path = deliver()
    query.provider.email = "new@riverbend.example"
    db.session.commit()
    assert client.get(path).status_code == 404


def test_the_database_never_holds_a_token(app: Flask, time: Clock) -> None:
    a_sent_query()
    secret = app.config["SETTINGS"].secret_key
    link = db.session.scalars(select(QueryLink)).one()
    token = token_for(secret, link.ref)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert token not in str(row), table.name


@pytest.mark.parametrize("ending", [".", ">", ")", "),", " ", '"'])
def test_a_token_survives_what_mail_programs_do(ending: str) -> None:
    token = token_for("s", "ref")
    assert cleaned(token.upper() + ending) == token
    assert cleaned(token[:-1]) is None
    assert cleaned(token * 2) is None


def test_what_was_written_survives_a_pin_that_ran_out(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    with_pin(client, deliver())
    time.advance(minutes=16)
    page = client.post("/answer", data={"option": "other", "text": "High output failure & anemia", "op_id": "o1"})
    assert page.status_code == 401
    assert "what you wrote is kept" in page.text
    wrong = client.post(
        "/answer/pin", data={"pin": "000000", "option": "other", "text": "High output failure & anemia"}
    )
    assert "High output failure &amp; anemia" in wrong.text
    page = client.post("/answer/pin", data={"pin": PIN, "option": "other", "text": "High output failure & anemia"})
    assert "High output failure &amp; anemia" in page.text
    assert 'value="other" checked' in page.text
    assert the_query().status == "opened"
