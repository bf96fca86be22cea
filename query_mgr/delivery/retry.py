"""What an attempt's failure means for the message, and when it is tried again. Pure."""

from __future__ import annotations

import random
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from query_mgr.delivery.failures import CLASSES, FailureClass, Stage, class_of_reply, enhanced_code

#: how long a kind of message rests in one worker after nobody answered: the others are not kept waiting meanwhile
REST_SECONDS = 30
#: a message that nobody took for so long is given up, sooner where it is due sooner (assurance §3.2)
LONGEST = timedelta(days=3)
#: how often a worker may die over one message, or fail to write it, before it is set aside (F32)
MOST_CRASHES = 5
_FIRST_SECONDS, _CAP_SECONDS = 30, 1800


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed. `text` holds no address, no link and nothing of a patient.

    key: its row of `failures.CLASSES`; left out, it follows from the rest. is_uncertain: the message left here and no
    answer came, so the receiver may have it. answer: what the receiver said, for the owner of the message only; it may
    quote the message and is never logged. is_unanswered: nobody answers there, so others of its kind need not be tried
    for a moment.
    """

    text: str
    is_permanent: bool
    is_uncertain: bool = False
    answer: Any = None
    is_unanswered: bool = False
    key: str = ""

    @property
    def failure_class(self) -> FailureClass:
        """What follows from it."""
        return CLASSES[self.key or ("refused" if self.is_permanent else "elsewhere")]

    @property
    def is_about_one_message(self) -> bool:
        """Whether other messages may well pass: nobody hung up, and nothing was said of all our mail."""
        return not self.is_unanswered and not self.failure_class.trips_after


class DeliveryError(Exception):
    """A message did not arrive, and its carrier knows what that means."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class UnansweredError(Exception):
    """The whole message was sent and no reply came: the server may have it."""


def failure_of(key: str, detail: str = "") -> Failure:
    """Return a failure of class `key`. detail: a reply's numbers, never its words."""
    found = CLASSES[key]
    text = f"{found.title} ({detail})" if detail else found.title
    return Failure(text, found.action == "stop", is_uncertain=key == "ambiguous", key=key)


#: smtplib's exception -> at what step of the talk it is raised
_STAGES: tuple[tuple[type[smtplib.SMTPResponseException], Stage], ...] = (
    (smtplib.SMTPAuthenticationError, "sign_in"),
    (smtplib.SMTPConnectError, "connect"),
    (smtplib.SMTPHeloError, "connect"),
    (smtplib.SMTPSenderRefused, "mail"),
    (smtplib.SMTPResponseException, "data"),
)


def classify(error: BaseException) -> Failure:
    """Return how to treat `error`."""
    match error:
        case DeliveryError():
            return error.failure
        case UnansweredError():
            return failure_of("ambiguous")
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values())) if error.recipients else (550, b"")
            return _of_reply("rcpt", code, words)
        case smtplib.SMTPResponseException():
            stage = next(stage for kind, stage in _STAGES if isinstance(error, kind))
            return _of_reply(stage, error.smtp_code, error.smtp_error)
        case smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
            return failure_of("insecure")
        case OSError():  # smtplib's own exceptions are such too: the server hung up
            return failure_of("unreachable", type(error).__name__)
    return failure_of("unwritable", type(error).__name__)


def _of_reply(stage: Stage, code: int, words: bytes | str) -> Failure:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    return failure_of(class_of_reply(stage, code, text).key, f"{code} {enhanced_code(text)}".strip())


def wait_seconds(failure: FailureClass, attempts: int, roll: float) -> float:
    """Return how long to wait after `attempts` tries: 30 s doubled each time, at most 30 min, with full jitter.

    roll: a random number from 0 to 1, which spreads many messages that failed together.
    """
    most = min(_CAP_SECONDS, _FIRST_SECONDS << min(max(attempts, 1) - 1, 10))
    return failure.least_seconds + max(1.0, roll * most)


def next_attempt(now: datetime, failure: FailureClass, attempts: int, due_at: datetime) -> datetime | None:
    """Return when to try again, the last time when it is due; None where it is to be given up."""
    if failure.action == "stop" or now >= due_at:
        return None
    wait = wait_seconds(failure, attempts, random.random())  # noqa: S311 - protects nothing
    return min(now + timedelta(seconds=wait), due_at)


def give_up_at(now: datetime, due_at: datetime | None) -> datetime:
    """Return until when a message is tried: until it is due, at most three days; three days where that is past."""
    return min(now + LONGEST, due_at) if due_at and due_at > now else now + LONGEST
