"""Users, the provider directory, and what the sign-in page says."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from query_mgr.accounts import actions, permissions
from query_mgr.accounts.address import AddressError, mailbox, one_line
from query_mgr.accounts.models import Provider, User
from query_mgr.accounts.npi import is_valid_npi
from query_mgr.accounts.session import safe_next
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.models import set_installation_fact
from tests.accounts.builders import PASSWORD, a_user, actor, signed_in

ENTRY = {
    "name": "Rosa Medina", "credentials": "MD", "npi": "1234567893", "email": "R.Medina@Riverbend.EXAMPLE",
    "specialty": "Cardiology", "service_line": "Medicine",
}  # fmt: skip


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_an_npi_with_its_check_digit_is_valid(npi: str) -> None:
    assert is_valid_npi(npi)


@pytest.mark.parametrize(
    "npi", ["", "1234567890", "123456789", "12345678933", "１２３４５６７８９３", "12345 7893"]
)
def test_anything_else_is_no_npi(npi: str) -> None:
    assert not is_valid_npi(npi)


@pytest.mark.parametrize(
    "address",
    ["a@b@c", '"a b"@x.org', "alice@good.org(<bob@evil.org>", "a@localhost", "a@x.org.", "a" * 250 + "@x.org",
     "a@x.org,b@x.org", "a@x.org\r\nBcc: b@x.org", "Ann <a@x.org>", "", "a b@x.org"],
)  # fmt: skip
def test_an_address_that_is_not_one_mailbox_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        mailbox(address)


def test_a_mailbox_keeps_its_tag_and_lowers_its_domain() -> None:
    assert mailbox("Ann+tag@X.ORG") == "Ann+tag@x.org"


@pytest.mark.parametrize(
    "name", ["Dr. X\r\nBcc: a@b", "=?utf-8?q?=0aBcc:?=", "a\u2028b", "a\x1cb", "a\x00b", "  ", "\x85"]
)
def test_a_name_that_could_bend_a_header_is_refused(name: str) -> None:
    with pytest.raises(AddressError):
        one_line(name, "The name")


@pytest.mark.parametrize("name", ["O'Brien", "Null", "José", "Jose\u0301", "Робин", "X"])
def test_names_of_people_are_accepted(name: str) -> None:
    assert one_line(name, "The name")


@pytest.mark.parametrize(
    "target", ["//evil.test", "/\\evil.test", "https:evil", "/%0d%0a\r\nx", "", None, "javascript:1"]
)
def test_next_never_leaves_the_site(target: str | None) -> None:
    assert safe_next(target, "/") == "/"


def test_next_keeps_a_path_of_this_site() -> None:
    assert safe_next("/providers?x=1", "/") == "/providers?x=1"


def test_a_directory_entry_is_saved_whole_or_not(app: Flask) -> None:
    manager = actor(a_user("cdi_manager"))
    saved = actions.save_provider(None, actor=manager, **ENTRY, pin="246810")
    assert (saved.email, saved.signature_name) == ("R.Medina@riverbend.example", "Rosa Medina, MD")
    assert actions.pin_matches(saved, "246810")
    assert not actions.pin_matches(saved, "246811")
    for change, word in (
        ({"npi": "1234567890"}, "NPI"),
        ({"email": "x"}, "email"),
        ({"pin": "12"}, "PIN"),
        ({}, "NPI"),
    ):
        with pytest.raises(actions.AccountError, match=word):
            actions.save_provider(None, actor=manager, **{**ENTRY, **change})
    assert db.session.scalar(select(func.count(Provider.id))) == 1


def test_a_coder_may_not_change_the_directory(app: Flask) -> None:
    with pytest.raises(permissions.NotAllowedError):
        actions.save_provider(None, actor=actor(a_user("coder")), **ENTRY)
    assert db.session.scalar(select(func.count(Provider.id))) == 0


def test_unknown_roles_and_taken_addresses_are_refused(app: Flask) -> None:
    a_user("coder")
    for email, roles, word in (("b@h.test", ["king"], "king"), ("ann@h.test", ["coder"], "exists")):
        with pytest.raises(actions.AccountError, match=word):
            actions.create_user(email, "Bo", roles, by="test")
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_every_page_but_the_public_ones_asks_who_is_there(app: Flask) -> None:
    public = {"accounts.sign_in", "accounts.sign_in_post", "accounts.demo_sign_in", "accounts.sign_out", "health.live",
              "static", "bootstrap.static"}  # fmt: skip
    client = app.test_client()
    # The provider's pages and the FHIR interface have guards of their own: a link and a PIN (tests/respond), and a
    # key (tests/charts/test_fhir_post.py).
    closed = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in public and not rule.endpoint.startswith(("respond.", "fhir."))
    ]
    assert closed
    for rule in closed:
        view = app.view_functions[rule.endpoint]
        assert hasattr(view, "query_mgr_action"), f"{rule.rule} has no @requires"
        if "GET" in (rule.methods or ()) and not rule.arguments:
            assert client.get(rule.rule).status_code == 302


def test_the_permission_table_decides_what_a_page_answers(app: Flask) -> None:
    client = app.test_client()
    for role, page, status in (
        ("coder", "/providers/new", 403), ("cdi_manager", "/providers/new", 200),
        ("coder", "/", 200), ("admin", "/", 302), ("biller", "/outbox", 403), ("admin", "/outbox", 200),
    ):  # fmt: skip
        user = db.session.scalar(select(User).where(User.email == f"{role}@h.test")) or a_user(
            role, email=f"{role}@h.test"
        )
        assert signed_in(client, user).get(page).status_code == status, (role, page)


def _post(client, path: str, **form: str):  # type: ignore[no-untyped-def]
    client.application.config["WTF_CSRF_ENABLED"] = False
    return client.post(path, data=form)


def test_signing_in_with_the_right_password_leads_on(app: Flask) -> None:
    a_user("coder", with_password=True)
    client = app.test_client()
    answer = _post(client, "/sign-in", email="ann@h.test", password=PASSWORD, next="/providers")
    assert (answer.status_code, answer.location) == (302, "/providers")
    assert client.get("/providers").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("ann@h.test", "wrong"), ("nobody@h.test", PASSWORD), ("ann@h.test", "x" * 1024)]
)
def test_a_wrong_sign_in_does_not_say_what_was_wrong(app: Flask, email: str, password: str) -> None:
    a_user("coder", with_password=True)
    answer = _post(app.test_client(), "/sign-in", email=email, password=password)
    assert answer.status_code == 401
    assert "Email or password is wrong" in answer.text


def test_one_click_sign_in_needs_the_demo_hospital(app: Flask) -> None:
    user = a_user("coder")
    client = app.test_client()
    assert _post(client, f"/demo/sign-in/{user.id}").status_code == 404
    assert "Demo hospital" not in client.get("/sign-in").text
    with unit_of_work():
        set_installation_fact("demo_hospital", "seed 1")
    assert "Demo hospital" in client.get("/sign-in").text
    assert _post(client, f"/demo/sign-in/{user.id}").status_code == 302


def test_a_form_without_its_csrf_token_changes_nothing(app: Flask) -> None:
    client = signed_in(app.test_client(), a_user("cdi_manager"))
    assert client.post("/providers/new", data=ENTRY).status_code == 400
    assert db.session.scalar(select(func.count(Provider.id))) == 0


def test_a_deactivated_person_is_out_with_the_next_page(app: Flask) -> None:
    user = a_user("coder")
    client = signed_in(app.test_client(), user)
    assert client.get("/providers").status_code == 200
    with unit_of_work():
        db.session.merge(user).active = False
    assert client.get("/providers").status_code == 302


@given(st.text(max_size=300) | st.from_regex(r"[\w.+,;<>\"()\[\] @-]{0,60}@[\w.-]{0,60}", fullmatch=True))
def test_whatever_is_typed_is_one_mailbox_or_refused(address: str) -> None:
    try:
        found = mailbox(address)
    except AddressError as refused:
        assert str(refused).startswith("the email address")
    else:
        assert found.count("@") == 1
        assert found.isprintable()
        assert mailbox(found) == found


def test_c17_c19_signing_in_begins_anew_and_signing_out_ends_copies_of_the_cookie_too(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    a_user("coder", with_password=True)
    client, form = app.test_client(), {"email": "ann@h.test", "password": PASSWORD}
    with client.session_transaction() as session:
        session["left over"] = "of somebody else"
    client.post("/sign-in", data=form)
    with client.session_transaction() as session:
        assert "left over" not in session
    kept = client.get_cookie("session")
    assert kept
    assert client.get("/providers").status_code == 200
    left = client.post("/sign-out")
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("session", kept.value)
    assert client.get("/providers").status_code == 302


@pytest.mark.sqlite_only
def test_099_a_form_of_another_person_in_another_tab_changes_nothing_and_keeps_its_text(app: Flask) -> None:
    for name in ("ann", "bo"):
        user = a_user("cdi_manager", email=f"{name}@h.test")
    client = signed_in(app.test_client(), user)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/providers/new").text)
    assert found
    app.config["WTF_CSRF_ENABLED"] = False
    set_installation_fact("demo_hospital", "seed 1")
    db.session.commit()
    client.post(f"/demo/sign-in/{user.id - 1}")
    app.config["WTF_CSRF_ENABLED"] = True
    late = client.post(
        "/providers/new", data={**ENTRY, "csrf_token": found[1]}, headers={"Origin": "http://localhost"}
    )
    assert late.status_code == 400
    assert "Rosa Medina" in late.text
    assert db.session.scalar(select(func.count(Provider.id))) == 0
