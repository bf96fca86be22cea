"""Billing's pages over HTTP: what waits and why, what was sent, what came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from query_mgr.audit.models import AuditEvent
from query_mgr.charts.models import Encounter
from query_mgr.coding import dnfb
from query_mgr.coding.finishing import pend
from query_mgr.coding.handoff.actions import hand_off, handoffs_of
from query_mgr.coding.models import CaughtError, EncounterCoding
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from tests.accounts.builders import a_user, signed_in
from tests.coding.handoff.builders import CODER, a_receiver, a_stay, ack, finished, status_of
from tests.conftest import Clock


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("biller"))


def a_finding(stay: Encounter, severity: str = "error") -> None:
    with unit_of_work():
        db.session.add(
            CaughtError(
                encounter_id=stay.id, key=f"x|{severity}", edit="x", severity=severity, codes=[], message="m",
                state="open", found_at=datetime(2026, 11, 1, tzinfo=UTC),
            )
        )  # fmt: skip


def discharged(stay: Encounter, at: datetime) -> Encounter:
    with unit_of_work():
        db.session.get_one(Encounter, stay.id).discharged_at = at
    return stay


@pytest.mark.sqlite_only
def test_an_empty_house_says_that_nothing_waits(client: FlaskClient) -> None:
    assert "Nothing waits" in client.get("/coding/billing").text
    assert "Nothing was handed off yet" in client.get("/coding/billing/sent").text


def test_every_account_shows_why_it_is_held_and_for_how_long(client: FlaskClient, time: Clock) -> None:
    now = time()
    pended = discharged(a_stay("ACC-PENDED"), now - timedelta(days=9))
    pend(CODER, pended, "pathology", "biopsy of October 28")
    found = discharged(a_stay("ACC-FINDINGS"), now - timedelta(days=2))
    a_finding(found)
    a_finding(found, "advice")
    discharged(a_stay("ACC-NEW"), now - timedelta(hours=3))
    discharged(a_stay("ACC-IN-HOUSE"), now + timedelta(days=1))
    billed = discharged(a_stay("ACC-BILLED"), now - timedelta(days=5))
    finished(billed)
    hand_off(CODER, billed)
    page = client.get("/coding/billing").text
    assert page.index("ACC-PENDED") < page.index("ACC-FINDINGS") < page.index("ACC-NEW")
    assert "ACC-BILLED" not in page
    assert "ACC-IN-HOUSE" not in page
    for words in ("Pended: a pathology or culture result", "biopsy of October 28", "Findings to fix", "Not started",
                  "3 accounts, 1 of them longer than the bill hold of 3 days"):  # fmt: skip
        assert words in page
    only = client.get("/coding/billing?hold=pend_pathology").text
    assert "ACC-PENDED" in only
    assert "ACC-NEW" not in only
    assert "ACC-NEW" not in client.get("/coding/billing?late=1").text
    assert "No account is held" in client.get("/coding/billing?hold=nonsense").text


def test_a_long_list_comes_in_pages_of_few_statements(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dnfb, "PAGE", 3)
    for number in range(7):
        a_finding(a_stay(f"ACC-{number}"))
    statements: list[str] = []
    client.get("/coding/billing")
    event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    first = client.get("/coding/billing").text
    assert (
        len([one for one in statements if "encounter" in one]) == 3
    )  # the page, the totals, what needs attention
    assert "ACC-2" in first
    assert "ACC-3" not in first
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(address).text
    assert "ACC-2" not in second
    assert "ACC-5" in second
    assert client.get("/coding/billing?after=nonsense").status_code == 200


def test_a_biller_reads_a_message_takes_it_along_and_sends_the_account_back(client: FlaskClient) -> None:
    stay = a_stay()
    finished(stay, reason="")
    assert "Hand off version 1 to billing" in client.get(f"/encounters/{stay.ref}/billing").text
    client.post(f"/encounters/{stay.ref}/billing/hand-off")
    assert status_of(stay) == "handed_off"
    page = client.get(f"/encounters/{stay.ref}/billing").text
    assert "BAR^P12^BAR_P12" in page
    assert "kept here, as no billing system is configured" in page
    assert "CSN-1" in client.get("/coding/billing/sent?q=CSN-1").text
    assert "Nothing of" in client.get("/coding/billing/sent?q=nobody").text
    (bar,) = [one for one in handoffs_of(stay) if one.format == "bar"]
    file = client.get(f"/coding/hand-offs/{bar.ref}/file")
    assert file.data == bar.content.encode()
    assert file.headers["Content-Disposition"] == f'attachment; filename="bar-{bar.ref}.hl7"'
    assert client.get(f"/encounters/{stay.ref}/billing/1.csv").text.startswith(
        '\ufeff"version","version_ref","mrn"'
    )
    assert client.get(f"/encounters/{stay.ref}/billing/2.csv").status_code == 404
    taken = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "hand_off.downloaded")).all()
    assert len(taken) == 2
    client.post(
        f"/encounters/{stay.ref}/billing/return", data={"reason": "charges", "note": "units of <b>J2405</b>"}
    )
    page = client.get(f"/encounters/{stay.ref}/billing").text
    assert "units of &lt;b&gt;J2405" in page
    assert status_of(stay) == "returned"
    assert "Returned by billing" in client.get("/coding/billing").text


@pytest.mark.sqlite_only
def test_a_refused_message_stands_on_top_until_somebody_looks_after_it(
    app: Flask, client: FlaskClient, time: Clock
) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, lambda message: ack(message, "AR", "no such <account>")):
        hand_off(CODER, stay)
        drain(Smtp())
        page = client.get("/coding/billing").text
        assert "Messages that need attention" in page
        assert "Billing refused a message" in page
        ref = handoffs_of(stay)[0].ref
        shown = client.get(f"/encounters/{stay.ref}/billing").text
        assert "no such &lt;account&gt;" in shown
        assert f"/coding/hand-offs/{ref}/again" in shown
        told = client.post(f"/coding/hand-offs/{ref}/settle", data={"reason": "asked"}, follow_redirects=True).text
        assert "Say whether billing has it" in told
        client.post(f"/coding/hand-offs/{ref}/again")
        drain(Smtp())
    assert status_of(stay) == "handed_off"
    assert client.post("/coding/hand-offs/nonsense/again").status_code == 404


@pytest.mark.sqlite_only
def test_a_coder_cannot_return_and_who_reads_no_charts_sees_no_bills(app: Flask, client: FlaskClient) -> None:
    stay = a_stay()
    finished(stay)
    hand_off(CODER, stay)
    coder = signed_in(app.test_client(), a_user("coder", email="coder@h.test"))
    assert "Send it back" not in coder.get(f"/encounters/{stay.ref}/billing").text
    assert coder.post(f"/encounters/{stay.ref}/billing/return", data={"reason": "charges"}).status_code == 403
    admin = signed_in(app.test_client(), a_user("admin", email="admin@h.test"))
    for address in ("/coding/billing", "/coding/billing/sent", f"/encounters/{stay.ref}/billing"):
        assert admin.get(address).status_code == 403


@pytest.mark.sqlite_only
def test_looking_at_an_account_begins_nothing(client: FlaskClient) -> None:
    stay = a_stay()
    assert "The codes are not final" in client.get(f"/encounters/{stay.ref}/billing").text
    assert db.session.get(EncounterCoding, stay.id) is None
