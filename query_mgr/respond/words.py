"""What a provider types, made fit to be kept."""

from __future__ import annotations

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
