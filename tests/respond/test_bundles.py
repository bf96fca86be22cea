"""Several queries in one mail: one link, one after another, each answered alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.audit.models import AuditEvent
from query_mgr.delivery.models import MailboxMessage
from query_mgr.insight.metrics import BY_ID, QueryRow, figure
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from query_mgr.queries.models import Query
from query_mgr.queries.sending import Reasons
from query_mgr.respond.models import Answer
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_provider, an_encounter, content
from tests.respond.test_answer import deliver, with_pin

WHY = Reasons("reviewed", "")
TITLES = (
    "Clarification of heart failure",
    "Clarification of the second topic",
    "Clarification of the third topic",
)


def drafts(number: int = 2) -> list[Query]:
    coder, encounter, provider = a_coder(), an_encounter(), a_provider()
    return [
        actions.save_draft(coder, encounter, provider, content(title=title, condition=""))
        for title in TITLES[:number]
    ]


def sent_together(number: int = 2) -> list[Query]:
    found = drafts(number)
    return sending.send_together(another_coder(), found, {one.ref: WHY for one in found})


def another_coder(name: str = "dora") -> Actor:
    return actor(a_user("coder", email=f"{name}@h.test"))


def actions_on(ref: str) -> list[str]:
    found = select(AuditEvent.action).where(AuditEvent.subject_ref == ref)
    return list(db.session.scalars(found.order_by(AuditEvent.seq)))


def reread() -> list[Query]:
    db.session.rollback()
    return list(db.session.scalars(select(Query).order_by(Query.id)))


def test_several_queries_make_one_mail_and_each_its_own_record(app: Flask, time: Clock) -> None:
    sent_together()
    deliver()
    mail = db.session.scalars(select(MailboxMessage)).one()
    assert mail.subject.startswith("2 documentation queries waiting")
    first, second = reread()
    assert (first.status, second.status) == ("delivered", "delivered")
    assert first.snapshot_hash != second.snapshot_hash
    for one in (first, second):
        assert actions_on(one.ref)[-2:] == [
            "query.send",
            "query.deliver",
        ]
    assert audit.verify()[1] is None


def test_one_blocked_query_keeps_all_of_them_back(app: Flask, time: Clock) -> None:
    good, bad = drafts()
    bad.indicators = []
    db.session.commit()
    with pytest.raises(sending.SendBlockedError, match="second topic"):
        sending.send_together(another_coder(), [good, bad], {good.ref: WHY, bad.ref: WHY})
    assert [(one.status, one.bundle_id) for one in reread()] == [("draft", None), ("draft", None)]


def test_only_drafts_to_one_provider_go_together(app: Flask, time: Clock) -> None:
    one, two = drafts()
    two.provider_id = a_provider("Omar Haddad", "1679576722").id
    db.session.commit()
    coder = another_coder()
    for chosen in ([one, two], [one]):
        with pytest.raises(actions.QueryError, match="two or more"):
            sending.send_together(coder, chosen, {})


def answer(browser: FlaskClient, query: Query, option: str = "acute") -> str:
    form = {"query": query.ref, "option": option, "op_id": f"op-{query.ref}"}
    assert browser.post("/answer", data=form).status_code == 200
    return browser.post("/answer/sign", data={**form, "pin": PIN}).text


def test_one_link_leads_through_them_and_each_is_signed_alone(client: FlaskClient, time: Clock) -> None:
    first, second, third = sent_together(3)
    path = deliver()
    assert "3 documentation queries" in client.get(path).text
    with_pin(client, path)
    page = client.get("/answer").text
    assert "Query 1 of 3" in page
    assert TITLES[0] in page
    assert "2 more queries" in answer(client, first)
    assert client.post("/answer/open", data={"query": third.ref}).status_code == 303
    assert [one.status for one in reread()] == ["answered", "delivered", "opened"]
    answer(client, third, "chronic")
    assert client.get(path).status_code == 200  # the link of the mail goes on to what still waits
    assert TITLES[1] in client.get("/answer").text
    assert "Every query that came together is answered" in answer(client, second)
    assert client.get(path).status_code == 404
    signed = db.session.execute(select(Answer.query_id, Answer.option_key).order_by(Answer.query_id)).all()
    assert [tuple(one) for one in signed] == [(first.id, "acute"), (second.id, "acute"), (third.id, "chronic")]


def test_a_form_that_names_no_query_or_a_foreign_one_answers_nothing(client: FlaskClient, time: Clock) -> None:
    sent_together()
    with_pin(client, deliver())
    for ref in ("", "elsewhere"):
        form = {"query": ref, "option": "acute", "op_id": "op"}
        assert client.post("/answer/sign", data=form).status_code == 404
    assert db.session.scalar(select(func.count(Answer.id))) == 0


def test_a_cancelled_first_query_leaves_the_link_to_the_second(client: FlaskClient, time: Clock) -> None:
    first, _ = sent_together()
    path = deliver()
    actions.cancel(another_coder("theo"), first, "documented meanwhile")
    with_pin(client, path)
    page = client.get("/answer").text
    assert TITLES[1] in page
    assert TITLES[0] not in page


def test_an_expired_link_is_renewed_for_what_still_waits(client: FlaskClient, time: Clock) -> None:
    first, _ = sent_together()
    path = deliver()
    with_pin(client, path)
    answer(client, first)
    time.advance(days=8)
    assert client.get(path).status_code == 404
    assert client.post(path + "/renew").status_code == 202
    fresh = deliver()
    assert client.get(path).status_code == 404  # the old link stays ended
    with_pin(client, fresh)
    assert TITLES[1] in client.get("/answer").text


def test_the_figures_count_queries_not_mails() -> None:
    now = datetime.fromisoformat("2026-03-04T12:00:00+00:00")
    rows = [QueryRow(str(n), "", "answered" if n else "sent", "agreed" if n else "", "A", "a", "", now,
                     responded_at=now + timedelta(hours=1) if n else None) for n in range(3)]  # fmt: skip
    assert figure(BY_ID["response_rate"], rows, clock.now()).text == "66.7%"
