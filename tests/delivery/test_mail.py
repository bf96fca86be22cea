"""A mail reads the same as text and as HTML, in every mail program, and nobody can put a header into it."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query_mgr.accounts.address import AddressError
from query_mgr.delivery.actions import Mail
from query_mgr.delivery.transport import composed

pytestmark = pytest.mark.sqlite_only
TO, ID, REF = "rosa@riverbend.example", "<abc@query-mgr.example>", "r" * 16
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=300)


def parsed(letter: Mail) -> email.message.EmailMessage:
    raw = composed(letter, ID, REF)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    return email.message_from_bytes(raw, policy=email.policy.SMTP)  # type: ignore[return-value]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_what_is_written_is_what_is_read(app: Flask, lines: list[str], subject: str) -> None:
    mail = parsed(Mail(TO, subject, "\n".join(lines), "<p>" + "<br>\n".join(lines) + "</p>"))
    plain, html = mail.iter_parts()
    assert "".join(str(mail["Subject"]).split()) == "".join(subject.split())  # folding may move blanks
    assert plain.get_content().splitlines() == "\n".join(lines).splitlines()
    assert html.get_content_type() == "text/html"
    assert (mail["To"], mail["Message-ID"]) == (TO, ID)
    assert mail.get_all("Message-ID") == [ID]
    assert not mail.defects


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\x00", "\x1c", "\u2028", "\x85"])
def test_item_100_a_line_break_in_a_header_stops_the_mail(app: Flask, sign: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        composed(Mail(TO, f"Query{sign}Bcc: x@evil.test", "text", "<p>"), ID, REF)
    with pytest.raises(AddressError):
        composed(Mail(f"rosa{sign}@riverbend.example", "Query", "text", "<p>"), ID, REF)


@pytest.mark.parametrize("name", ["Clínica São João", 'The "Best", Inc.', "x" * 300])
def test_item_100_the_organization_is_one_name_before_one_address(app: Flask, name: str) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], organization=name)
    (sender,) = parsed(Mail(TO, "Query", "text", "<p>"))["From"].addresses
    assert sender.addr_spec == app.config["SETTINGS"].mail_sender
    assert "Bcc" not in parsed(Mail(TO, "Query", "text", "<p>"))


@pytest.mark.parametrize(
    "address",
    ["a@b@c", '"a b"@x.org', "alice@good.org(<bob@evil.org>", "a@localhost", "a@x.org,b@x.org", "a" * 255],
)
def test_item_101_and_102_one_mail_has_one_recipient(app: Flask, address: str) -> None:
    with pytest.raises(AddressError):
        composed(Mail(address, "Query", "text", "<p>"), ID, REF)
