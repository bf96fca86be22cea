"""“Not mine”: the query goes back without being seen, its clock is kept, and another provider is asked."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.desk.query_routes import askable
from query_mgr.platform.db import db
from query_mgr.queries import actions as queries
from query_mgr.queries import rerouting, sending
from query_mgr.queries.followup import covering
from query_mgr.queries.models import Query, QueryHandedBack, QueryRevision
from query_mgr.queries.snapshot import digest
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.verified import difference_in
from tests.accounts.builders import a_user, actor, signed_in
from tests.codes.builders import some_codes
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_provider, a_sent_query, an_encounter, content
from tests.respond.test_answer import deliver, the_query, with_pin


def said() -> QueryHandedBack:
    db.session.rollback()
    return db.session.scalars(select(QueryHandedBack)).one()


@pytest.mark.sqlite_only
def test_whoever_has_the_mail_hands_it_back_without_seeing_the_case(client: FlaskClient, time: Clock) -> None:
    due_at = a_sent_query().due_at
    path = deliver()
    landing = client.get(path)
    assert "Not for you" in landing.text
    time.advance(hours=3)
    page = client.post(path + "/not-mine", data={"note": "ask Dr. Haddad"})
    for phi in ("Testperson", "heart", "00417", "Rosa"):
        assert phi not in landing.text + page.text
    query, row = the_query(), said()
    assert (query.status, query.due_at, query.responded_at) == ("handed_back", due_at, time.time)
    assert (row.is_proven, row.note) == (False, "ask Dr. Haddad")
    assert client.get(path).status_code == 404
    assert client.post(path + "/not-mine").status_code == 404


@pytest.mark.sqlite_only
def test_a_program_that_follows_links_hands_nothing_back(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    client.get(path)
    client.application.config["WTF_CSRF_ENABLED"] = True
    client.get(path + "/not-mine")
    client.post(path + "/not-mine", data={"note": ""})
    assert the_query().status == "delivered"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("typed", "chosen", "named", "note"),
    [
        ("haddad", "", "Omar Haddad", ""),
        ("1679576722", "", "Omar Haddad", ""),
        ("", "", None, ""),
        ("Nobody Known", "", None, "Named: Nobody Known."),
        ("a", "", None, "Named: a."),
        ("ha", "nobody", None, "Named: ha."),
    ],
)
def test_a_colleague_is_named_from_the_directory(
    client: FlaskClient, time: Clock, typed: str, chosen: str, named: str | None, note: str
) -> None:
    a_sent_query()
    a_provider("Omar Haddad", "1679576722")
    with_pin(client, deliver())
    page = client.post("/answer/not-mine", data={"colleague": typed, "named": chosen})
    assert "not yours any more" in page.text
    row = said()
    assert (row.named.name if row.named else None, row.note, row.is_proven) == (named, note, True)


@pytest.mark.sqlite_only
def test_of_several_colleagues_one_is_chosen(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    a_provider("Omar Haddad", "1679576722")
    wanted = a_provider("Hana Hadley", "1245319599")
    with_pin(client, deliver())
    asked = client.post("/answer/not-mine", data={"colleague": "had"})
    assert "Omar Haddad" in asked.text
    assert "Hana Hadley" in asked.text
    assert " checked" not in asked.text
    again = client.post("/answer/not-mine", data={"colleague": "had", "is_asked": "1"})
    assert again.status_code == 400
    assert the_query().status == "opened"
    client.post("/answer/not-mine", data={"colleague": "had", "named": wanted.ref})
    assert said().named == wanted


def test_another_provider_is_asked_as_a_new_revision_and_both_stay_provable(
    client: FlaskClient, time: Clock
) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    due_at, first_hash = query.due_at, query.snapshot_hash
    other = a_provider("Omar Haddad", "1679576722")
    old = deliver()
    with_pin(client, old)
    client.post("/answer/not-mine", data={"colleague": "haddad"})
    time.advance(hours=5)
    rerouting.reassign(coder, the_query(), other)
    query = the_query()
    assert (query.status, query.due_at, query.revision, query.provider_id) == ("sent", due_at, 2, other.id)
    before = db.session.scalars(select(QueryRevision)).one()
    assert before.snapshot["provider"] == "Rosa Medina, MD"
    assert digest(before.snapshot) == before.snapshot_hash == first_hash
    assert said().to == other
    assert client.get(old).status_code == 404
    browser = client.application.test_client()
    with_pin(browser, deliver())
    assert browser.post("/answer/sign", data={"option": "acute", "op_id": "op", "pin": PIN}).status_code == 200
    answer = db.session.scalars(select(Answer)).one()
    assert (answer.revision, answer.manifest["name"]) == (2, "Omar Haddad")
    assert difference_in(the_query())[1] == ""
    before.snapshot = before.snapshot | {"title": "Another title"}
    db.session.commit()
    assert difference_in(the_query())[1] == "revision 1 as sent is not what was frozen"
    assert audit.verify()[1] is None


@pytest.mark.sqlite_only
def test_who_handed_it_back_by_mistake_asks_for_a_new_link_and_answers(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    client.post(path + "/not-mine")
    client.post(path + "/renew")
    with_pin(client, deliver())
    client.post("/answer/sign", data={"option": "acute", "op_id": "op", "pin": PIN})
    assert the_query().status == "answered"


@pytest.mark.sqlite_only
def test_the_coder_finds_it_on_today_with_the_named_colleague_first(app: Flask, time: Clock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    some_codes()
    user = a_user("coder", email="cole@h.test")
    query = a_sent_query(actor(user))
    a_provider("Anna Aal", "1245319599")
    a_provider("Omar Haddad", "1679576722")
    phone, desk = app.test_client(), signed_in(app.test_client(), user)
    with_pin(phone, deliver())
    phone.post("/answer/not-mine", data={"colleague": "haddad", "note": "I was off that week."})
    assert "handed back" in desk.get("/").text
    page = desk.get(f"/queries/{query.ref}").text
    assert "I was off that week." in page
    why, people = rerouting.candidates(the_query(), askable())[0]
    assert (why, [one.name for one in people]) == ("Named by whoever handed it back", ["Omar Haddad"])
    ref = people[0].ref
    assert (
        "Handed on"
        in desk.post(f"/queries/{query.ref}/reassign", data={"provider": ref}, follow_redirects=True).text
    )
    assert (
        desk.post(f"/queries/{query.ref}/reassign", data={"provider": ""}, follow_redirects=True).status_code
        == 200
    )
    assert the_query().provider.name == "Omar Haddad"


@pytest.mark.sqlite_only
def test_a_question_back_counts_as_a_response_too(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    with_pin(client, deliver())
    time.advance(minutes=5)
    client.post("/answer/ask", data={"comment": "Which echo?"})
    assert the_query().responded_at == time.time


@pytest.mark.sqlite_only
def test_the_one_who_was_asked_is_nobody_to_hand_it_on_to(app: Flask, time: Clock) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    with pytest.raises(queries.QueryError, match="somebody else"):
        rerouting.reassign(coder, query, query.provider)
    assert db.session.get_one(Query, query.id).revision == 1


@pytest.mark.sqlite_only
def test_a_delegate_leaves_it_to_the_one_who_was_asked(client: FlaskClient, time: Clock) -> None:
    lead, coder = actor(a_user("cdi_lead", email="lee@h.test")), a_coder()
    asked, delegate = a_provider(), a_provider("Omar Haddad", "1679576722")
    covering.grant(lead, asked, delegate, time.time.date(), None)
    sending.send(coder, queries.save_draft(coder, an_encounter(), asked, content()), "reviewed")
    path = deliver()
    delegates = db.session.scalars(select(QueryLink).where(QueryLink.provider_id == delegate.id)).one()
    with_pin(client, path)
    client.post("/answer/not-mine")
    db.session.expire_all()
    assert the_query().status == "opened"
    ended = {one.provider_id: one.revoked_at for one in db.session.scalars(select(QueryLink))}
    assert (ended[asked.id], ended[delegates.provider_id] is None) == (None, False)
