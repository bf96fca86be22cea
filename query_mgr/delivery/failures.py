"""What can go wrong with a message: one table that transport, retry, pages, docs and tests read. Pure.

Source: assurance §3.2; RFC 5321 §4.2 (reply codes), RFC 3463 (enhanced status codes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Stage = Literal["connect", "secure", "sign_in", "mail", "rcpt", "data"]


@dataclass(frozen=True)
class FailureClass:
    """One way to fail, and what follows from it.

    action: "retry" by backoff; "stop", as another try would fail alike; "pause" the sender, as every message would
    fail alike. told: who has to do something. least_seconds: never try again sooner. burns_attempt: whether this was a
    try of the message, or it never came to that. trips_after: so many in a row, whatever the message, rest the mail
    server; 0 for never.
    """

    key: str
    title: str
    examples: str
    codes: str
    action: Literal["retry", "stop", "pause"]
    told: Literal["nobody", "coder", "administrator"]
    next_step: str
    least_seconds: int = 0
    burns_attempt: bool = True
    trips_after: int = 0


_ALL = (
    FailureClass(
        "unreachable", "the mail server could not be reached",
        "refused, timed out, name not found, TLS handshake dropped", "no reply before MAIL", "retry", "nobody",
        "It is tried again by itself. If it lasts, look at the mail server and the network.",
        burns_attempt=False, trips_after=3,
    ),
    FailureClass(
        "busy", "the mail server takes no mail at the moment", "too many connections, going down for maintenance",
        "4xx on connecting", "retry", "nobody", "It is tried again by itself.", burns_attempt=False, trips_after=3,
    ),
    FailureClass(
        "later", "the mail server asked to try later", "mailbox locked, out of space, a local error",
        "421, 450, 451, 452 and every other 4xx", "retry", "nobody", "It is tried again by itself.",
    ),
    FailureClass(
        "greylist", "the mail server makes new senders wait", "greylisting", "450 or 451 with 4.7.x or the word itself",
        "retry", "nobody", "It is tried again by itself.", least_seconds=300,
    ),
    FailureClass(
        "ambiguous", "the connection was lost before the mail server said that it took the message",
        "hung up, timed out or reset after the final dot", "no reply after DATA", "retry", "nobody",
        "It is sent again with the same Message-ID; the receiver may get two copies of one message.",
        trips_after=5,
    ),
    FailureClass(
        "recipient", "the mail server refused the recipient", "no such user, mailbox disabled, mailbox full for good",
        "550, 551, 553 at RCPT; 5.1.x, 5.2.x, 5.4.1", "stop", "coder",
        "Have the provider's address mended in the directory and send again, or ask by another channel.",
    ),
    FailureClass(
        "policy", "the mail server refuses what we send", "relaying denied, blocked as spam, too large, syntax",
        "552, 554 and every other 5xx; 5.1.7, 5.1.8, 5.3.x to 5.7.x", "stop", "administrator",
        "Ask who runs the mail server to let our mail pass, then retry. It affects every message.", trips_after=5,
    ),
    FailureClass(
        "sign_in", "the mail server refused our sign-in", "wrong or expired password, sign-in required",
        "530, 534, 535, 538", "pause", "administrator",
        "Mend QUERY_MGR_MAIL_USERNAME and QUERY_MGR_MAIL_PASSWORD and restart, or resume here. Nothing is lost.",
        burns_attempt=False, trips_after=1,
    ),
    FailureClass(
        "insecure", "the mail server offers no safe connection",
        "no STARTTLS, a certificate that is not trusted, expired or another host's", "STARTTLS missing or 454",
        "pause", "administrator",
        "Mend the server's certificate, or name its CA in QUERY_MGR_MAIL_TLS_CA. Nothing was sent in plain text.",
        burns_attempt=False, trips_after=1,
    ),
    FailureClass(
        "unwritable", "the message could not be written", "a fault of ours while writing it", "none", "retry",
        "administrator", "Tell the developers the reference of the message; it was set aside, others flow.",
    ),
    FailureClass(
        "elsewhere", "the receiver did not take the message", "a billing system that says not now", "its own", "retry",
        "nobody", "It is tried again by itself.",
    ),
    FailureClass(
        "refused", "the receiver refused the message", "a billing system that says no", "its own", "stop", "coder",
        "Settle it on its own page.",
    ),
)  # fmt: skip
CLASSES = {one.key: one for one in _ALL}


@dataclass(frozen=True)
class _Rule:
    """A reply at one of `stages` whose code and enhanced code match is of class `key`. Empty means any."""

    key: str
    stages: tuple[Stage, ...]
    code: str
    enhanced: str = ""
    words: str = ""


#: the first that fits decides
RULES = (
    _Rule("sign_in", (), "530|534|535|538"),
    _Rule("sign_in", ("sign_in",), "5.."),
    _Rule("insecure", ("secure",), "..."),
    _Rule("busy", ("connect", "sign_in"), "4.."),
    _Rule("greylist", (), "45[01]", r"4\.7\.\d+"),
    _Rule("greylist", (), "45[01]", words=r"gr[ae]y-?list"),
    _Rule("later", (), "4.."),
    _Rule("policy", (), "5..", r"5\.1\.[78]"),
    _Rule("recipient", (), "5..", r"5\.[12]\.\d+|5\.4\.1"),
    _Rule("policy", (), "5..", r"5\.\d+\.\d+"),
    _Rule("recipient", ("rcpt",), "501|550|551|553"),
    _Rule("policy", (), "..."),
)
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


def enhanced_code(words: str) -> str:
    """Return the enhanced status code that a reply begins with, such as "5.1.1", or ""."""
    found = _ENHANCED.match(words)
    return found[1] if found else ""


def class_of_reply(stage: Stage, code: int, words: str = "") -> FailureClass:
    """Return what a mail server's refusal at `stage` means. words: its text, read and never kept."""
    enhanced = enhanced_code(words)
    for rule in RULES:
        if (
            (not rule.stages or stage in rule.stages)
            and re.fullmatch(rule.code, str(code))
            and (not rule.enhanced or re.fullmatch(rule.enhanced, enhanced))
            and (not rule.words or re.search(rule.words, words, re.IGNORECASE))
        ):
            return CLASSES[rule.key]
    return CLASSES["later"]


def class_of_bounce(status: str) -> FailureClass:
    """Return what a delivery status notification's enhanced code means: the address, or our mail as such."""
    is_policy = re.fullmatch(r"5\.(1\.[78]|[367]\.\d+)", status) is not None
    return CLASSES["policy" if is_policy else "recipient"]
