"""Link, visit and headers, each test named after its id in the assurance rules."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.audit.models import AuditEvent
from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_token
from query_mgr.queries import actions as queries
from query_mgr.respond import actions, mail
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.stepup.fetches import agent_class
from query_mgr.respond.stepup.models import LinkFetch, StepUp
from query_mgr.respond.tokens import token_for
from query_mgr.respond.words import masked
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_sent_query
from tests.respond.test_answer import deliver, the_query, with_pin

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
SIGNED = {"option": "acute", "op_id": "op-1"}


def cookie(client: FlaskClient, name: str) -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


def over_tls(app: Flask) -> FlaskClient:
    """A browser that talks to the hospital over TLS."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], base_url="https://localhost")
    app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-session")
    return app.test_client()


@pytest.mark.parametrize(
    ("method", "headers", "found"),
    [
        ("HEAD", {"User-Agent": PHONE, "Sec-Fetch-Mode": "navigate"}, "scanner"),
        ("GET", {"User-Agent": PHONE, "Sec-Fetch-Mode": "navigate"}, "human"),
        ("GET", {"User-Agent": PHONE, "Sec-Fetch-Mode": "navigate", "Sec-Purpose": "prefetch"}, "scanner"),
        ("GET", {"User-Agent": PHONE}, "unknown"),
        ("GET", {"User-Agent": "Mozilla/5.0 (X11) HeadlessChrome/141 Safari/537.36"}, "scanner"),
        ("GET", {"User-Agent": "BarracudaCentral/1.0"}, "scanner"),
        ("GET", {"User-Agent": "python-requests/2.32"}, "scanner"),
        ("GET", {}, "unknown"),
    ],
)
def test_who_fetches_a_link_is_told_apart(method: str, headers: dict[str, str], found: str) -> None:
    assert agent_class(method, headers) == found


def test_084_a_hundred_fetches_by_scanners_change_no_state_and_are_never_opened(
    client: FlaskClient,
    time: Clock,
) -> None:
    a_sent_query()
    path = deliver()
    version = the_query().version
    for number in range(100):
        headers = {"User-Agent": "HeadlessChrome/141", "Sec-Purpose": "prefetch"}
        client.open(path, method=("GET", "HEAD", "OPTIONS")[number % 3], headers=headers)
        time.advance(seconds=5)
    query = the_query()
    assert (query.version, query.status, query.opened_at) == (version, "delivered", None)
    assert db.session.execute(select(LinkFetch.agent, func.count()).group_by(LinkFetch.agent)).all() == [
        ("scanner", 1)
    ]
    assert db.session.scalar(select(func.count(StepUp.id))) == 0
    staff = signed_in(client.application.test_client(), a_user("coder", email="ada@h.test"))
    assert "fetched by a mail scanner" in staff.get(f"/queries/{query.ref}").text
    with_pin(client, path)
    assert the_query().opened_at == time()


@pytest.mark.sqlite_only
def test_the_landing_page_says_whom_it_is_for_without_a_name(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    page = client.get(deliver()).text
    assert "For Dr. R… M…" in page
    assert "Medina" not in page


@pytest.mark.parametrize(
    ("name", "credentials", "shown"),
    [("Ana de la Cruz", "NP", "A… d… l… C…"), ("Bo Li", "D.O., FACP", "Dr. B… L…"), ("李 明", "", "李… 明…")],
)
def test_a_masked_name_keeps_initials_only(name: str, credentials: str, shown: str) -> None:
    assert masked(Provider(name=name, credentials=credentials)) == shown


@pytest.mark.sqlite_only
def test_continue_needs_the_nonce_of_a_page_that_this_browser_was_shown(app: Flask, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    mine, other = app.test_client(), app.test_client()
    form = dict(re.findall(r'name="(\w+)" value="([^"]+)"', mine.get(path).text))
    assert other.post(path, data=form).status_code == 400
    assert mine.post(path, data={**form, "nonce": "guessed"}).status_code == 400
    form = dict(re.findall(r'name="(\w+)" value="([^"]+)"', mine.get(path).text))
    assert mine.post(path, data=form).status_code == 303


@pytest.mark.sqlite_only
def test_c16_a_link_token_has_256_bits_of_lowercase_base32() -> None:
    made = {new_token() for _ in range(10_000)} | {token_for("s" * 32, str(number)) for number in range(10_000)}
    assert len(made) == 20_000
    assert all(re.fullmatch(r"[a-z2-7]{52}", one) for one in made)


def test_c17_proving_rotates_the_cookie_and_the_old_one_is_dead(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    client.post(deliver())
    before = cookie(client, "step")
    client.post("/answer/pin", data={"pin": PIN})
    after = cookie(client, "step")
    assert before
    assert before != after
    assert client.get("/answer").status_code == 200
    client.set_cookie("step", before)
    assert client.get("/answer").status_code == 404
    assert client.get("/answer/pin").status_code == 404


@pytest.mark.sqlite_only
def test_c18_a_visit_ends_after_60_minutes_however_busy(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    with_pin(client, deliver())
    for _ in range(6):
        assert client.get("/answer").status_code == 200
        time.advance(minutes=10)
    assert client.get("/answer").status_code == 200
    time.advance(seconds=1)
    assert client.get("/answer").status_code == 303


@pytest.mark.sqlite_only
def test_c19_leaving_ends_the_visit_on_the_server_and_clears_the_browser(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    with_pin(client, deliver())
    kept = cookie(client, "step")
    left = client.post("/answer/leave")
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("step", kept)
    assert client.get("/answer").status_code == 404


@pytest.mark.sqlite_only
def test_c20_each_signature_uses_a_factor_of_its_own_ten_minutes_old_at_most(
    client: FlaskClient,
    time: Clock,
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    assert 'name="pin"' not in client.post("/answer", data=SIGNED).text
    time.advance(minutes=10, seconds=1)
    assert 'name="pin"' in client.post("/answer", data=SIGNED).text
    for pin, status in (("", 401), ("000000", 401)):
        refused = client.post("/answer/sign", data={**SIGNED, "pin": pin})
        assert (refused.status_code, 'value="acute"' in refused.text) == (status, True)
    assert db.session.scalar(select(func.count(Answer.id))) == 0
    assert "Thank you" in client.post("/answer/sign", data={**SIGNED, "pin": PIN}).text
    assert db.session.scalars(select(Answer)).one().manifest["method"] == "emailed link and PIN"


def test_c21_no_get_of_the_providers_side_changes_more_than_who_was_there(
    client: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    path = deliver()
    with_pin(client, path)
    access = {"link_fetch", "rate_count", "step_up"}
    tables = [one for one in db.metadata.sorted_tables if one.name not in access]

    def everything() -> list[object]:
        db.session.rollback()
        return [db.session.execute(select(table)).all() for table in tables]

    before = everything()
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint.startswith("respond.") and "GET" in (rule.methods or ()):
            client.get(rule.rule.replace("<token>", path.rpartition("/")[2]).replace("<ref>", "x"))
    assert everything() == before


@pytest.mark.sqlite_only
def test_c22_every_cookie_is_bound_to_the_host_over_tls(app: Flask, time: Clock) -> None:
    a_sent_query()
    drain(Smtp())
    settings, link = app.config["SETTINGS"], db.session.scalars(select(QueryLink)).one()
    browser = over_tls(app)
    path = f"https://localhost/r/{token_for(settings.secret_key, link.ref)}"
    page = browser.get(path)
    app.config["WTF_CSRF_ENABLED"] = False
    form = dict(re.findall(r'name="(\w+)" value="([^"]+)"', page.text))
    replies = [page, browser.post(path, data=form)]
    replies.append(browser.post("https://localhost/answer/pin", data={"pin": PIN, "remember": "1"}))
    made = [one for reply in replies for one in reply.headers.getlist("Set-Cookie")]
    assert {one.partition("=")[0] for one in made} == {
        "__Host-session", "__Host-before", "__Host-step", "__Host-device",
    }  # fmt: skip
    for one in made:
        assert {"Secure", "HttpOnly", "Path=/"} <= set(one.split("; ")), one
        assert "Domain" not in one
        assert "SameSite=Strict" in one or one.startswith(("__Host-step", "__Host-session"))


def test_c23_no_secret_of_a_visit_or_device_stands_in_the_database(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    client.post(deliver())
    client.post("/answer/pin", data={"pin": PIN, "remember": "1"})
    secrets = [cookie(client, name) for name in ("step", "device")]
    assert all(secrets)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert not [one for one in secrets if one in str(row)], table.name


def test_c25_a_newer_mail_leaves_the_older_link_until_the_newer_is_used(client: FlaskClient, time: Clock) -> None:
    query = a_sent_query()
    older = deliver()
    with unit_of_work():
        mail._send_link([queries.locked(query.id)])
    newer = deliver()
    assert [client.get(one).status_code for one in (older, newer)] == [200, 200]
    client.post(newer)
    assert [client.get(one).status_code for one in (older, newer)] == [404, 200]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"pin_hash": "another"}, {"email": "b@riverbend.example"}]
)
def test_c08_a_visit_dies_with_the_access_or_the_pin_or_the_address(
    client: FlaskClient,
    time: Clock,
    change: dict[str, object],
) -> None:
    provider = a_sent_query().provider
    with_pin(client, deliver())
    with unit_of_work():
        for name, value in change.items():
            setattr(db.session.get_one(Provider, provider.id), name, value)
    assert client.get("/answer").status_code == 404
    assert client.post("/answer/sign", data={**SIGNED, "pin": PIN}).status_code == 404


@pytest.mark.sqlite_only
def test_c27_to_c30_headers_stand_on_every_answer_even_of_errors(app: Flask, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    browser = over_tls(app)
    for target in (path, "/r/unknown", "/answer", "/answer/pin", "/nowhere", "/static/provider.css"):
        headers = browser.get(f"https://localhost{target}").headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        if target.startswith(("/r/", "/answer")):
            assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
            assert "script-src" not in headers["Content-Security-Policy"]
            assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
            assert headers["X-Robots-Tag"] == "noindex"


@pytest.mark.sqlite_only
def test_c31_a_form_without_its_token_changes_nothing(app: Flask, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    browser = app.test_client()
    assert browser.post(path).status_code == 400
    assert browser.post("/answer/sign", data=SIGNED).status_code == 400
    assert db.session.scalar(select(func.count(StepUp.id))) == 0


@pytest.mark.sqlite_only
def test_c53_no_token_reaches_a_log_at_any_level(
    client: FlaskClient,
    time: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("sqlalchemy.engine", "werkzeug"):
            caplog.set_level(logging.DEBUG, logger=name)
        a_sent_query()
        path = deliver()
        with_pin(client, path)
        client.get("/r/" + "a" * 52)
        try:
            raise ValueError(f"no route for http://localhost{path}")
        except ValueError:
            logging.getLogger("any").exception("view %r failed", {"token": path.rpartition("/")[2]})
    assert "INSERT INTO query_link" in caplog.text
    assert not re.search(r"\b[a-z2-7]{52}\b", caplog.text)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_096_other_methods_are_refused(client: FlaskClient, time: Clock, method: str) -> None:
    a_sent_query()
    path = deliver()
    for target in (path, "/answer", "/answer/sign", "/answer/pin"):
        assert client.open(target, method=method).status_code == 405
        assert (
            client.post(target, headers={"X-HTTP-Method-Override": method}).status_code != 405
            or target == "/answer"
        )


@pytest.mark.sqlite_only
@pytest.mark.parametrize("ref", ["-1", "9223372036854775808", "1e3", "0x1", "١", "x' OR '1'='1", "../x"])
def test_088_a_query_of_somebody_else_cannot_be_named(client: FlaskClient, time: Clock, ref: str) -> None:
    a_sent_query()
    with_pin(client, deliver())
    assert client.get("/answer", query_string={"query": ref}).status_code == 404
    assert client.get(f"/answer?query[]={ref}").status_code == 200  # not the name of anything
    assert client.post("/answer/sign", data={**SIGNED, "query": ref}).status_code == 404


@pytest.mark.sqlite_only
def test_093_a_forged_host_never_reaches_a_mail(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    time.advance(days=8)
    client.post(path + "/renew", headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"})
    drain(Smtp())
    assert "evil" not in "".join(db.session.scalars(select(MailboxMessage.text)))


@pytest.mark.sqlite_only
def test_095_a_thousand_cookies_and_two_thousand_fields_are_answered(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    path = deliver()
    assert client.get(path, headers={"Cookie": "; ".join(f"c{n}=1" for n in range(1000))}).status_code == 200
    assert client.post(path, data={f"f{n}": "1" for n in range(2000)}).status_code in (303, 413)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("pin", ["9" * 1_000_000, "24\x00680", "２４６８１０", "246810" + "0" * 80, "246810 "])
def test_097_a_pin_of_any_shape_is_only_wrong(client: FlaskClient, time: Clock, pin: str) -> None:
    a_sent_query()
    client.post(deliver())
    assert client.post("/answer/pin", data={"pin": pin}).status_code in (400, 401, 413)


def test_the_lock_of_a_link_is_written_down_and_told_to_the_coder_once(client: FlaskClient, time: Clock) -> None:
    a_sent_query(a_coder())
    client.post(deliver())
    for _ in range(7):
        client.post("/answer/pin", data={"pin": "000000"})
    drain(Smtp())
    db.session.rollback()
    told = db.session.scalars(select(MailboxMessage).where(MailboxMessage.recipient == "cole@h.test")).all()
    assert [one.subject[:24] for one in told] == ["A query link was locked "]
    assert "Medina" not in told[0].text + told[0].html
    assert db.session.scalar(select(func.count()).where(AuditEvent.action == "link.locked")) == 1
    assert actions.is_live(db.session.scalars(select(QueryLink)).one())
