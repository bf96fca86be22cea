"""“Answer later”: one reminder at the time that the provider chose, and the inbox of all that waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.charts.models import Encounter
from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from query_mgr.queries.models import Query
from query_mgr.respond.later import later_of, moment
from query_mgr.respond.words import AnswerError
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_sent_query, content
from tests.respond.test_answer import deliver, the_query, with_pin

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)  # the evening before the clocks go forward there
UNTIL = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("choice", "day", "expected"),
    [
        ("hours", "", "2026-03-08T03:30:00+00:00"),
        ("morning", "", "2026-03-08T12:00:00+00:00"),
        ("day", "2026-03-10", "2026-03-10T12:00:00+00:00"),
        ("hours", "2026-03-10", "2026-03-08T03:30:00+00:00"),
    ],
)
def test_when_somebody_is_reminded(choice: str, day: str, expected: str) -> None:
    assert moment(choice, day, NOW, NEW_YORK, UNTIL).isoformat() == expected


@pytest.mark.parametrize(
    ("choice", "day", "words"),
    [
        ("", "", "Choose when"),
        ("never", "", "Choose when"),
        ("day", "", "Choose when"),
        ("day", "tomorrow", "year, month and day"),
        ("day", "2026-02-30", "year, month and day"),
        ("day", "2026-03-07", "from now until Mar 14"),
        ("day", "2026-03-15", "from now until Mar 14"),
    ],
)
def test_what_is_no_time_to_be_reminded_at(choice: str, day: str, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        moment(choice, day, NOW, NEW_YORK, UNTIL)


def mails() -> int:
    with Smtp() as smtp:
        drain(smtp)
    db.session.rollback()
    return db.session.scalar(select(func.count(MailboxMessage.id))) or 0


def test_a_reminder_comes_once_when_it_was_asked_for_and_leads_to_the_query(
    client: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    page = client.post("/answer/later", data={"choice": "hours"})
    assert "Monday, Nov 02 at 13:00 EST" in page.text
    query = the_query()
    assert (query.status, query.responded_at) == ("opened", None)
    assert later_of(query) is not None
    time.advance(hours=3, minutes=59)
    assert mails() == 1
    time.advance(minutes=2)
    assert mails() == 2
    mail = db.session.scalars(select(MailboxMessage).order_by(MailboxMessage.id.desc())).first()
    assert mail is not None
    assert mail.subject.startswith("Reminder: documentation query waiting (ref ")
    assert "heart" not in mail.text + mail.html
    with_pin(client.application.test_client(), deliver())
    time.advance(days=1)
    assert mails() == 2


@pytest.mark.sqlite_only
@pytest.mark.parametrize("then", ["answered", "put off again"])
def test_a_reminder_that_is_not_wanted_any_more_stays_away(client: FlaskClient, time: Clock, then: str) -> None:
    a_sent_query()
    with_pin(client, deliver())
    client.post("/answer/later", data={"choice": "hours"})
    if then == "answered":
        client.post("/answer/sign", data={"option": "acute", "op_id": "op", "pin": PIN})
    else:
        client.post("/answer/later", data={"choice": "day", "day": "2026-11-05"})
    time.advance(hours=5)
    assert mails() == 1
    time.advance(days=3)
    assert mails() == (1 if then == "answered" else 2)


@pytest.mark.sqlite_only
def test_all_that_waits_for_a_provider_comes_up_one_after_the_other(client: FlaskClient, time: Clock) -> None:
    coder = a_coder()
    first = a_sent_query(coder)
    second = another_stay_is_asked_about(coder, first)
    with_pin(client, deliver())
    client.get("/answer")
    inbox = client.get("/answer/inbox").text
    assert "2 wait for you" in inbox
    opened = db.session.scalars(select(Query).where(Query.status == "opened")).one()
    other = second if opened.ref == first.ref else first
    form = {"option": "acute", "op_id": "op-1", "pin": PIN, "query": opened.ref}
    receipt = client.post("/answer/sign", data=form)
    assert "Next: a query about another stay" in receipt.text
    assert client.post("/answer/open", data={"query": other.ref}).status_code == 303
    assert "Your answer" in client.get(f"/answer?query={other.ref}").text
    client.post("/answer/sign", data=form | {"query": other.ref, "op_id": "op-2"})
    done = client.get("/answer/inbox").text
    assert "No query waits for you" in done
    assert done.count("signed Nov 02") == 2


def another_stay_is_asked_about(coder: object, first: Query) -> Query:
    """Ask the same provider about another stay of another number."""
    now = first.encounter
    stay = Encounter(
        source_key="e2", content_hash="", patient_id=now.patient_id, number="CSN2", encounter_class="inpatient",
        admitted_at=now.admitted_at, discharged_at=now.discharged_at,
    )  # fmt: skip
    db.session.add(stay)
    db.session.commit()
    draft = actions.save_draft(coder, stay, first.provider, content())  # type: ignore[arg-type]
    return sending.send(coder, draft, "reviewed", "another stay")  # type: ignore[arg-type]


@pytest.mark.sqlite_only
def test_the_receipt_holds_the_words_for_the_chart(client: FlaskClient, time: Clock) -> None:
    query = a_sent_query()
    with_pin(client, deliver())
    page = client.post(
        "/answer/sign", data={"option": "other", "text": "High output", "op_id": "op", "pin": PIN}
    ).text
    for line in (
        "ADDENDUM, Nov 02, 2026 09:00 EST",
        f"In response to documentation query {query.mail_ref} of Nov 02, 2026 09:00 EST: {query.question}",
        "Answer: Other (please specify): High output",
        "Electronically signed by Rosa Medina, MD, NPI 1234567893, Nov 02, 2026 09:00 EST.",
    ):
        assert line in page
