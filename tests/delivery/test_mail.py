"""A mail reads the same as text and as HTML, in every mail program, and nobody can put a header into it."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query_mgr.accounts.address import AddressError
from query_mgr.delivery.actions import Mail
from query_mgr.delivery.letters import as_html
from query_mgr.delivery.transport import composed
from tests.services import ROOT

pytestmark = pytest.mark.sqlite_only
TO, ID, REF = "rosa@riverbend.example", "<abc@query-mgr.example>", "r" * 16
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=300)


class Reader(HTMLParser):
    """What a person reads of an HTML mail, its title first."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self._is_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        self.addresses += [value or "" for name, value in attributes if name in ("href", "src", "background")]

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def parsed(letter: Mail) -> email.message.EmailMessage:
    raw = composed(letter, ID, REF)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    return email.message_from_bytes(raw, policy=email.policy.SMTP)  # type: ignore[return-value]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_what_is_written_is_what_is_read(app: Flask, lines: list[str], subject: str) -> None:
    mail = parsed(Mail(TO, subject, "\n".join(lines)))
    plain, html = mail.iter_parts()
    assert "".join(str(mail["Subject"]).split()) == "".join(subject.split())  # folding may move blanks
    assert plain.get_content().splitlines() == "\n".join(lines).splitlines()
    assert html.get_content_type() == "text/html"
    read = Reader(html.get_content()).text
    assert read.replace(" ", "") == "".join((subject + "\n".join(lines)).split())
    assert (mail["To"], mail["Message-ID"]) == (TO, ID)
    assert mail.get_all("Message-ID") == [ID]
    assert not mail.defects


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\x00", "\x1c", "\u2028", "\x85"])
def test_item_100_a_line_break_in_a_header_stops_the_mail(app: Flask, sign: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        composed(Mail(TO, f"Query{sign}Bcc: x@evil.test", "text"), ID, REF)
    with pytest.raises(AddressError):
        composed(Mail(f"rosa{sign}@riverbend.example", "Query", "text"), ID, REF)


@pytest.mark.parametrize("name", ["Clínica São João", 'The "Best", Inc.', "x" * 300])
def test_item_100_the_organization_is_one_name_before_one_address(app: Flask, name: str) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], organization=name)
    (sender,) = parsed(Mail(TO, "Query", "text"))["From"].addresses
    assert sender.addr_spec == app.config["SETTINGS"].mail_sender
    assert "Bcc" not in parsed(Mail(TO, "Query", "text"))


@pytest.mark.parametrize(
    "address",
    ["a@b@c", '"a b"@x.org', "alice@good.org(<bob@evil.org>", "a@localhost", "a@x.org,b@x.org", "a" * 255],
)
def test_item_101_and_102_one_mail_has_one_recipient(app: Flask, address: str) -> None:
    with pytest.raises(AddressError):
        composed(Mail(address, "Query", "text"), ID, REF)


LETTER = """A documentation query is waiting for you at R & B <Medical> (reference ABC-DEF).

Open the query; you will be asked for your PIN:
https://queries.example/r/abc?x=1&y=2

- reference ABC-DEF, to Rosa Medina, MD: https://queries.example/queries/abc
- reference GHI-JKM, to Ted O'Hara

Nothing about a patient is in this mail.
Please do not reply."""


def test_the_html_of_a_mail_says_what_its_text_says_with_a_button_that_names_what_it_does() -> None:
    page = as_html(LETTER, "Query waiting")
    read = Reader(page)
    for sentence in re.split(r": https?://\S+|https?://\S+|\n- |\n", LETTER):
        assert sentence in read.text
    assert read.addresses == ["https://queries.example/r/abc?x=1&y=2", "https://queries.example/queries/abc"]
    assert ">Open the query</a>" in page
    assert "<img" not in page


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "templates" / "mail").iterdir()))
def test_every_mail_names_its_buttons_in_few_words_and_is_plain_text_alone(app: Flask, name: str) -> None:
    values = {"queries": [], "url": "https://queries.example/r/abc", "organization": "Riverbend", "number": 2}
    text = app.jinja_env.get_template(f"mail/{name}").render(values)
    labels = re.findall(r'class="button"[^>]*>([^<]+)</a>', as_html(text, "x"))
    assert name.endswith(".txt")
    assert all(2 < len(label) < 40 for label in labels)
    assert len(labels) == len(re.findall(r"^https?://", text, re.MULTILINE))
