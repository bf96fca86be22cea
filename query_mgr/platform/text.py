"""Text that somebody typed or a system sent, made fit for one line."""

from __future__ import annotations

import unicodedata


def nfc(text: str) -> str:
    """Return `text` composed, so that José is José however it was typed (assurance §4 item 77)."""
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return `text` in one line: composed, without control and direction signs, blanks single (items 74 and 75)."""
    kept = "".join(" " if sign.isspace() else sign for sign in nfc(text))
    return " ".join("".join(sign for sign in kept if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}).split())
