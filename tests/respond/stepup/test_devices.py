"""Remembered devices and sensitive stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.charts.fhir import stays
from query_mgr.charts.models import Encounter
from query_mgr.charts.sensitivity import joined, labels, notice
from query_mgr.platform.db import db, unit_of_work
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.stepup.devices import label
from query_mgr.respond.stepup.models import ProviderDevice
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.queries.builders import PIN, a_sent_query
from tests.respond.stepup.test_way_in import PHONE, SIGNED, cookie
from tests.respond.test_answer import deliver, the_query


def remembered(client: FlaskClient) -> str:
    """Come by a new mail, have this device remembered, leave; return the mail's path."""
    a_sent_query()
    path = deliver()
    client.post(path)
    client.post("/answer/pin", data={"pin": PIN, "remember": "1"}, headers={"User-Agent": PHONE})
    client.post("/answer/leave")
    return path


def come(client: FlaskClient, path: str) -> str:
    return client.post(path).location


def the_encounter(**values: object) -> None:
    with unit_of_work():
        row = db.session.scalars(select(Encounter)).one()
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("agent", "words"),
    [(PHONE, "Safari on iPhone"), ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141", "Edge on Windows"),
     ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0", "Firefox on Android"), ("", "A browser")],
)  # fmt: skip
def test_a_device_is_named_so_that_its_owner_knows_it(agent: str, words: str) -> None:
    assert label(agent) == words


def test_a_remembered_device_shows_the_query_and_never_signs(client: FlaskClient, time: Clock) -> None:
    path = remembered(client)
    assert come(client, path) == "/answer"
    assert "Testperson" in client.get("/answer").text
    assert the_query().status == "opened"
    assert 'name="pin"' in client.post("/answer", data=SIGNED).text
    assert client.post("/answer/sign", data=SIGNED).status_code == 401
    assert "Thank you" in client.post("/answer/sign", data={**SIGNED, "pin": PIN}).text
    assert db.session.scalars(select(Answer)).one().manifest["method"] == "emailed link and PIN"


@pytest.mark.sqlite_only
def test_a_device_is_forgotten_30_days_after_its_last_use_and_90_after_its_first(
    client: FlaskClient, time: Clock
) -> None:
    path = remembered(client)
    with unit_of_work():
        db.session.scalars(select(QueryLink)).one().expires_at += timedelta(days=365)
    for _ in range(3):
        time.advance(days=29)
        assert come(client, path) == "/answer"
    time.advance(days=3)
    assert come(client, path) == "/answer/pin"


@pytest.mark.sqlite_only
def test_a_device_that_rests_for_more_than_30_days_is_forgotten(client: FlaskClient, time: Clock) -> None:
    path = remembered(client)
    with unit_of_work():
        db.session.scalars(select(QueryLink)).one().expires_at += timedelta(days=365)
    time.advance(days=30)
    assert come(client, path) == "/answer/pin"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("change", ["pin", "email", "leaves and comes back"])
def test_c08_a_device_dies_with_the_pin_the_address_or_the_access_and_stays_dead(
    client: FlaskClient, time: Clock, change: str
) -> None:
    remembered(client)
    with unit_of_work():
        provider = db.session.scalars(select(Provider)).one()
        match change:
            case "pin":
                provider.pin_hash = "$argon2id$another"
            case "email":
                provider.email, before = "new@riverbend.example", provider.email
                provider.email = before
            case _:
                provider.is_active = False
                provider.is_active = True
    assert come(client, deliver()) == "/answer/pin"


@pytest.mark.sqlite_only
def test_a_device_of_somebody_else_opens_nothing(client: FlaskClient, time: Clock) -> None:
    path = remembered(client)
    with unit_of_work():
        other = Provider(name="Omar Haddad", npi="1679576722", email="o@riverbend.example", created_at=time())
        db.session.add(other)
        db.session.flush()
        db.session.scalars(select(ProviderDevice)).one().provider_id = other.id
    assert come(client, path) == "/answer/pin"


@pytest.mark.sqlite_only
def test_devices_are_listed_and_forgotten_by_their_owner(client: FlaskClient, time: Clock) -> None:
    path = remembered(client)
    come(client, path)
    page = client.get("/answer/access").text
    assert "Safari on iPhone" in page
    assert "(this one)" in page
    device = db.session.scalars(select(ProviderDevice)).one()
    assert client.post("/answer/access/forget", data={"device": "unknown"}).status_code == 303
    assert client.post("/answer/access/forget", data={"device": device.ref}).status_code == 303
    assert cookie(client, "device") == ""
    assert come(client, path) == "/answer/pin"


@pytest.mark.sqlite_only
def test_the_desk_lists_and_forgets_devices_of_a_provider(client: FlaskClient, time: Clock) -> None:
    path = remembered(client)
    provider, device = db.session.scalars(select(Provider)).one(), db.session.scalars(select(ProviderDevice)).one()
    staff = signed_in(client.application.test_client(), a_user("admin", email="root@h.test"))
    assert "Safari on iPhone" in staff.get(f"/providers/{provider.ref}/access").text
    assert staff.post(f"/providers/{provider.ref}/access/revoke", data={"device": device.ref}).status_code == 302
    assert come(client, path) == "/answer/pin"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("level", ["L-1", "L-2"])
def test_a_sensitive_stay_opens_by_no_device(client: FlaskClient, time: Clock, app: Flask, level: str) -> None:
    path = remembered(client)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], step_up_level=level)
    the_encounter(sensitivity="HIV")
    assert come(client, path) == "/answer/pin"
    assert "Remember this device" not in client.get("/answer/pin").text


@pytest.mark.sqlite_only
def test_a_stay_that_becomes_sensitive_asks_again_in_the_midst_of_a_visit(
    client: FlaskClient, time: Clock
) -> None:
    path = remembered(client)
    come(client, path)
    the_encounter(sensitivity="PSY")
    assert client.get("/answer").status_code == 303
    assert client.post("/answer", data=SIGNED).status_code == 401
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 303
    assert client.get("/answer").status_code == 200


@pytest.mark.sqlite_only
def test_at_the_highest_level_a_pin_opens_nothing(client: FlaskClient, time: Clock, app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], step_up_level="L-3")
    a_sent_query()
    client.post(deliver())
    page = client.get("/answer/pin")
    assert "none is set up for you yet" in page.text
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 401


@pytest.mark.parametrize(
    ("codes", "kept"),
    [(["N", "R"], ""), (["ETH", "psy"], "ETH PSY"), (["SUD"], "ETH"), (["HIV", "HIV", "TABOO"], "HIV")],
)
def test_security_labels_of_hl7_become_ours(codes: list[str], kept: str) -> None:
    assert joined(codes) == kept
    assert labels(kept) == tuple(kept.split())
    resource = {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": one} for one in codes]}}  # fmt: skip
    assert stays._sensitivity(resource) == kept


@pytest.mark.sqlite_only
def test_c68_the_notice_of_part_2_stands_on_page_receipt_and_print(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    the_encounter(sensitivity="ETH HIV")
    words = notice("ETH")
    client.post(deliver())
    client.post("/answer/pin", data={"pin": PIN})
    assert words in client.get("/answer").text
    assert words in client.post("/answer/sign", data=SIGNED).text
    encounter = db.session.scalars(select(Encounter)).one()
    staff = signed_in(client.application.test_client(), a_user("coder", email="ada@h.test"))
    for path in (f"/encounters/{encounter.ref}", f"/encounters/{encounter.ref}/print"):
        assert words in staff.get(path).text, path
    the_encounter(sensitivity="HIV")
    assert words not in client.get("/answer").text


@pytest.mark.sqlite_only
def test_a_coder_labels_a_stay_and_it_is_written_down(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    encounter = db.session.scalars(select(Encounter)).one()
    staff = signed_in(client, a_user("coder", email="ada@h.test"))
    assert (
        staff.post(f"/encounters/{encounter.ref}/labels", data={"label": ["PSY", "nonsense"]}).status_code == 400
    )
    assert staff.post(f"/encounters/{encounter.ref}/labels", data={"label": ["PSY", "ETH"]}).status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(Encounter)).one().sensitivity == "ETH PSY"
    assert "Psychiatry" in staff.get(f"/encounters/{encounter.ref}").text


@pytest.mark.sqlite_only
def test_a_link_ends_four_days_after_the_query_is_due_at_the_latest(
    client: FlaskClient, time: Clock, app: Flask
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], link_days=365)
    query = a_sent_query()
    assert query.due_at
    assert db.session.scalars(select(QueryLink)).one().expires_at == query.due_at + timedelta(days=4)
