"""Co-signed, spoken and asked again: every way of asking obeys the same rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Document
from query_mgr.delivery.models import OutboxMessage
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, cosign, drafting, lifecycle, sending, spoken, threads
from query_mgr.queries.models import Query
from query_mgr.queries.sending import Reasons
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, a_sent_query, an_encounter, an_indicator, content

WHY = Reasons("reviewed", "")
EARLIER = threads.Earlier("x", "Which type?", "2026-11-02T14:00:00+00:00", "Acute", "Rosa Medina, MD",
                          "2026-11-02T15:00:00+00:00")  # fmt: skip


@pytest.fixture
def trainee(app: Flask) -> Actor:
    return actor(a_user("trainee", email="tim@h.test"))


@pytest.fixture
def lead(app: Flask) -> Actor:
    return actor(a_user("cdi_lead", email="lea@h.test"))


def a_draft(author: Actor, **changes: object) -> Query:
    return actions.save_draft(author, an_encounter(), a_provider(), content(**changes))


def mails() -> int:
    return db.session.scalar(select(func.count(OutboxMessage.id))) or 0


def test_a_trainees_query_goes_out_when_a_lead_has_co_signed_it(trainee: Actor, lead: Actor, time: Clock) -> None:
    draft = a_draft(trainee)
    with pytest.raises(NotAllowedError):
        sending.send(trainee, draft, "reviewed")
    query = cosign.submit(trainee, draft, "reviewed")
    assert (query.status, mails(), list(cosign.waiting())) == ("awaiting_cosign", 0, [query])
    with pytest.raises(lifecycle.NotPossibleError, match="take it back"):
        drafting.write(trainee, query, replace(drafting.words_of(query), title="Other"))
    query = cosign.cosign(lead, query)
    assert (query.status, mails(), query.override_reason) == ("sent", 1, "reviewed")
    assert query.snapshot is not None
    assert query.snapshot["author"].startswith("Ann Coder")
    assert query.cosigner is not None
    assert query.cosigner.email == "lea@h.test"
    assert list(cosign.waiting()) == []
    assert audit.verify()[1] is None


def test_what_a_trainee_asks_about_one_stay_is_co_signed_into_one_mail(
    trainee: Actor, lead: Actor, time: Clock
) -> None:
    first = a_draft(trainee)
    second = actions.save_draft(trainee, first.encounter, first.provider, content(title="Second", condition=""))
    for one in (first, second):
        cosign.submit(trainee, one, "reviewed")
    assert list(cosign.waiting_with(first)) == [second]
    sent = cosign.cosign_together(lead, [first, second])
    assert [(one.status, one.bundle_id) for one in sent] == [("sent", sent[0].bundle_id)] * 2
    assert mails() == 1
    assert {one.cosigner.email for one in sent if one.cosigner} == {"lea@h.test"}


def test_nobody_co_signs_a_query_of_their_own(lead: Actor, time: Clock) -> None:
    query = cosign.submit(lead, a_draft(lead), "reviewed")
    for step in (lambda: cosign.cosign(lead, query), lambda: cosign.give_back(lead, query, "Shorter.")):
        with pytest.raises(actions.QueryError, match="second person"):
            step()
    other = actor(a_user("cdi_manager", email="mona@h.test"))
    assert cosign.cosign(other, query).status == "sent"


def test_a_query_that_is_given_back_says_what_to_change_and_no_provider_reads_it(
    trainee: Actor, lead: Actor, time: Clock
) -> None:
    query = cosign.submit(trainee, a_draft(trainee), "reviewed")
    with pytest.raises(actions.QueryError, match="Say what"):
        cosign.give_back(lead, query, " ")
    query = cosign.give_back(lead, query, "Attach the echo.")
    assert query.status == "draft"
    assert (query.cosignings[0].decision, query.cosignings[0].note) == ("returned", "Attach the echo.")
    assert query.comments == []
    query = cosign.submit(trainee, query, "reviewed")
    assert "Attach the echo." not in cosign.cosign(lead, query).snapshot_html


def test_its_author_takes_a_query_back_and_a_stranger_does_not(trainee: Actor, lead: Actor, time: Clock) -> None:
    query = cosign.submit(trainee, a_draft(trainee), "reviewed")
    with pytest.raises(actions.QueryError, match="its author"):
        cosign.take_back(lead, query)
    assert cosign.take_back(trainee, query).status == "draft"


def test_a_draft_with_errors_is_not_handed_in(trainee: Actor, time: Clock) -> None:
    with pytest.raises(sending.SendBlockedError):
        cosign.submit(trainee, a_draft(trainee, indicators=()), "reviewed")
    assert list(cosign.waiting()) == []


def a_talk(**changes: object) -> spoken.Talk:
    values: dict[str, object] = {
        "asked_by": "Ann Coder", "talked_at": clock.now() - timedelta(hours=2), "how": "by_phone",
        "told": "Acute on chronic, she said.",
    }  # fmt: skip
    return spoken.Talk(**(values | changes))  # type: ignore[arg-type]


def test_a_spoken_query_is_kept_with_who_when_how_and_what_was_told(app: Flask, time: Clock) -> None:
    coder = a_coder()
    query = spoken.record(coder, a_draft(coder), a_talk(), WHY, is_to_be_confirmed=False)
    assert (query.status, query.channel, query.outcome, mails()) == ("spoken", "spoken", "", 0)
    assert query.sent_at == query.delivered_at == time() - timedelta(hours=2)
    assert query.responded_at is None  # what was told is not signed by anybody
    assert query.snapshot is not None
    assert query.snapshot["talk"]["told"] == "Acute on chronic, she said."
    assert sending.resend(coder, query).status == "spoken"
    assert mails() == 1


def test_a_spoken_query_obeys_the_lint(app: Flask, time: Clock) -> None:
    coder = a_coder()
    draft = a_draft(coder, question="Please document acute systolic heart failure to support the higher DRG.")
    with pytest.raises(sending.SendBlockedError):
        spoken.record(coder, draft, a_talk(), WHY, is_to_be_confirmed=True)
    draft = actions.locked(draft.id)
    assert (draft.status, draft.channel, draft.talk, mails()) == ("draft", "written", None, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"asked_by": " \u202e"}, "who asked"),
        ({"how": "by_pigeon"}, "by_pigeon"),
        ({"told": "a\x00b"}, "plain text"),
        ({"told": "x" * 8001}, "8000"),
        ({"talked_at": "future"}, "future"),
        ({"talked_at": "long ago"}, "before the encounter"),
    ],
)
def test_a_talk_that_cannot_have_been_is_refused(
    app: Flask, time: Clock, change: dict[str, object], words: str
) -> None:
    times = {"future": time() + timedelta(minutes=1), "long ago": time() - timedelta(days=5)}
    change = {name: times.get(str(value), value) for name, value in change.items()}
    coder = a_coder()
    with pytest.raises(actions.QueryError, match=words):
        spoken.record(coder, a_draft(coder), a_talk(**change), WHY, is_to_be_confirmed=False)


def an_answered_query(coder: Actor) -> Query:
    query = a_sent_query(coder)
    query.status, query.answered_at = "answered", clock.now()
    db.session.commit()
    return query


def test_asking_again_keeps_the_thread_and_needs_something_new(app: Flask, time: Clock) -> None:
    coder = a_coder()
    first = an_answered_query(coder)
    second = threads.ask_again(coder, first, EARLIER)
    assert (second.parent_id, second.question) == (first.id, first.question)
    assert second.earlier is not None
    assert second.earlier["answer"] == "Acute"
    assert [one.id for one in threads.thread_of(first)] == [first.id, second.id]
    time.advance(days=1)
    with unit_of_work():
        second.indicators.append(an_indicator().row(1))
    with pytest.raises(sending.SendBlockedError, match="newer than the answer"):
        sending.send(coder, second, "reviewed")
    with unit_of_work():
        second.indicators.append(replace(an_indicator("EF 20 % on the second echo"), observed_at=time()).row(2))
    sent = sending.send(coder, second, "reviewed")
    assert sent.parent_id == first.id
    assert "Asked before" in sent.snapshot_html
    assert "Rosa Medina, MD" in sent.snapshot_html


def test_evidence_that_the_chart_took_back_is_not_copied(app: Flask, time: Clock) -> None:
    coder = a_coder()
    first = an_answered_query(coder)  # its indicator is of a document that is in no chart
    document = db.session.scalars(select(Document)).one()
    start = document.text.index("heart failure")
    first.indicators[0].source_ref, first.indicators[0].text = document.ref, "heart failure"
    first.indicators[0].start, first.indicators[0].end = start, start + len("heart failure")
    db.session.commit()
    assert len(threads.ask_again(coder, first, EARLIER).indicators) == 1
    document.status = "entered_in_error"
    db.session.commit()
    assert threads.ask_again(coder, first, EARLIER).indicators == []


def test_an_open_query_is_not_asked_again(app: Flask, time: Clock) -> None:
    coder = a_coder()
    with pytest.raises(lifecycle.NotPossibleError, match="answered"):
        threads.ask_again(coder, a_sent_query(coder), EARLIER)
