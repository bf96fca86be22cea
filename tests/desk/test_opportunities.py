"""What is worth asking, over HTTP: the worklist, the gaps of a chart, ask, dismiss and take back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.queries.opportunities.models import Opportunity
from query_mgr.queries.opportunities.store import refresh_due
from tests.accounts.builders import a_user, signed_in
from tests.queries.builders import a_provider
from tests.queries.opportunities.builders import KIDNEY_NOTE, KIDNEY_VALUES, arrives

NOTE = (KIDNEY_NOTE[0], KIDNEY_NOTE[1], KIDNEY_NOTE[2], KIDNEY_NOTE[3] + " <script>alert(1)</script>")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    arrives({"n1": NOTE}, {f"c{number}": value for number, value in enumerate(KIDNEY_VALUES)})
    refresh_due()
    return signed_in(app.test_client(), a_user("cdi"))


def kidney() -> Opportunity:
    db.session.rollback()
    return db.session.scalars(select(Opportunity).where(Opportunity.condition == "acute_kidney_injury")).one()


def test_the_worklist_says_what_and_why_and_the_chart_too(client: FlaskClient) -> None:
    for page in (client.get("/opportunities"), client.get(f"/encounters/{kidney().encounter.ref}/opportunities")):
        assert "Acute kidney injury" in page.text
        assert "Creatinine 2.1 mg/dL" in page.text
        assert "KDIGO" in page.text
    assert "<script>alert" not in page.text


def test_it_is_sorted_and_narrowed_and_nonsense_counts_as_not_asked(client: FlaskClient) -> None:
    for order in ("weight", "newest", "waiting", "reimbursement"):
        assert "Acute kidney injury" in client.get("/opportunities", query_string={"order": order}).text
    assert "Nothing to ask of this kind" in client.get("/opportunities?kind=conflict").text
    assert client.get("/opportunities?kind=x&page=999999999999").status_code == 200


def test_asking_starts_the_fitting_query_and_takes_the_gap_off_the_list(client: FlaskClient) -> None:
    a_provider()
    answer = client.post(f"/opportunities/{kidney().ref}/ask")
    query = db.session.scalars(select(Query)).one()
    assert answer.location == f"/queries/{query.ref}/edit"
    assert query.condition == "acute_kidney_injury"
    assert query.indicators
    assert "Acute kidney injury" not in client.get("/opportunities").text
    assert query.title in client.get(f"/encounters/{kidney().encounter.ref}/opportunities").text


def test_a_gap_without_a_template_starts_a_blank_query_with_its_evidence(client: FlaskClient) -> None:
    a_provider()
    row = kidney()
    row.template = ""
    db.session.commit()
    client.post(f"/opportunities/{row.ref}/ask")
    query = db.session.scalars(select(Query)).one()
    assert query.template_key == ""
    assert {"Creatinine 0.9 mg/dL", "Creatinine 2.1 mg/dL"} <= {one.text for one in query.indicators}
    assert "kidney injury" not in query.title.lower()


def test_a_gap_is_dismissed_with_a_reason_and_taken_back(client: FlaskClient) -> None:
    assert (
        "Say why"
        in client.post(f"/opportunities/{kidney().ref}/dismiss", data={"reason": " "}, follow_redirects=True).text
    )
    assert kidney().is_open
    client.post(f"/opportunities/{kidney().ref}/dismiss", data={"reason": "Diluted sample"})
    assert "Acute kidney injury" not in client.get("/opportunities").text
    chart = client.get(f"/encounters/{kidney().encounter.ref}/opportunities").text
    assert "Diluted sample" in chart
    client.post(f"/opportunities/{kidney().ref}/reopen", data={"chart": kidney().encounter.ref})
    assert "Acute kidney injury" in client.get("/opportunities").text


def test_who_may_not_compose_sees_no_worklist_and_dismisses_nothing(app: Flask, client: FlaskClient) -> None:
    reader = signed_in(app.test_client(), a_user("auditor", email="audit@h.test"))
    assert reader.get("/opportunities").status_code == 403
    assert reader.post(f"/opportunities/{kidney().ref}/dismiss", data={"reason": "no reason"}).status_code == 403
    page = reader.get(f"/encounters/{kidney().encounter.ref}/opportunities")
    assert "Acute kidney injury" in page.text
    assert "Dismiss" not in page.text
    assert client.get("/opportunities/nonsense").status_code in (404, 405)
    assert client.post("/opportunities/nonsense/ask").status_code == 404
