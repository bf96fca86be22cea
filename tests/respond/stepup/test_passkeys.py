"""Passkeys, with an authenticator made of a key and a few bytes."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from query_mgr.platform.db import db
from query_mgr.respond.models import Answer
from query_mgr.respond.stepup.models import ProviderFactor
from tests.conftest import Clock
from tests.queries.builders import PIN, a_provider, a_sent_query
from tests.respond.stepup.test_enrolment import NEW, NPI, invited, without_pin
from tests.respond.stepup.test_way_in import SIGNED
from tests.respond.test_answer import deliver, with_pin

ORIGIN = "http://localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """A phone's passkey for one site."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identity: bytes = b"a passkey's identity"
    count: int = 0

    def make(self, options: dict[str, Any]) -> str:
        """Answer a registration."""
        number = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: number.x.to_bytes(32, "big"), -3: number.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.identity).to_bytes(2, "big") + self.identity + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"], ORIGIN)
        return self._said({"clientDataJSON": client, "attestationObject": made})

    def answer(self, options: dict[str, Any], *, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED) -> str:
        """Answer a sign-in."""
        self.count += 1
        data, client = (
            self._data(options["rpId"], flags),
            self._client("webauthn.get", options["challenge"], origin),
        )
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _said(self, response: dict[str, bytes]) -> str:
        identity = bytes_to_base64url(self.identity)
        told = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": identity, "rawId": identity, "type": "public-key", "response": told})


def with_passkey(client: FlaskClient) -> tuple[str, Authenticator]:
    """Make a passkey by the pages; return the path of the mail and the passkey."""
    a_sent_query()
    path, passkey = deliver(), Authenticator()
    with_pin(client, path)
    page = client.post("/answer/access/passkey", data={"pin": PIN})
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    found = re.search(r'data-make="([^"]+)"', page.text)
    assert found
    made = passkey.make(json.loads(html.unescape(found[1])))
    assert client.post("/answer/access/passkey/keep", data={"credential": made}).status_code == 303
    assert client.post("/answer/access/passkey/keep", data={"credential": made}).status_code == 400
    client.post("/answer/leave")
    client.post(path)
    return path, passkey


def given(client: FlaskClient, passkey: Authenticator, **changes: Any) -> dict[str, str]:
    options = client.post("/answer/passkey").get_json()
    return {"factor": "passkey", "passkey": passkey.answer(options, **changes)}


def test_a_passkey_opens_and_signs_and_the_pin_alone_does_not_any_more(client: FlaskClient, time: Clock) -> None:
    _, passkey = with_passkey(client)
    page = client.get("/answer/pin")
    assert "with a passkey" in page.text
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 401
    assert client.post("/answer/pin", data=given(client, passkey)).status_code == 303
    assert client.get("/answer").headers["Content-Security-Policy"].count("script-src") == 0
    assert "Thank you" in client.post("/answer/sign", data=SIGNED).text
    assert db.session.scalars(select(Answer)).one().manifest["method"] == "emailed link and passkey"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("change", [{"origin": "https://evil.test"}, {"flags": PRESENT}, {"flags": VERIFIED}])
def test_an_answer_for_another_site_or_without_the_person_opens_nothing(
    client: FlaskClient, time: Clock, change: dict[str, Any]
) -> None:
    _, passkey = with_passkey(client)
    assert client.post("/answer/pin", data=given(client, passkey, **change)).status_code == 401


@pytest.mark.sqlite_only
def test_an_answer_is_taken_once_and_only_of_this_passkey(client: FlaskClient, time: Clock) -> None:
    path, passkey = with_passkey(client)
    stranger = Authenticator(identity=passkey.identity)
    assert client.post("/answer/pin", data=given(client, stranger)).status_code == 401
    answer = given(client, passkey)
    assert client.post("/answer/pin", data=answer).status_code == 303
    client.post(path)
    assert client.post("/answer/pin", data=answer).status_code == 401
    client.post("/answer/passkey")
    assert client.post("/answer/pin", data=answer).status_code == 401
    passkey.count = 0  # a copy of the passkey: its counter goes back
    assert client.post("/answer/pin", data=given(client, passkey)).status_code == 401


@pytest.mark.sqlite_only
@pytest.mark.parametrize("junk", ["", "{}", "[]", '{"id": 1}', "null", "x" * 50_000, '{"id":"a","response":{}}'])
def test_junk_in_place_of_a_passkey_is_only_wrong(client: FlaskClient, time: Clock, junk: str) -> None:
    with_passkey(client)
    client.post("/answer/passkey")
    assert client.post("/answer/pin", data={"factor": "passkey", "passkey": junk}).status_code == 401


@pytest.mark.sqlite_only
def test_at_the_highest_level_a_passkey_opens_and_a_revoked_one_does_not(
    client: FlaskClient, time: Clock, app: Flask
) -> None:
    path, passkey = with_passkey(client)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], step_up_level="L-3")
    assert client.post("/answer/pin", data=given(client, passkey)).status_code == 303
    factor = db.session.scalars(select(ProviderFactor)).one()
    assert base64url_to_bytes(factor.subject or "") == passkey.identity
    assert client.post("/answer/access/take-away", data={"factor_ref": factor.ref}).status_code == 303
    client.post(path)
    assert client.post("/answer/passkey").status_code == 404
    assert "none is set up for you yet" in client.get("/answer/pin").text


@pytest.mark.sqlite_only
def test_a_passkey_can_be_made_right_after_the_pin_was_chosen_once(client: FlaskClient, time: Clock) -> None:
    a_provider()
    without_pin()
    client.post(invited(client))
    page = client.post("/enrol", data={"npi": NPI, "pin": NEW, "again": NEW})
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    options = re.search(r'data-make="([^"]+)"', page.text)
    assert options
    passkey = Authenticator()
    made = passkey.make(json.loads(html.unescape(options[1])))
    assert client.post("/enrol/passkey", data={"credential": "{}"}).status_code == 400
    assert "And so is your passkey" in client.post("/enrol/passkey", data={"credential": made}).text
    assert client.post("/enrol/passkey", data={"credential": made}).status_code == 404


@pytest.mark.sqlite_only
def test_a_while_after_the_pin_was_chosen_no_passkey_is_made_by_the_invitation(
    client: FlaskClient, time: Clock
) -> None:
    a_provider()
    without_pin()
    client.post(invited(client))
    client.post("/enrol", data={"npi": NPI, "pin": NEW, "again": NEW})
    time.advance(minutes=11)
    assert client.post("/enrol/passkey", data={"credential": "{}"}).status_code == 404
