"""The compliance lint over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock

QUERY: dict[str, Any] = {
    "id": "q1",
    "query_type": "open_ended",
    "question": "Please clarify the type of the heart failure.",
    "body": "This raises the MS-DRG.",
    "indicators": [{"text": "LVEF 30%", "source": "Echo"}],
    "documentation": "CHF",
}


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("coder"))


def test_the_answer_is_that_of_the_command_line(client: FlaskClient) -> None:
    answer = client.post("/api/queries/lint", json=QUERY).json
    assert answer is not None and (answer["id"], answer["compliant"]) == ("q1", False)
    [finding] = answer["findings"]
    assert QUERY["body"][slice(*finding["span"])] == "MS-DRG"


@pytest.mark.parametrize("body", ["{", "[]", "null", '{"query_type": "poll"}', "[" * 100_000])
def test_what_is_no_query_is_refused_with_a_reason(client: FlaskClient, body: str) -> None:
    response = client.post("/api/queries/lint", data=body, content_type="application/json")
    assert response.status_code == 400 and response.json and response.json["error"]


def test_only_those_who_compose_may_ask(app: Flask, time: Clock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/api/queries/lint", json=QUERY).status_code in (302, 401)
    auditor = signed_in(app.test_client(), a_user("auditor"))
    assert auditor.post("/api/queries/lint", json=QUERY).status_code == 403


def test_another_site_cannot_make_a_browser_ask(app: Flask, time: Clock) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = signed_in(app.test_client(), a_user("coder"))
    assert client.post("/api/queries/lint", json=QUERY).status_code == 400
