"""Single sign-on: what a token must say, and the way there and back with an issuer in this process."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from query_mgr.platform.db import db
from query_mgr.respond.models import Answer
from query_mgr.respond.stepup.id_token import Expected, IdTokenError, claims_of
from query_mgr.respond.stepup.models import ProviderFactor
from tests.conftest import Clock
from tests.queries.builders import PIN, a_sent_query
from tests.respond.stepup.test_way_in import SIGNED
from tests.respond.test_answer import deliver

NOW = 1_800_000_000
KEY = ECKey.generate_key("P-256", {"kid": "k1"})
OTHER = ECKey.generate_key("P-256", {"kid": "k2"})
RSA = RSAKey.generate_key(2048, {"kid": "k3"})
EXPECTED = Expected("https://id.hospital.test", "query-mgr", "n" * 64, NOW - 20, NOW)
CLAIMS = {"iss": "https://id.hospital.test", "aud": "query-mgr", "sub": "u1", "nonce": "n" * 64, "iat": NOW,
          "exp": NOW + 300, "auth_time": NOW - 5}  # fmt: skip


def public(*keys: Any) -> dict[str, Any]:
    return KeySet(list(keys)).as_dict(private=False)


def token(claims: dict[str, Any], key: Any = KEY, alg: str = "ES256", **header: str) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=["ES256", "RS256", "HS256"])


def unsigned(claims: dict[str, Any]) -> str:
    from base64 import urlsafe_b64encode

    parts = ({"alg": "none", "kid": "k1"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


@pytest.mark.parametrize("claims", [{}, {"aud": ["query-mgr"]}, {"aud": ["query-mgr", "x"], "azp": "query-mgr"},
                                    {"iat": NOW + 30}, {"exp": NOW - 30}])  # fmt: skip
def test_c15_a_token_that_is_all_it_must_be_is_taken(claims: dict[str, Any]) -> None:
    assert claims_of(token(CLAIMS | claims), public(OTHER, KEY), EXPECTED)["sub"] == "u1"
    assert claims_of(token(CLAIMS | claims, RSA, "RS256"), public(KEY, RSA), EXPECTED)["sub"] == "u1"


@pytest.mark.parametrize(
    "wrong",
    [
        token(CLAIMS | {"iss": "https://evil.test"}), token({**CLAIMS, "iss": "https://id.hospital.test/"}),
        token(CLAIMS | {"aud": "another"}), token(CLAIMS | {"aud": ["query-mgr", "x"]}), token(CLAIMS | {"azp": "x"}),
        token(CLAIMS | {"nonce": "m" * 64}), token(CLAIMS | {"exp": NOW - 61}), token(CLAIMS | {"iat": NOW + 61}),
        token(CLAIMS | {"auth_time": NOW - 3600}), token(CLAIMS | {"auth_time": NOW + 3600}),
        token(CLAIMS | {"auth_time": "now"}), token(CLAIMS | {"auth_time": True}), token(CLAIMS | {"sub": ""}),
        token(CLAIMS | {"sub": "x" * 256}), *(token({k: v for k, v in CLAIMS.items() if k != left}) for left in CLAIMS),
        unsigned(CLAIMS), token(CLAIMS, OTHER), token(CLAIMS, OTHER, kid="k1"),
        token(CLAIMS, OctKey.import_key(json.dumps(KEY.as_dict(private=False)), {"kid": "k1"}), "HS256"),
        "", "a.b.c", token(CLAIMS)[:-4], "x" * 20_000,
    ],
)  # fmt: skip
def test_c15_any_other_token_is_refused(wrong: str) -> None:
    with pytest.raises(IdTokenError):
        claims_of(wrong, public(KEY), EXPECTED)


@dataclass
class Issuer:
    """An OpenID Connect provider in this process. Whoever comes is signed on as `claims` say."""

    clock: Clock
    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    tokens: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        found = {
            "/.well-known/openid-configuration": self._metadata,
            "/keys": lambda request: public(KEY),
            "/token": self._token,
        }[request.path](request)
        return Response(json.dumps(found), mimetype="application/json")(environ, start)

    def _metadata(self, request: Request) -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.address} | {name: f"{self.address}/{end}" for name, end in names.items()}

    def _token(self, request: Request) -> dict[str, Any]:
        self.tokens.append(request.form.to_dict())
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.address, "aud": "query-mgr", "nonce": self.asked["nonce"], "iat": now, "exp": now + 60,
            "auth_time": now, "sub": "u1", "email": "Rosa@riverbend.example", "email_verified": True,
        }  # fmt: skip
        return {"access_token": "a", "token_type": "Bearer", "id_token": token(claims | self.claims)}


@pytest.fixture
def issuer(app: Flask, time: Clock) -> Iterator[Issuer]:
    made = Issuer(time)
    server = make_server("127.0.0.1", 0, made, threaded=True)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    app.config["SETTINGS"] = replace(
        app.config["SETTINGS"], oidc_issuer=made.address, oidc_client_id="query-mgr", oidc_client_secret="s" * 20,
        step_up_level="L-3",
    )  # fmt: skip
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def go(client: FlaskClient, issuer: Issuer, **form: str) -> str:
    """Press the button; return the state that the issuer was asked with."""
    page = client.post("/answer/sso", data=form)
    assert page.status_code == 200
    found = re.search(r'href="(http://127[^"]+)"', page.text)
    assert found
    asked = parse_qs(urlsplit(html.unescape(found[1])).query)
    issuer.asked = {name: values[0] for name, values in asked.items()}
    assert (issuer.asked["prompt"], issuer.asked["max_age"]) == ("login", "0")
    assert issuer.asked["code_challenge_method"] == "S256"
    return issuer.asked["state"]


def back(client: FlaskClient, state: str, code: str = "c") -> Any:
    return client.get("/answer/sso/back", query_string={"state": state, "code": code})


def at_the_door(client: FlaskClient) -> str:
    a_sent_query()
    path = deliver()
    client.post(path)
    return path


def test_signing_on_opens_signs_and_binds_the_account_to_the_provider(client: FlaskClient, issuer: Issuer) -> None:
    path = at_the_door(client)
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 401
    assert back(client, go(client, issuer)).location == "/answer"
    assert issuer.tokens[0]["code_verifier"]
    assert "Thank you" in client.post("/answer/sign", data=SIGNED).text
    assert db.session.scalars(select(Answer)).one().manifest["method"] == "emailed link and single sign-on"
    bound = db.session.scalars(select(ProviderFactor)).one()
    assert (bound.kind, bound.issuer, bound.subject) == ("sso", issuer.address, "u1")
    assert client.get(path).status_code == 404


@pytest.mark.sqlite_only
def test_c15_an_account_of_somebody_else_and_one_that_nobody_verified_open_nothing(
    client: FlaskClient, issuer: Issuer
) -> None:
    at_the_door(client)
    for claims in (
        {"email": "b@riverbend.example"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": ""},
    ):
        issuer.claims = claims
        assert back(client, go(client, issuer)).status_code == 401
    assert client.get("/answer").status_code == 303
    issuer.claims = {}
    assert back(client, go(client, issuer)).status_code == 303
    issuer.claims = {"sub": "u2"}  # the same address, another account: the first one stays
    assert back(client, go(client, issuer)).status_code == 401


@pytest.mark.sqlite_only
def test_c15_the_same_name_at_another_issuer_is_somebody_else(client: FlaskClient, issuer: Issuer) -> None:
    provider = a_sent_query().provider
    factor = ProviderFactor(provider_id=provider.id, kind="sso", label="x", issuer="https://other.test", subject="u1",
                            made_at=issuer.clock(), confirmed_at=issuer.clock(), last_used=0)  # fmt: skip
    db.session.add(factor)
    db.session.commit()
    client.post(deliver())
    issuer.claims = {"email": "b@riverbend.example"}
    assert back(client, go(client, issuer)).status_code == 401


@pytest.mark.sqlite_only
def test_c15_a_state_is_the_visits_own_and_good_once_and_for_ten_minutes(
    client: FlaskClient, issuer: Issuer
) -> None:
    path = at_the_door(client)
    other = client.application.test_client()
    other.post(path)
    state = go(client, issuer)
    assert back(other, state).status_code == 401
    assert back(client, "guessed").status_code == 401
    assert back(client, state).status_code == 401  # one try
    state = go(client, issuer)
    issuer.clock.advance(minutes=11)
    assert back(client, state).status_code == 401
    assert issuer.tokens == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "claims", [{"nonce": "x"}, {"iss": "https://evil.test"}, {"aud": "x"}, {"exp": 1}, {"auth_time": 1}]
)
def test_c15_a_wrong_token_opens_nothing(client: FlaskClient, issuer: Issuer, claims: dict[str, Any]) -> None:
    at_the_door(client)
    issuer.claims = claims
    page = back(client, go(client, issuer))
    assert page.status_code == 401
    assert client.get("/answer").status_code == 303


@pytest.mark.sqlite_only
def test_an_issuer_that_is_away_or_another_one_is_said_in_plain_words(client: FlaskClient, issuer: Issuer) -> None:
    at_the_door(client)
    address, issuer.address = issuer.address, "https://somebody.else"
    page = client.post("/answer/sso")
    assert page.status_code == 502
    assert "not set up rightly" in page.text
    issuer.address = address
    settings = client.application.config["SETTINGS"]
    client.application.config["SETTINGS"] = replace(settings, oidc_issuer="http://127.0.0.1:9")
    assert "does not answer" in client.post("/answer/sso").text


@pytest.mark.sqlite_only
def test_what_was_typed_waits_while_the_provider_signs_on_for_a_signature(
    client: FlaskClient, issuer: Issuer
) -> None:
    at_the_door(client)
    back(client, go(client, issuer))
    issuer.clock.advance(minutes=11)
    form = {"option": "other", "text": "High output failure", "op_id": "op-1"}
    review = client.post("/answer", data=form)
    assert "hospital&#39;s sign-on" in review.text or "hospital's sign-on" in review.text
    assert client.post("/answer/sign", data=form).status_code == 401
    page = back(client, go(client, issuer, **form))
    assert "High output failure" in page.text
    assert "Thank you" in client.post("/answer/sign", data=form).text
