"""Which failures are tried again, and when. Pure."""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MAX_ATTEMPTS = 10
#: how long a kind of message rests in one worker after nobody answered: the others are not kept waiting meanwhile
REST_SECONDS = 30
#: minutes to wait after the first, second, ... failed attempt; the last one repeats
WAITS_MINUTES = (1, 2, 5, 15, 30, 60, 120, 240)


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed. `text` holds no address, no link and nothing of a patient.

    is_uncertain: the message left here and no answer came, so the receiver may have it. answer: what the receiver said,
    for the owner of the message only; it may quote the message and is never logged. is_unanswered: nobody answers
    there, so others of its kind need not be tried for a moment.
    """

    text: str
    is_permanent: bool
    is_uncertain: bool = False
    answer: Any = None
    is_unanswered: bool = False


class DeliveryError(Exception):
    """A message did not arrive, and its carrier knows what that means."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


#: exception -> is it permanent? Checked in order; everything else is worth another try (assurance §3.2).
CLASSES: tuple[tuple[type[BaseException], bool, str], ...] = (
    (smtplib.SMTPAuthenticationError, False, "the mail server refused our sign-in"),
    (smtplib.SMTPServerDisconnected, False, "the mail server hung up"),
    (smtplib.SMTPConnectError, False, "the mail server refused the connection"),
    (TimeoutError, False, "the mail server did not answer in time"),
    (ConnectionError, False, "the mail server could not be reached"),
    (OSError, False, "the mail server could not be reached"),
)


def classify(error: BaseException) -> Failure:
    """Return how to treat `error`: a 5xx reply to a recipient or message is permanent, the rest is not."""
    if isinstance(error, DeliveryError):
        return error.failure
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0] if error.recipients else 550
        return Failure(f"the mail server refused the recipient ({code})", 500 <= code < 600)
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(
        error, (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError)
    ):
        permanent = 500 <= error.smtp_code < 600
        return Failure(f"the mail server answered {error.smtp_code}", permanent)
    for kind, permanent, text in CLASSES:
        if isinstance(error, kind):
            return Failure(text, permanent)
    return Failure(f"the message could not be written ({type(error).__name__})", False)


def next_attempt(now: datetime, attempts: int) -> datetime:
    """Return when to try again after `attempts` failed ones."""
    return now + timedelta(minutes=WAITS_MINUTES[min(attempts, len(WAITS_MINUTES)) - 1])


_LINK = re.compile(r"/r/[a-z2-7]{8,}")


def masked(text: str) -> str:
    """Return `text` with every link token hidden (assurance §1.2 item 10)."""
    return _LINK.sub("/r/****", text)
