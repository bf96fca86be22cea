"""The lines of a text file from a publisher, numbered, each whole and all ended alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from query_mgr.codes.rows import FileError

LONGEST_LINE = 8_000


def numbered(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line.

    UTF-8 or Windows-1252. Raises FileError where a line has signs that no text has, is endless or empty, ends otherwise than
    the first, or, being the last, ends in nothing: it was cut off.
    """
    ending, number, raw = b"", 0, b"\n"
    while line := stream.readline(LONGEST_LINE + 1):
        raw, number = line, number + 1
        if len(raw) > LONGEST_LINE:
            raise FileError(
                f"longer than {LONGEST_LINE} characters: this is no code file; download it again", number
            )
        found = b"\r\n" if raw.endswith(b"\r\n") else b"\n" if raw.endswith(b"\n") else b""
        ending = ending or found
        if found and found != ending:
            raise FileError("ends otherwise than line 1 (CRLF and LF are mixed); download the file again", number)
        yield number, _text(raw[: len(raw) - len(found)], number)
    if not number:
        raise FileError("the file is empty; download it again")
    if not raw.endswith(b"\n"):
        raise FileError("the last line has no end: the file was cut off; download it again", number)


def _text(raw: bytes, number: int) -> str:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if not text.strip():
        raise FileError("is empty; download the file again", number)
    bad = next((sign for sign in text if (sign < " " and sign != "\t") or sign in "\x7f\ufffd"), "")
    if bad:
        raise FileError(f"holds the sign U+{ord(bad):04X}, which no code file has; download it again", number)
    return text
