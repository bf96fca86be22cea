"""Text that somebody typed or a system sent, made fit for one line."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape


def nfc(text: str) -> str:
    """Return `text` composed, so that José is José however it was typed (assurance §4 item 77)."""
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return `text` in one line: composed, without control and direction signs, blanks single (items 74 and 75)."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(" " if sign.isspace() else sign for sign in nfc(text))
    return " ".join("".join(sign for sign in kept if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}).split())


#: what text can hold without anybody seeing it, and what turns its direction: shown by its number (item 74)
_UNSEEN = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)


def signs(text: str) -> Markup:
    """Return `text` for a page, its control and direction signs made visible and without effect on what is around them.

    The signs themselves stay in the text, so that places in it count as before.
    """
    if not _UNSEEN.search(text):
        return escape(text)

    def shown(found: re.Match[str]) -> str:
        number = f"U+{ord(found[0]):04X}"
        return f'<bdi class="unseen" data-sign="{number}" title="{number}">{found[0]}</bdi>'

    return Markup(_UNSEEN.sub(shown, str(escape(text))))  # noqa: S704 (escaped before)


def spelled(text: str) -> str:
    """Return `text` for paper, its control and direction signs written out, such as "[U+202E]" (item 74)."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
