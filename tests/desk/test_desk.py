"""The pages that staff live in, over HTTP."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.charts.models import Document
from query_mgr.coding.reader import codes_of
from query_mgr.platform.db import db
from query_mgr.queries.actions import save_draft
from tests.accounts.builders import a_user, actor, signed_in
from tests.codes.builders import some_codes
from tests.conftest import Clock
from tests.queries.builders import a_provider, an_encounter, content


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    some_codes()
    return signed_in(app.test_client(), a_user("coder"))


def test_an_empty_house_says_what_to_do_next(client: FlaskClient) -> None:
    assert "charts import" in client.get("/").text
    assert "compose one" in client.get("/queries").text


def test_a_chart_is_found_by_name_and_number_and_shown(client: FlaskClient) -> None:
    ref = an_encounter().ref
    for words in ("testp", "00417", "CSN1"):
        assert "Testperson" in client.get("/", query_string={"q": words}).text
    assert "No chart fits" in client.get("/", query_string={"q": "%"}).text
    assert "furosemide 40 mg IV" in client.get(f"/encounters/{ref}").text
    assert client.get("/encounters/nonsense").status_code == 404


def test_a_code_cites_the_words_that_document_it(client: FlaskClient) -> None:
    encounter = an_encounter()
    ref, note = encounter.ref, db.session.scalars(select(Document)).one()
    start = note.text.index("furosemide")
    place = {"evidence": f"document:{note.ref}", "start": start, "end": start + len("furosemide 40 mg IV")}
    page = client.post(
        f"/encounters/{ref}/codes", data={"code": "I50.9", "reason": "x", **place}, follow_redirects=True
    )
    assert "“furosemide 40 mg IV”" in page.text
    row = codes_of(encounter)[0]
    assert "furosemide 40 mg IV" in client.get(f"/codes/{row.ref}/trail").text


def test_evidence_is_linked_to_a_code_that_has_none(client: FlaskClient) -> None:
    encounter = an_encounter()
    note = db.session.scalars(select(Document)).one()
    page = client.post(
        f"/encounters/{encounter.ref}/codes", data={"code": "I10", "reason": "x"}, follow_redirects=True
    )
    assert "No evidence linked" in page.text
    data = {"change": "evidence", "evidence": f"document:{note.ref}"}
    page = client.post(f"/codes/{codes_of(encounter)[0].ref}/change", data=data, follow_redirects=True)
    assert "No evidence linked" not in page.text


@pytest.mark.parametrize(
    "place",
    [
        {"evidence": "document:nonsense"},
        {"evidence": "fact:nonsense"},
        {"start": "5", "end": "2"},
        {"start": "0", "end": "99999"},
    ],
)
def test_evidence_that_is_not_in_the_chart_is_refused(client: FlaskClient, place: dict[str, str]) -> None:
    encounter = an_encounter()
    note = db.session.scalars(select(Document)).one()
    data = {"code": "I10", "reason": "x", "evidence": f"document:{note.ref}", **place}
    page = client.post(f"/encounters/{encounter.ref}/codes", data=data, follow_redirects=True)
    assert "This cannot be evidence" in page.text
    assert codes_of(encounter) == []


def test_a_code_is_assigned_moved_and_removed(client: FlaskClient) -> None:
    encounter = an_encounter()
    ref = encounter.ref
    for code in ("I10", "i509"):
        client.post(f"/encounters/{ref}/codes", data={"code": code, "poa": "Y", "reason": "documented"})
    page = client.post(f"/encounters/{ref}/codes", data={"code": "E11", "reason": "x"}, follow_redirects=True)
    assert "alert-danger" in page.text
    rows = codes_of(encounter)
    assert [row.code for row in rows] == ["I10", "I50.9"]
    client.post(f"/codes/{rows[1].ref}/change", data={"change": "up"})
    assert [row.code for row in codes_of(encounter)] == ["I50.9", "I10"]
    client.post(f"/codes/{rows[0].ref}/change", data={"change": "remove"})
    assert [row.code for row in codes_of(encounter)] == ["I50.9"]
    assert "Remove" in client.get(f"/codes/{rows[0].ref}/trail").text


def test_every_role_gets_pages_or_a_plain_no_and_never_a_fault(client: FlaskClient, app: Flask) -> None:
    ref = an_encounter().ref
    for role in ("cdi", "cdi_manager", "physician_advisor", "auditor", "biller", "admin"):
        a_user(role, email=f"{role}@h.test")
        user = db.session.scalars(select(User).where(User.email == f"{role}@h.test")).one()
        person = signed_in(app.test_client(), user)
        for page in ("/", f"/encounters/{ref}", "/queries", "/templates", "/insight", "/providers", "/outbox"):
            assert person.get(page).status_code in {200, 302, 403}, (role, page)


def test_the_list_pages_through_every_query_once_and_filters(client: FlaskClient, time: Clock) -> None:
    encounter, provider, coder = an_encounter(), a_provider(), a_user("coder", email="other@h.test")
    actors = [actor(coder), actor(db.session.scalars(select(User).where(User.email == "ann@h.test")).one())]
    for number in range(120):
        if number % 3 == 0:
            time.advance(minutes=1)  # three queries share each minute: the id decides among them
        save_draft(actors[number % 2], encounter, provider, content(title=f"Query {number:03}"))
    seen, address = [], "/queries"
    for _ in range(3):
        page = client.get(address).text
        seen += re.findall(r">Query (\d{3})<", page)
        older = re.search(r'href="([^"]+)">Older queries', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"{number:03}" for number in reversed(range(120))]
    assert address == ""
    assert len(re.findall(r">Query \d{3}<", client.get("/queries?mine=1&status=draft").text)) == 50
    assert "No query here" in client.get("/queries?status=closed").text
    assert "No query here" in client.get("/queries?provider=nobody").text


@pytest.mark.parametrize(
    "mark", ["x", "~", "2026-01-01~1", "9" * 300, "2026-01-01T00:00:00+00:00~" + "9" * 40, "%00"]
)
def test_a_broken_page_mark_begins_anew(client: FlaskClient, mark: str) -> None:
    assert client.get("/queries", query_string={"after": mark}).status_code == 200


LATE = {"title": "Clarification", "body": "Typed for ten minutes, and <b>long</b> enough to be shown again."}


def test_a_form_that_comes_after_the_session_keeps_what_was_typed(app: Flask, client: FlaskClient) -> None:
    ref = save_draft(actor(a_user("coder", email="c@h.test")), an_encounter(), a_provider(), content()).ref
    stranger = app.test_client()
    page = stranger.post(f"/queries/{ref}/edit", data=LATE, headers={"Origin": "http://localhost"})
    assert page.status_code == 401
    assert "&lt;b&gt;long&lt;/b&gt; enough" in page.text
    assert "Sign in again" in page.text
    assert "Send it now" in page.text


def test_a_form_with_a_stale_token_keeps_what_was_typed_and_never_repeats_one_from_elsewhere(
    app: Flask, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    data = LATE | {"csrf_token": "stale", "password": "secret words"}
    page = client.post("/templates/new", data=data, headers={"Origin": "http://localhost"})
    assert page.status_code == 400
    assert "Typed for ten minutes" in page.text
    assert "secret words" not in page.text
    assert "Send it now" in page.text
    assert (
        "Send it now" not in client.post("/templates/new", data=data, headers={"Origin": "http://evil.test"}).text
    )
    assert "Send it now" not in client.post("/templates/new", data=data).text


def test_a_name_is_found_however_its_accent_is_written(client: FlaskClient) -> None:
    an_encounter().patient.family_name = "José"
    db.session.commit()
    for words in ("José", "Jose\u0301"):
        assert "No chart fits" not in client.get("/", query_string={"q": words}).text


def test_a_chart_is_searched_and_hits_lead_to_their_note(client: FlaskClient) -> None:
    ref = an_encounter().ref
    page = client.get(f"/encounters/{ref}", query_string={"find": "CHF"}).text
    assert "<mark>heart failure</mark>" in page.lower()
    assert "0 places" in client.get(f"/encounters/{ref}", query_string={"find": "zzz"}).text
