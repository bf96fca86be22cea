"""What a provider types, made fit to be kept; and a provider's name, made fit to be shown to anybody."""

from __future__ import annotations

from query_mgr.accounts.models import Provider

LONGEST_TEXT = 4000  # characters of a free-text answer


class AnswerError(ValueError):
    """The answer cannot be taken as it is; the message says what to do."""


def plain(text: str) -> str:
    """Return `text` without blanks around it. Raises AnswerError for control characters and endless text."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT:
        raise AnswerError(f"The text is longer than {LONGEST_TEXT} characters; shorten it.")
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise AnswerError("The text contains control characters; type it again without.")
    return text


#: what is written behind the name of somebody who is called doctor
_DOCTORS = {"MD", "DO", "MBBS", "MBCHB", "DPM", "DDS", "DMD", "PHD", "PSYD"}


def masked(provider: Provider) -> str:
    """Return whom a link is for without saying who it is, such as "Dr. R… S…" (assurance §1.2 item 12)."""
    letters = " ".join(f"{name[0]}…" for name in provider.name.split() if name[0].isalpha())
    written = {one.strip(" .").upper().replace(".", "") for one in provider.credentials.split(",")}
    return f"Dr. {letters}" if written & _DOCTORS else letters
