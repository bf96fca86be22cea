"""Reminders and notices go out when the plan says, each once, whatever stops the worker or the clock (assurance F27)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.coding.models import EncounterCoding
from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, sending
from query_mgr.queries.followup import notices, running
from query_mgr.queries.followup.models import DepartmentLead, FollowUpStep, ProviderAbsence, QueryFollowUp
from query_mgr.queries.models import Query
from query_mgr.respond import asking
from query_mgr.respond.models import QueryLink
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_provider, a_sent_query, an_encounter, content
from tests.queries.followup.test_calendar import at, shown
from tests.respond.test_answer import deliver, with_pin

pytestmark = pytest.mark.usefixtures("monday")


def work(time: Clock, *until: str) -> list[str]:
    """Let the worker run at moments such as "2026-11-03 14:00"; return the subjects of the mails that came."""
    before = db.session.scalar(select(func.max(MailboxMessage.id))) or 0
    for one in until:
        time.time = at(one)
        running.run_due()
        drain(Smtp())
    db.session.rollback()
    wanted = select(MailboxMessage).where(MailboxMessage.id > before).order_by(MailboxMessage.id)
    return [f"{one.recipient}: {one.subject.split(' (')[0]}" for one in db.session.scalars(wanted)]


def days(first: str, count: int) -> list[str]:
    """Both times for mail on some days."""
    start = at(f"{first} 09:00")
    return [shown(start + timedelta(days=one, hours=more))[4:] for one in range(count) for more in (0, 5)]


def the_query() -> Query:
    db.session.rollback()
    return db.session.scalars(select(Query).order_by(Query.id)).first()  # type: ignore[return-value]


def steps() -> list[tuple[str, str]]:
    db.session.rollback()
    found = select(FollowUpStep).order_by(FollowUpStep.taken_at, FollowUpStep.key)
    return [(one.key, one.outcome) for one in db.session.scalars(found)]


def a_lead(line: str = "Medicine") -> Provider:
    lead = a_provider("Lena Stone", "1679576722")
    with unit_of_work():
        the_query().encounter.service_line = line
        db.session.add(DepartmentLead(site="", service_line=line, provider_id=lead.id))
    return lead


def test_a_silence_is_followed_by_reminders_the_lead_and_the_advisor_each_once(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    a_lead()
    a_user("physician_advisor", email="hannah@h.test")
    assert work(time, *days("2026-11-03", 7)) == [
        "rosa@riverbend.example: Documentation query waiting",
        "rosa@riverbend.example: Documentation query waiting",
        "lena@riverbend.example: A documentation query waits for an answer",
        "hannah@h.test: A documentation query waits for an answer",
    ]
    assert steps() == [
        ("reminder_1", "mailed"),
        ("reminder_2", "mailed"),
        ("lead", "mailed"),
        ("advisor", "mailed"),
    ]
    assert audit.verify()[1] is None


@pytest.mark.sqlite_only
def test_the_answer_is_due_by_business_hours_from_delivery(app: Flask, time: Clock) -> None:
    a_sent_query()
    assert shown(the_query().due_at) == "Thu 2026-11-05 10:00"
    time.time = at("2026-11-02 12:30")
    deliver()
    assert shown(the_query().due_at) == "Thu 2026-11-05 12:30"


@pytest.mark.sqlite_only
def test_notices_hold_no_patient_no_pressure_and_no_money(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    a_lead()
    a_user("physician_advisor", email="hannah@h.test")
    work(time, *days("2026-11-03", 7))
    mails = db.session.scalars(select(MailboxMessage)).all()
    words = " ".join(f"{one.subject} {one.text} {one.html}" for one in mails).lower()
    for one in ("testperson", "00417", "csn1", "heart failure", "overdue", "urgent", "immediately", "bill", "payment", "score",
                "must", "delinquent", "drg", "compliance"):  # fmt: skip
        assert one not in words, one
    assert f"/queries/{the_query().ref}" in words


def test_a_worker_that_was_down_sends_the_last_reminder_only_and_none_at_night(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    assert work(time, "2026-11-04 23:00") == []
    assert steps() == [("reminder_1", "left_out"), ("reminder_2", "mailed")]
    assert work(time, "2026-11-05 06:59") == []
    assert work(time, "2026-11-05 07:00") == ["rosa@riverbend.example: Documentation query waiting"]


def test_a_worker_that_was_killed_between_writing_steps_and_mails_goes_on(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    time.time = at("2026-11-03 14:00")
    assert running._take_some()
    assert steps() == [("reminder_1", "taken")]
    assert work(time, "2026-11-03 14:01", "2026-11-03 14:02") == [
        "rosa@riverbend.example: Documentation query waiting"
    ]


def test_f27_a_clock_that_jumps_back_sends_nothing_twice(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    assert len(work(time, "2026-11-03 14:30", "2026-11-03 13:30", "2026-11-03 14:30", "2026-11-03 15:00")) == 1


def test_two_workers_at_once_take_each_step_once(app: Flask, time: Clock) -> None:
    several()
    drain(Smtp())
    time.time = at("2026-11-03 14:00")
    barrier, faults = threading.Barrier(2), list[BaseException]()

    def worker() -> None:
        with app.app_context():
            try:
                barrier.wait()
                running.run_due()
                running.run_due()
            except BaseException as error:
                faults.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    assert steps() == [("reminder_1", "mailed")] * 3
    drain(Smtp())
    links = select(QueryLink.query_id, func.count(QueryLink.id)).group_by(QueryLink.query_id)
    assert {count for _, count in db.session.execute(links)} == {2}  # the first mail's, and one reminder's


@pytest.mark.sqlite_only
@pytest.mark.parametrize("how", ["answered", "withdrawn", "billed", "asked back"])
def test_follow_up_stops(client: FlaskClient, time: Clock, how: str) -> None:
    a_sent_query()
    path = deliver()
    time.time = at("2026-11-02 12:00")
    match how:
        case "answered":
            with_pin(client, path).post("/answer/sign", data={"option": "acute", "op_id": "op-1", "pin": PIN})
        case "withdrawn":
            actions.cancel(actor(a_user("coder", email="dora@h.test")), the_query(), "documented meanwhile")
        case "billed":
            with unit_of_work():
                row = EncounterCoding(
                    encounter_id=the_query().encounter_id, status="handed_off", handed_off_at=clock.now()
                )
                db.session.add(row)
        case _:
            asking.ask(db.session.scalars(select(QueryLink)).one(), "Which echocardiogram?")
    assert work(time, *days("2026-11-03", 2)) == []
    assert steps() == []


@pytest.mark.sqlite_only
def test_a_reply_to_a_question_back_begins_a_new_clock(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    work(time, "2026-11-03 14:00")
    asking.ask(db.session.scalars(select(QueryLink).order_by(QueryLink.id.desc())).first(), "Which one?")  # type: ignore[arg-type]
    time.time = at("2026-11-04 10:00")
    actions.reply(actor(a_user("coder", email="dora@h.test")), the_query(), "The one of Monday.")
    deliver()
    assert shown(the_query().due_at) == "Mon 2026-11-09 10:00"
    work(time, "2026-11-05 14:00")
    assert steps() == [("reminder_1", "mailed"), ("reminder_1", "mailed")]


@pytest.mark.sqlite_only
def test_an_old_link_opens_the_query_until_the_reminders_own_is_used(client: FlaskClient, time: Clock) -> None:
    """Assurance §1.2 item 4: nobody who clicks the old mail ends at a closed door."""
    a_sent_query()
    old = deliver()
    time.time = at("2026-11-03 14:00")
    running.run_due()
    new = deliver()
    assert new != old
    assert [client.get(one).status_code for one in (old, new)] == [200, 200]
    with_pin(client, new)
    assert [client.get(one).status_code for one in (old, new)] == [404, 200]


def several(count: int = 3) -> list[Query]:
    """Queries to one provider, sent alone."""
    coder, encounter, provider = a_coder(), an_encounter(), a_provider()
    drafts = [
        actions.save_draft(coder, encounter, provider, content(title=f"Clarification {n}", condition=""))
        for n in range(count)
    ]
    return [sending.send(coder, one, "reviewed", "asked apart on purpose") for one in drafts]


def test_what_is_due_to_one_provider_at_one_time_comes_in_one_mail(app: Flask, time: Clock) -> None:
    several()
    drain(Smtp())
    assert work(time, "2026-11-03 14:00") == ["rosa@riverbend.example: 3 documentation queries waiting"]


def test_an_absence_moves_the_due_time_and_brings_the_query_to_the_cover(client: FlaskClient, time: Clock) -> None:
    query = a_sent_query()
    deliver()
    cover = a_provider("Omar Haddad", "1679576722")
    with unit_of_work():
        db.session.add(ProviderAbsence(
            provider_id=query.provider_id, since_at=clock.now(), until_at=at("2026-11-09 00:00"), cover_id=cover.id,
            source="staff", noted_by="mona@h.test", noted_at=clock.now(),
        ))  # fmt: skip
        running.look_again_at([query.provider_id])
    assert work(time, "2026-11-02 14:00") == ["omar@riverbend.example: Documentation query waiting"]
    assert shown(the_query().due_at) == "Thu 2026-11-12 17:00"  # 27 hours from Monday the 9th, Veterans Day apart
    links = db.session.scalars(select(QueryLink).order_by(QueryLink.id.desc())).all()
    assert links[0].provider_id == cover.id


@pytest.mark.sqlite_only
def test_a_query_that_was_sent_before_follow_up_was_kept_is_left_alone(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    with unit_of_work():
        db.session.delete(db.session.scalars(select(QueryFollowUp)).one())
    assert work(time, *days("2026-11-03", 1)) == []


@pytest.mark.sqlite_only
def test_the_policy_that_applied_when_it_was_sent_goes_on_applying(app: Flask, time: Clock) -> None:
    a_sent_query()
    row = db.session.scalars(select(QueryFollowUp)).one()
    assert (row.policy_ref, row.terms["reminders"]) == ("", [9.0, 18.0])
    assert isinstance(row.next_at, datetime) is False  # nothing is planned before it is delivered


@pytest.mark.sqlite_only
def test_a_notice_that_did_not_arrive_is_described_to_staff(app: Flask, time: Clock) -> None:
    a_sent_query()
    deliver()
    lead = a_lead()
    payload = {"to": "provider", "id": lead.id, "queries": [the_query().ref], "level": "lead"}
    assert notices.about(payload).who == "Lena Stone"
    assert the_query().mail_ref in notices.about(payload).what
    actions.cancel(actor(a_user("coder", email="dora@h.test")), the_query(), "documented meanwhile")
    assert notices.about(payload).is_over
    assert notices.render(payload) is None


@pytest.mark.sqlite_only
def test_a_query_that_nobody_follows_does_not_keep_the_worker_busy(app: Flask, time: Clock) -> None:
    a_sent_query()
    with unit_of_work():
        row = db.session.scalars(select(QueryFollowUp)).one()
        row.unfollowed_because, row.next_at = "a talk", clock.now()
    assert running.run_due() == 0
    assert db.session.scalars(select(QueryFollowUp.next_at)).one() is None
