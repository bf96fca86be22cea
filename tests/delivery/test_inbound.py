"""A mail that came back is read for its machine's part alone, and nothing that it holds breaks us. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.delivery.inbound import KINDS, LARGEST, Inbound, read
from tests.delivery.returns import a_bounce, a_complaint, a_mail

TO = "bounces+x@h.test"


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (a_bounce(TO), "bounce", "5.1.1"),
        (a_bounce(TO, "delayed", "4.4.1"), "delayed", "4.4.1"),
        (a_bounce(TO, "delivered", "2.0.0"), "receipt", "2.0.0"),
        (a_bounce(TO, "invented", "9.9.9"), "unreadable", ""),
        (a_bounce(TO).replace(b"message/delivery-status", b"text/plain"), "unreadable", ""),
        (a_complaint(TO), "complaint", ""),
        (a_mail(TO, Auto_Submitted="auto-replied"), "auto_reply", ""),
        (a_mail(TO, Auto_Submitted="auto-generated; owner=x"), "auto_reply", ""),
        (a_mail(TO, X_Autoreply="yes"), "auto_reply", ""),
        (a_mail(TO, Precedence="auto_reply"), "auto_reply", ""),
        (a_mail(TO, Auto_Submitted="no"), "reply", ""),
        (a_mail(TO), "reply", ""),
        (a_mail(TO, Content_Type="text/html"), "reply", ""),
        (a_mail(TO, Return_Path="<>"), "unreadable", ""),
        (a_mail(TO, sender="queries@h.test", Auto_Submitted="auto-generated"), "refused", ""),
        (a_mail(TO).replace(b"From", b"Received: x\r\n" * 60 + b"From"), "refused", ""),
        (b"", "reply", ""),
    ],
)  # fmt: skip
def test_a_mail_is_told_by_what_machines_wrote_in_it(raw: bytes, kind: str, status: str) -> None:
    found = read(raw, "queries@h.test")
    assert (found.kind, found.status) == (kind, status)


def test_a_bounce_names_its_recipient_and_whom_it_was_for() -> None:
    assert read(a_bounce(TO)) == Inbound("bounce", (TO,), "5.1.1", "rosa@riverbend.example")


def test_item_103_thirty_megabytes_are_refused_unread() -> None:
    assert read(a_bounce(TO) + b"x" * (30 << 20)) == Inbound("refused")
    assert read(a_bounce(TO) + b"x" * (LARGEST - 5000)).kind == "bounce"  # it returned a large mail


@given(st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_mail_breaks_the_reader(raw: bytes) -> None:
    assert read(raw).kind in KINDS


@given(st.data())
def test_no_damage_to_a_bounce_breaks_the_reader_or_invents_a_recipient(data: st.DataObject) -> None:
    whole = bytearray(a_bounce(TO))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    found = read(bytes(whole))
    assert found.kind in KINDS
    assert len(found.recipient) <= 254
    assert found.recipient.isprintable()


def test_a_mail_of_mails_a_thousand_deep_is_read_without_falling_over() -> None:
    head = b"".join(b"Content-Type: multipart/report; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000))
    assert read(head).kind in KINDS
