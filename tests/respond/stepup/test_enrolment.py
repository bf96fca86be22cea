"""Authenticator apps, invitations and new PINs."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.accounts.actions import pin_matches
from query_mgr.accounts.models import Provider
from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from query_mgr.respond.models import Answer
from query_mgr.respond.stepup import totp
from query_mgr.respond.stepup.models import ProviderFactor, ProviderInvite
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.queries.builders import PIN, a_provider, a_sent_query
from tests.respond.stepup.test_way_in import SIGNED
from tests.respond.test_answer import deliver, with_pin

NPI, NEW = "1234567893", "739158"


def code(client: FlaskClient, time: Clock, ahead: int = 0) -> str:
    factor = db.session.scalars(select(ProviderFactor)).one()
    secret = totp.secret_for(client.application.config["SETTINGS"].secret_key, factor.ref)
    return totp.code_at(secret, int(time().timestamp()) // 30 + ahead)


def with_app(client: FlaskClient, time: Clock) -> str:
    """Set up an authenticator app by the pages; return the path of the mail."""
    a_sent_query()
    path = deliver()
    with_pin(client, path)
    page = client.post("/answer/access/app", data={"pin": PIN})
    assert "otpauth://totp/" in page.text
    assert "<svg" in page.text
    assert client.post("/answer/access/app/confirm", data={"code": "000000"}).status_code == 400
    assert client.post("/answer/access/app/confirm", data={"code": code(client, time)}).status_code == 303
    assert "Authenticator app" in client.get("/answer/access").text
    client.post("/answer/leave")
    return path


def the_provider() -> Provider:
    db.session.rollback()
    return db.session.scalars(select(Provider)).one()


def test_098_an_app_takes_the_place_of_the_pin_and_each_code_opens_once(client: FlaskClient, time: Clock) -> None:
    path = with_app(client, time)
    client.post(path)
    assert "Your code" in client.get("/answer/pin").text
    assert client.post("/answer/pin", data={"factor": "pin", "pin": PIN}).status_code == 401
    used = code(client, time)
    assert client.post("/answer/pin", data={"factor": "totp", "code": used}).status_code == 401
    assert client.post("/answer/pin", data={"factor": "totp", "code": code(client, time, 1)}).status_code == 303
    assert "Thank you" in client.post("/answer/sign", data=SIGNED).text
    method = db.session.scalars(select(Answer)).one().manifest["method"]
    assert method == "emailed link and authenticator code"


@pytest.mark.sqlite_only
def test_098_guesses_of_a_code_are_throttled_as_those_of_a_pin(client: FlaskClient, time: Clock) -> None:
    client.post(with_app(client, time))
    guesses = [
        client.post("/answer/pin", data={"factor": "totp", "code": f"{n:06d}"}).status_code for n in range(6)
    ]
    assert guesses == [401] * 5 + [429]
    assert client.post("/answer/pin", data={"factor": "totp", "code": code(client, time, 1)}).status_code == 429


@pytest.mark.sqlite_only
def test_c20_an_app_is_set_up_and_taken_away_only_with_a_factor_given_for_it(
    client: FlaskClient, time: Clock
) -> None:
    path = with_app(client, time)
    client.post(path)
    client.post("/answer/pin", data={"factor": "totp", "code": code(client, time, 1)})
    time.advance(minutes=11)
    factor = db.session.scalars(select(ProviderFactor)).one()
    taken = client.post("/answer/access/take-away", data={"factor_ref": factor.ref})
    assert taken.status_code == 401
    given = {"factor_ref": factor.ref, "factor": "totp", "code": code(client, time)}
    assert client.post("/answer/access/take-away", data=given).status_code == 303
    client.post(path)
    assert "Your PIN" in client.get("/answer/pin").text


def invited(client: FlaskClient, role: str = "coder") -> str:
    """Invite the only provider; return the path in the mail."""
    staff = signed_in(client.application.test_client(), a_user(role, email=f"{role}@h.test"))
    assert staff.post(f"/providers/{the_provider().ref}/access/invite").status_code == 302
    return mailed()


def mailed() -> str:
    drain(Smtp())
    db.session.rollback()
    mail = db.session.scalars(select(MailboxMessage).order_by(MailboxMessage.id.desc()).limit(1)).one()
    assert "Medina" not in f"{mail.subject} {mail.text} {mail.html}"
    found = re.search(r"http://localhost(/e/[a-z2-7]{52})\s", mail.text)
    assert found
    return found.group(1)


def without_pin() -> None:
    with unit_of_work():
        db.session.scalars(select(Provider)).one().pin_hash = None


def choose(client: FlaskClient, **changes: str) -> int:
    form = {"npi": NPI, "pin": NEW, "again": NEW} | changes
    return client.post("/enrol", data=form).status_code


def test_an_invited_provider_chooses_a_pin_with_their_npi_once(client: FlaskClient, time: Clock) -> None:
    a_provider()
    without_pin()
    path = invited(client)
    assert client.get(path).status_code == client.head(path).status_code == 200
    assert client.post(path).status_code == 303
    assert path.rpartition("/")[2] not in client.get("/enrol").text
    for changes in (
        {"npi": "1234567890"},
        {"npi": "1679576722"},
        {"again": "739159"},
        {"pin": "123456", "again": "123456"},
    ):
        assert choose(client, **changes) == 400
    assert not the_provider().pin_hash
    assert choose(client) == 200
    assert pin_matches(the_provider(), NEW)
    assert client.get(path).status_code == 404
    assert choose(client) == 404


@pytest.mark.sqlite_only
def test_the_npi_of_an_invitation_cannot_be_guessed_on_and_on(client: FlaskClient, time: Clock) -> None:
    a_provider()
    without_pin()
    client.post(invited(client))
    assert [choose(client, npi="1679576722") for _ in range(6)] == [400] * 5 + [429]
    assert choose(client) == 429


@pytest.mark.sqlite_only
def test_a_newer_invitation_ends_the_older_and_both_expire(client: FlaskClient, time: Clock) -> None:
    a_provider()
    without_pin()
    older = invited(client)
    newer = invited(client, "admin")
    assert [client.get(one).status_code for one in (older, newer)] == [404, 200]
    time.advance(days=7)
    assert client.get(newer).status_code == 404


def a_reset(client: FlaskClient) -> ProviderInvite:
    """Ask for a new PIN on the page of a query."""
    a_sent_query()
    client.post(deliver())
    assert "Nothing has changed yet" in client.post("/answer/forgot").text
    client.post("/answer/forgot")
    return db.session.scalars(select(ProviderInvite)).one()


def test_a_new_pin_needs_the_desk_the_call_the_npi_and_the_mail(client: FlaskClient, time: Clock) -> None:
    asked = a_reset(client)
    drain(Smtp())
    db.session.rollback()
    told = select(MailboxMessage).where(MailboxMessage.recipient == "cole@h.test")
    assert "asks for a new PIN" in db.session.scalars(told).one().subject
    assert pin_matches(the_provider(), PIN)
    staff = signed_in(client.application.test_client(), a_user("coder", email="desk@h.test"))
    page = f"/providers/{the_provider().ref}/access"
    assert "Asks for a new PIN" in staff.get(page).text
    assert staff.post(f"{page}/reset", data={"request": asked.ref, "do": "approve"}).status_code == 400
    approved = staff.post(f"{page}/reset", data={"request": asked.ref, "do": "approve", "called": "1"}).text
    found = re.search(r">(\d{6})</strong>", approved)
    assert found
    assert found[1] not in staff.get(page).text
    client.post(mailed())
    assert choose(client) == 400
    assert choose(client, call_code=f"{(int(found[1]) + 1) % 10**6:06d}") == 400
    assert choose(client, call_code=found[1]) == 200
    assert pin_matches(the_provider(), NEW)
    assert not pin_matches(the_provider(), PIN)


@pytest.mark.sqlite_only
def test_a_reset_that_is_turned_down_mails_nothing(client: FlaskClient, time: Clock) -> None:
    asked = a_reset(client)
    staff = signed_in(client.application.test_client(), a_user("coder", email="desk@h.test"))
    staff.post(f"/providers/{the_provider().ref}/access/reset", data={"request": asked.ref, "do": "decline"})
    drain(Smtp())
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(MailboxMessage.subject == "Your new PIN")) == 0
    again = staff.post(f"/providers/{the_provider().ref}/access/reset", data={"request": asked.ref, "do": "approve", "called": "1"})  # fmt: skip
    assert again.status_code == 400


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", ["biller", "physician_advisor", "auditor"])
def test_only_the_desk_gives_access(client: FlaskClient, time: Clock, role: str) -> None:
    provider = a_provider()
    staff = signed_in(client, a_user(role))
    assert staff.get(f"/providers/{provider.ref}/access").status_code == 403
    assert staff.post(f"/providers/{provider.ref}/access/invite").status_code == 403
