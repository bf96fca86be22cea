"""What goes wrong with a message is told apart by one table, and names nobody. Pure."""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.delivery.breaker import Circuit, after_failure, after_sending, probing, room
from query_mgr.delivery.failures import CLASSES, class_of_bounce, class_of_reply
from query_mgr.delivery.retry import UnansweredError, classify, give_up_at, next_attempt, wait_seconds

NOW = datetime(2026, 11, 2, 14, tzinfo=UTC)
UNTROUBLED = Circuit()


def refused(code: int, words: bytes) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"x@y.z": (code, words)})


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (refused(550, b"5.1.1 <x@y.z> no such user"), "recipient"),
        (refused(550, b"no"), "recipient"),
        (refused(554, b"5.7.1 relay access denied"), "policy"),
        (refused(552, b"5.2.2 mailbox full"), "recipient"),
        (refused(450, b"4.2.0 x@y.z Greylisted"), "greylist"),
        (refused(451, b"4.7.1 come back later"), "greylist"),
        (refused(452, b"4.2.2 over quota"), "later"),
        (smtplib.SMTPSenderRefused(550, b"5.1.8 bad sender", "q@x.y"), "policy"),
        (smtplib.SMTPDataError(554, b"no"), "policy"),
        (smtplib.SMTPDataError(552, b"too large"), "policy"),
        (smtplib.SMTPDataError(451, b"4.3.0 local error"), "later"),
        (smtplib.SMTPDataError(530, b"5.7.0 sign in first"), "sign_in"),
        (smtplib.SMTPConnectError(421, b"too many connections"), "busy"),
        (smtplib.SMTPConnectError(554, b"go away"), "policy"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "sign_in"),
        (smtplib.SMTPAuthenticationError(454, b"4.7.0 not now"), "busy"),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), "insecure"),
        (ssl.SSLCertVerificationError("self-signed"), "insecure"),
        (ssl.SSLError("handshake"), "unreachable"),
        (socket.gaierror(-3, "x@y.z"), "unreachable"),
        (TimeoutError("x@y.z"), "unreachable"),
        (ConnectionRefusedError(), "unreachable"),
        (UnansweredError("x@y.z"), "ambiguous"),
        (KeyError("x@y.z"), "unwritable"),
    ],
)  # fmt: skip
def test_every_failure_has_its_class_and_names_nobody(error: Exception, key: str) -> None:
    failure = classify(error)
    assert failure.failure_class is CLASSES[key]
    assert failure.is_permanent is (CLASSES[key].action == "stop")
    assert "x@y.z" not in failure.text


@given(st.integers(400, 599), st.sampled_from(["connect", "secure", "sign_in", "mail", "rcpt", "data"]), st.text())
def test_every_refusal_is_tried_again_only_if_that_can_help(code: int, stage: str, words: str) -> None:
    found = class_of_reply(stage, code, words)  # type: ignore[arg-type]
    assert found.action != "stop" or code >= 500
    assert found.action != "retry" or code < 500


@pytest.mark.parametrize(
    ("status", "key"),
    [("5.1.1", "recipient"), ("5.2.1", "recipient"), ("4.4.7", "recipient"), ("5.7.1", "policy")],
)
def test_a_bounce_is_about_the_address_or_about_all_our_mail(status: str, key: str) -> None:
    assert class_of_bounce(status) is CLASSES[key]


def test_a_wait_doubles_from_30_seconds_to_30_minutes_with_full_jitter() -> None:
    later = CLASSES["later"]
    assert [wait_seconds(later, tries, 1.0) for tries in (1, 2, 3, 7, 99)] == [30, 60, 120, 1800, 1800]
    assert wait_seconds(later, 5, 0.0) == 1
    assert wait_seconds(CLASSES["greylist"], 1, 0.0) >= 300


def test_a_message_is_given_up_when_it_is_due_or_after_three_days_and_tried_once_more_at_the_end() -> None:
    due = give_up_at(NOW, NOW + timedelta(hours=1))
    assert due == NOW + timedelta(hours=1)
    assert give_up_at(NOW, NOW + timedelta(days=9)) == NOW + timedelta(days=3)
    assert give_up_at(NOW, NOW - timedelta(days=1)) == NOW + timedelta(days=3)  # sent again though it is late
    assert next_attempt(due - timedelta(seconds=1), CLASSES["greylist"], 1, due) == due
    assert next_attempt(due, CLASSES["later"], 1, due) is None
    assert next_attempt(NOW, CLASSES["recipient"], 1, due) is None


def after(*keys: str, circuit: Circuit = UNTROUBLED) -> Circuit:
    for key in keys:
        circuit = after_failure(circuit, CLASSES[key], NOW)
    return circuit


@pytest.mark.parametrize(("key", "number"), [("policy", 5), ("busy", 3), ("unreachable", 3), ("sign_in", 1)])
def test_a_mail_server_is_left_alone_after_so_many_failures_in_a_row(key: str, number: int) -> None:
    assert not after(*[key] * (number - 1)).is_closed
    assert after(*[key] * number).is_closed
    assert not after(*[key] * (number - 1), "recipient", key).is_closed or number == 1


def test_one_message_tries_and_each_failure_of_it_makes_the_rest_longer() -> None:
    closed = after("busy", "busy", "busy")
    assert after("busy", circuit=closed).closed_until == closed.closed_until  # it was on its way
    assert probing(closed, NOW) is None
    waits = []
    for _ in range(7):
        assert closed.closed_until is not None
        at = closed.closed_until
        trying = probing(closed, at)
        assert trying is not None
        assert probing(trying, at) is None  # nobody else tries meanwhile
        closed = after_failure(trying, CLASSES["busy"], at)
        assert closed.closed_until is not None
        waits.append((closed.closed_until - at).total_seconds() / 60)
    assert waits == [2, 4, 8, 16, 30, 30, 30]
    assert not after("later", circuit=closed).is_closed  # it spoke: what it said is about one message


def test_the_rate_lets_one_second_of_mail_go_at_once_and_then_waits() -> None:
    assert room(None, 0, 20, NOW) == 20
    assert room(None, 60, 20, NOW) == 1
    assert room(NOW + timedelta(seconds=1), 60, 20, NOW) == 0
    assert after_sending(20, 1200, NOW) == NOW + timedelta(seconds=1)
