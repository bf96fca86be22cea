"""From the bytes of a table or note to its text, and how they were written."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from query_mgr.charts.problems import Rejection

MAX_BYTES = 50 * 1024 * 1024
_HEAD = 4000
#: letters beyond ASCII as UTF-8 writes them; a file that has some and is no UTF-8 was damaged, not written otherwise
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


@dataclass(frozen=True)
class Decoded:
    """A text and its encoding, in the words of a spreadsheet's Save as; `warning` is "" where nothing was guessed."""

    text: str
    encoding: str
    warning: str = ""


def decode(content: bytes, limit: int = MAX_BYTES) -> Decoded:
    """Return the text of `content`: UTF-8, UTF-16 or, with a warning, Windows-1252. Raises Rejection."""
    if len(content) > limit:
        raise Rejection("too-large", "", f"larger than {limit >> 20} MB; split it")
    if wide := _wide(content):
        return _decoded_wide(content, wide)
    try:
        return Decoded(content.removeprefix(codecs.BOM_UTF8).decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        return _western(content, error.start)


def head_of(content: bytes) -> str:
    """Return how a file begins as text, whatever its encoding; for telling formats apart, never for reading."""
    wide = _wide(content[:_HEAD])
    text = content[:_HEAD].decode(wide or "utf-8", "replace")
    return text.removeprefix("\ufeff")


def _wide(content: bytes) -> str:
    """Return the name of the UTF-16 that a text is written in, "" for none; without a mark the NULs tell."""
    if content.startswith(codecs.BOM_UTF16_LE) or (content[1:8:2] == b"\0\0\0\0" and b"\0" not in content[:8:2]):
        return "utf-16-le"
    if content.startswith(codecs.BOM_UTF16_BE) or (content[:8:2] == b"\0\0\0\0" and b"\0" not in content[1:8:2]):
        return "utf-16-be"
    return ""


def _decoded_wide(content: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(content.decode(encoding).removeprefix("\ufeff"), "UTF-16")
    except UnicodeDecodeError as error:
        raise Rejection("encoding", f"byte {error.start}", "not valid UTF-16; save it as CSV UTF-8") from None


def _western(content: bytes, at: int) -> Decoded:
    if _UTF8_LETTER.search(content):
        raise Rejection(
            "encoding", f"byte {at}", "is mostly UTF-8 but broken here; export it again as CSV UTF-8"
        ) from None
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Rejection("encoding", f"byte {error.start}", "not UTF-8; save it as CSV UTF-8") from None
    return Decoded(text, "Windows-1252", "is not UTF-8 and was read as Windows-1252; check names with accents")
