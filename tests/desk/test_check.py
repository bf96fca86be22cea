"""Checking an old query library in the browser."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, signed_in
from tests.queries.test_checking import PASTED

URL = "/queries/check"


@pytest.fixture
def coder(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("coder"))


def test_pasted_queries_come_back_with_what_to_mend_and_are_not_stored(coder: FlaskClient) -> None:
    page = coder.post(URL, data={"text": PASTED}).text
    assert "1 of 2 queries are compliant" in page
    assert "Do you agree" in page and "Make it multiple choice or open-ended." in page
    assert db.session.scalars(select(Query)).all() == []


def test_the_download_repeats_the_check_of_what_was_uploaded(coder: FlaskClient) -> None:
    file = (io.BytesIO("Title,Question\n=Où,Whät?\n".encode("cp1252")), "old.csv")
    page = coder.post(URL, data={"file": file}, content_type="multipart/form-data").text
    assert "Report on <bdi>old.csv</bdi>" in page and "=Où" in page
    sheet = coder.post(URL, data={"text": "Title,Question\r\n=Où,Whät?\r\n", "kind": "csv", "as": "csv"})
    assert sheet.mimetype == "text/csv" and '"\'=Où"' in sheet.text
    assert "query-check.csv" in sheet.headers["Content-Disposition"]
    lines = coder.post(URL, data={"text": PASTED, "kind": "text", "as": "jsonl"})
    assert len(lines.text.splitlines()) == 2


def test_what_cannot_be_read_is_said_and_what_was_pasted_stays(coder: FlaskClient) -> None:
    assert "Choose a file" in coder.post(URL, data={}).text
    answer = coder.post(URL, data={"text": "Colour,Size\nred,<b>5</b>", "kind": "csv"})
    assert answer.status_code == 400 and "It holds: Colour, Size" in answer.text
    assert "red,&lt;b&gt;5&lt;/b&gt;" in answer.text


def test_a_large_paste_is_read(coder: FlaskClient) -> None:
    text = "\n---\n".join(f"What is it? {'x' * 9000}" for _ in range(100))
    assert "100 queries" in coder.post(URL, data={"text": text}).text


def test_markup_in_a_query_stays_text(coder: FlaskClient) -> None:
    page = coder.post(URL, data={"text": "<script>x</script>\nWhat is <b>it</b>?"}).text
    assert "<script>x" not in page and "<b>it" not in page


def test_only_those_who_see_queries_may_check(app: Flask) -> None:
    assert app.test_client().get(URL).status_code == 302
    admin = signed_in(app.test_client(), a_user("admin", email="ada@h.test"))
    assert admin.get(URL).status_code == 403
