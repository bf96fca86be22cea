"""The pages of every other way of asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.charts.models import Document
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, actor, signed_in
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, a_sent_query, an_encounter, content


@pytest.fixture
def coder(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("coder"))


def as_somebody(app: Flask, role: str) -> FlaskClient:
    return signed_in(app.test_client(), a_user(role, email=f"{role}@h.test"))


def of(query: Query) -> Query:
    db.session.rollback()
    return db.session.get_one(Query, query.id)


def filled(query: Query, **more: str) -> dict[str, Any]:
    """The composer's form as it stands."""
    keys = [option["key"] for option in query.options]
    return {"title": query.title, "body": query.body, "question": query.question, "option": keys, **more}


def test_a_trainee_hands_in_and_a_lead_co_signs(app: Flask, coder: FlaskClient, time: Clock) -> None:
    trainee, lead = as_somebody(app, "trainee"), as_somebody(app, "cdi_lead")
    author = actor(a_user("trainee", email="tim@h.test"))
    query = actions.save_draft(author, an_encounter(), a_provider(), content())
    page = trainee.get(f"/queries/{query.ref}/edit").text
    assert "Hand in for a co-signature" in page
    assert 'value="send"' not in page
    form = filled(query, do="submit", override_reason="reviewed")
    assert trainee.post(f"/queries/{query.ref}/edit", data=form).status_code == 303
    assert of(query).status == "awaiting_cosign"
    assert coder.get("/cosign").status_code == 403
    assert query.title in lead.get("/cosign").text
    assert "Co-sign and send" in lead.get(f"/queries/{query.ref}").text
    lead.post(f"/queries/{query.ref}/return", data={"note": "Attach the echo."})
    assert "Attach the echo." in trainee.get(f"/queries/{query.ref}/edit").text
    author_page = signed_in(app.test_client(), db.session.get_one(User, query.author_id))
    assert "Given back to you" in author_page.get("/").text
    assert "Given back to you" not in trainee.get("/").text
    assert trainee.post(f"/queries/{query.ref}/edit", data=form).status_code == 303
    assert "co-signed by" in lead.post(f"/queries/{query.ref}/cosign", follow_redirects=True).text
    assert of(query).status == "sent"
    assert "Given back to you" not in author_page.get("/").text


def test_the_composer_says_that_it_was_asked_before_and_takes_a_reason(coder: FlaskClient, time: Clock) -> None:
    author = a_coder()
    first = a_sent_query(author)
    draft = actions.save_draft(author, first.encounter, first.provider, content())
    page = coder.get(f"/queries/{draft.ref}/edit").text
    assert "asks the same on this encounter" in page
    assert f"/queries/{first.ref}" in page
    form = filled(draft, do="send", override_reason="reviewed")
    assert coder.post(f"/queries/{draft.ref}/edit", data=form).status_code == 400
    coder.post(f"/queries/{draft.ref}/edit", data=form | {"repeat_reason": "Other provider now"})
    assert of(draft).repeat_reason == "Other provider now"
    assert "asked all the same because: Other provider now" in coder.get(f"/queries/{draft.ref}").text


def test_drafts_are_sent_together_or_not_at_all(coder: FlaskClient, time: Clock) -> None:
    author, encounter, provider = a_coder(), an_encounter(), a_provider()
    drafts = [
        actions.save_draft(author, encounter, provider, content(title=f"Topic {number}", condition=""))
        for number in range(2)
    ]
    path = f"/encounters/{encounter.ref}/queries/together"
    assert "Topic 1" in coder.get(path).text
    form: dict[str, object] = {"query": [one.ref for one in drafts]}
    reasons = {f"override_reason:{one.ref}": "reviewed" for one in drafts}
    refused = coder.post(path, data=form | {"query": [drafts[0].ref]} | reasons)
    assert refused.status_code == 400
    assert "Nothing was sent" in refused.text
    assert coder.post(path, data=form | reasons).status_code == 303
    assert {of(one).status for one in drafts} == {"sent"}
    assert "Sent in the same mail" in coder.get(f"/queries/{drafts[0].ref}").text


def test_a_talk_is_kept_with_its_time_as_the_hospitals_clocks_showed_it(coder: FlaskClient, time: Clock) -> None:
    draft = actions.save_draft(a_coder(), an_encounter(), a_provider(), content())
    path = f"/queries/{draft.ref}/spoken"
    assert "It was asked in a talk" in coder.get(path).text
    form = {"asked_by": "Ann Coder", "how": "in_person", "told": "Acute, she said.", "answer": "note",
            "override_reason": "reviewed"}  # fmt: skip
    wrong = coder.post(path, data=form | {"talked_at": "yesterday"})
    assert wrong.status_code == 400
    assert "Give day and time" in wrong.text
    assert "Acute, she said." in wrong.text
    assert coder.post(path, data=form | {"talked_at": "2026-11-02T08:30"}).status_code == 303  # New York: UTC-5
    assert of(draft).sent_at == time().replace(hour=13, minute=30)
    page = coder.get(f"/queries/{draft.ref}").text
    assert "Told then: Acute, she said." in page
    assert "Mail a link to confirm" in page


def test_an_answer_in_the_chart_is_kept_and_may_be_asked_again(coder: FlaskClient, time: Clock) -> None:
    query = a_sent_query(a_coder())
    assert "note of this encounter came since" in coder.get(f"/queries/{query.ref}").text
    note = Document(
        source_key="n1", content_hash="h", patient_id=query.encounter.patient_id, encounter_id=query.encounter_id,
        kind="progress_note", title="Addendum", author_name="Rosa Medina", author_role="attending",
        author_id=query.provider_id, authored_at=clock.now() + timedelta(minutes=5), text="Acute systolic failure.",
    )  # fmt: skip
    db.session.add(note)
    db.session.commit()
    form = {"document": note.ref, "words": "Acute systolic failure.", "option": "other"}
    page = coder.post(f"/queries/{query.ref}/document", data=form, follow_redirects=True).text
    assert "Noted in the chart by Rosa Medina" in page
    answer = coder.post(f"/queries/{query.ref}/again")
    draft = db.session.scalars(select(Query).where(Query.parent_id == query.id)).one()
    assert answer.location.endswith(f"/queries/{draft.ref}/edit")
    page = coder.get(answer.location).text
    assert "Other (please specify): Acute systolic failure." in page
    assert "newer than the answer" in page
    assert "Asked before and again" in coder.get(f"/queries/{query.ref}").text


def test_pages_of_what_is_no_draft_lead_to_the_query(coder: FlaskClient, time: Clock) -> None:
    query = sending.resend(a_coder(), _undelivered())
    assert coder.get(f"/queries/{query.ref}/spoken").status_code == 303
    page = coder.post(f"/queries/{query.ref}/again", follow_redirects=True).text
    assert "Only an answered query is asked again" in page


def _undelivered() -> Query:
    query = a_sent_query(actor(a_user("cdi", email="cass@h.test")))
    query.status = "undelivered"
    db.session.commit()
    return query
