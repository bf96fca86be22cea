"""The same question twice, a clear answer asked for again, and a provider asked too often."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.audit.models import AuditEvent
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from query_mgr.queries.guard import Asked, Follows, Load, Notice, notices
from query_mgr.queries.repeats import notices_of
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, a_sent_query, an_encounter, content

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINE = Asked("mine", "Kidney function", "acute_kidney_injury", "acuity", "aki_acuity", "draft")
NOTHING, UNASKED = Follows(), Load()
SAME = replace(MINE, ref="other", status="sent")


def kinds(
    others: list[Asked], follows: Follows = NOTHING, load: Load = UNASKED, newest: datetime = NOON
) -> list[str]:
    return [one.kind for one in notices(MINE, others, newest, follows, load)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ["open"]),
        ({"status": "awaiting_cosign"}, ["open"]),
        ({"status": "spoken"}, ["open"]),
        ({"status": "answered"}, ["answered"]),
        ({"status": "closed"}, ["answered"]),
        ({"status": "cancelled"}, []),
        ({"status": "draft"}, []),
        ({"purpose": "specificity"}, ["open"]),  # another purpose, but the same template
        ({"purpose": "specificity", "template_key": "aki_cause"}, []),
        ({"template_key": ""}, ["open"]),  # no template, but the same condition for the same purpose
        ({"condition": "sepsis", "template_key": ""}, []),
    ],
)
def test_the_same_condition_and_purpose_or_the_same_template_is_the_same_question(
    change: dict[str, str], expected: list[str]
) -> None:
    assert kinds([replace(SAME, **change)]) == expected


def test_two_questions_about_no_condition_are_not_the_same() -> None:
    blank = replace(MINE, condition="", template_key="")
    assert notices(blank, [replace(blank, ref="b", status="sent")], NOON, Follows(), Load()) == ()


def test_asking_again_needs_evidence_newer_than_the_answer() -> None:
    answered = replace(SAME, status="closed")
    follows = Follows(frozenset({"other"}), NOON)
    assert kinds([answered], follows, newest=NOON) == ["no_new_evidence"]
    assert kinds([answered], follows, newest=NOON + timedelta(minutes=1)) == []
    other = replace(answered, ref="unrelated")
    assert kinds([answered, other], follows, newest=NOON + timedelta(minutes=1)) == ["answered"]


@pytest.mark.parametrize(("sent", "limit", "warns"), [(4, 5, False), (5, 5, True), (50, 0, False), (0, 1, False)])
def test_a_provider_who_is_asked_often_is_said_but_blocks_nothing(sent: int, limit: int, warns: bool) -> None:
    found = notices(MINE, [], NOON, Follows(), Load(sent, limit))
    expected = (Notice("fatigue", f"This provider got {sent} queries in the last 7 days.", False),)
    assert found == (expected if warns else ())


def test_a_second_query_of_the_same_question_waits_for_a_reason_that_is_kept(app: Flask, time: Clock) -> None:
    coder = a_coder()
    first = a_sent_query(coder)
    again = actions.save_draft(coder, first.encounter, first.provider, content())
    with pytest.raises(sending.SendBlockedError, match="asks the same") as caught:
        sending.send(coder, again, "reviewed", " ")
    assert caught.value.notices[0].refs == (first.ref,)
    assert actions.locked(again.id).status == "draft"
    sent = sending.send(coder, again, "reviewed", "Another provider took over")
    assert (sent.status, sent.repeat_reason) == ("sent", "Another provider took over")
    found = select(AuditEvent.detail).where(AuditEvent.subject_ref == sent.ref, AuditEvent.action == "query.send")
    detail = json.loads(db.session.scalars(found).one())
    assert (detail["guard"], detail["reason"]) == (["open"], "Another provider took over")


def test_only_the_last_seven_days_of_this_provider_count(app: Flask, time: Clock) -> None:
    coder, encounter = a_coder(), an_encounter()
    provider, other = a_provider(), a_provider("Omar Haddad", "1679576722")
    for number in range(5):
        draft = actions.save_draft(coder, encounter, provider, content(condition="", title=f"Question {number}"))
        sending.send(coder, draft, "reviewed")
    mine = actions.save_draft(coder, encounter, provider, content(condition=""))
    theirs = actions.save_draft(coder, encounter, other, content(condition=""))
    assert [one.kind for one in notices_of(mine)] == ["fatigue"]
    assert notices_of(theirs) == ()
    time.advance(days=7, seconds=1)
    assert notices_of(mine) == ()
