"""What a provider adds to a signed answer reaches the coder, who says what follows."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.platform.db import db
from query_mgr.reconcile import actions
from query_mgr.respond import amending, answering
from query_mgr.respond.models import Amendment, QueryLink
from tests.accounts.builders import a_user, actor, signed_in
from tests.codes.builders import some_codes
from tests.conftest import Clock
from tests.queries.builders import a_sent_query


def a_correction() -> Amendment:
    link = db.session.scalars(select(QueryLink)).one()
    answer = answering.sign(link, answering.Response("acute", "", "op-1"))
    change = amending.Change("correction", "On the echo of today.", "Read again", "op-2", "chronic")
    return amending.amend(link, answer, change)


@pytest.mark.sqlite_only
def test_the_coder_finds_a_correction_on_today_and_takes_it_off_with_what_follows(app: Flask, time: Clock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    some_codes()
    user = a_user("coder", email="cole@h.test")
    query = a_sent_query(actor(user))
    amendment = a_correction()
    browser = signed_in(app.test_client(), user)
    assert "Amended since it was signed" in browser.get("/").text
    page = browser.get(f"/queries/{query.ref}").text
    assert "<s>Acute systolic heart failure</s>" in page
    assert "Chronic systolic heart failure: On the echo of today." in page
    address = f"/queries/{query.ref}/amendments/{amendment.ref}"
    browser.post(address, data={"followed": " "})
    assert len(actions.unread()) == 1
    browser.post(address, data={"followed": "I50.22 instead of I50.21"})
    assert actions.unread() == []
    assert "I50.22 instead of I50.21" in browser.get(f"/queries/{query.ref}").text
    assert "Amended since it was signed" not in browser.get("/").text


def test_an_amendment_is_noted_once(app: Flask, time: Clock) -> None:
    coder = actor(a_user("coder", email="cole@h.test"))
    a_sent_query(coder)
    amendment = a_correction()
    actions.note_amendment(coder, amendment, "nothing")
    with pytest.raises(actions.ReconcileError, match="meanwhile"):
        actions.note_amendment(coder, amendment, "something else")
