"""From bytes to the texts of HL7 v2 messages: framing, character set, batches."""

from __future__ import annotations

import codecs
import re

from query_mgr.charts.hl7v2.message import lines_of
from query_mgr.charts.problems import Rejection, Warnings

MAX_BYTES = 50 * 1024 * 1024
VT, FS, CR = b"\x0b", b"\x1c", b"\r"
_CHARSETS = {
    "": "utf-8", "ASCII": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "8859/1": "cp1252",
    "8859/15": "iso-8859-15", "8859/2": "iso-8859-2", "UNICODE": "utf-16", "UNICODE UTF-16": "utf-16",
}  # fmt: skip
_UTF16 = (
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"M\0S\0H\0", "utf-16-le"),
    (b"\0M\0S\0H", "utf-16-be"),
)  # fmt: skip
_START = re.compile(rb"(?:\A|[\r\n\x0b])(MSH|FHS|BHS)[^\w\s]")


def looks_like(content: bytes) -> bool:
    """Return whether a file holds HL7 v2: MSH or a batch header at its start, perhaps after framing or a log line."""
    head = _from_utf16(content[:4096], Warnings()).removeprefix(codecs.BOM_UTF8).lstrip(b"\x0b\r\n\t ")
    return bool(re.match(rb"(?:MSH|FHS|BHS)[^\w\s]", head)) or VT + b"MSH" in content[:4096]


def messages_in(content: bytes, warnings: Warnings) -> list[str]:
    """Return the messages of a file, each as text, in order.

    Raises Rejection for a file without any, or a batch whose trailer counts otherwise.
    """
    if len(content) > MAX_BYTES:
        raise Rejection("too-large", "", f"larger than {MAX_BYTES >> 20} MB; split it")
    text = _decoded(_unframed(_from_utf16(content, warnings), warnings), warnings)
    if "\n" in text.strip():
        warnings.add("segments", "", "segments end with a line feed, not with CR; read all the same")
    if "\\X00" in text:
        warnings.add("encoding", "", "an escaped NUL character was left out")
    if "\x00" in text:
        warnings.add("encoding", "", "a NUL character was left out")
        text = text.replace("\x00", "")
    lines = lines_of(text)
    found: list[list[str]] = []
    batches, begun = 0, 0  # so far in this file, and where its current batch began
    for line in lines:
        if line.startswith("MSH"):
            found.append([line])
        elif line.startswith("BHS"):
            batches, begun = batches + 1, len(found)
        elif line.startswith("BTS"):
            _check_count(line, len(found) - begun, "messages")
            begun = len(found)
        elif line.startswith("FTS"):
            _check_count(line, max(batches, 1), "batches")
        elif line.strip() and found and not line.startswith("FHS"):
            found[-1].append(line)
    if not found:
        raise Rejection("structure", "", "no MSH segment: this is no HL7 v2 message")
    return ["\r".join(one) for one in found]


def _check_count(line: str, count: int, what: str) -> None:
    said = line[4:].split(line[3:4] or "|")[0].strip()
    if said.isdigit() and int(said) != count:
        text = f"the trailer says {said} {what} and there are {count}; nothing was taken, send it again"
        raise Rejection("batch", f"{line[:3]}-1", text)


def _from_utf16(content: bytes, warnings: Warnings) -> bytes:
    """Return UTF-8 for what is written in UTF-16, told by its mark or by the zeros in its first segment."""
    bare = content.lstrip(VT)
    charset = next((name for start, name in _UTF16 if bare.startswith(start)), None)
    if charset is None:
        return content
    warnings.add("encoding", "MSH-18", "written in UTF-16; read as that")
    return bare.decode(charset, "replace").encode("utf-8", "replace")


def _unframed(content: bytes, warnings: Warnings) -> bytes:
    """Take MLLP's frame off, and what stood before the first message, such as a line of a log."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if VT in content or FS in content:
        if content.count(VT) > 1 and VT + VT in content:
            warnings.add("framing", "", "a message was framed twice")
        content = content.replace(FS + CR, CR).replace(FS, CR).replace(VT, CR)
    start = _START.search(content)
    if start and content[: start.start(1)].strip():
        warnings.add("framing", "", "text before the first message was left out")
    return content[start.start(1) :] if start else content


def _decoded(content: bytes, warnings: Warnings) -> str:
    declared = _declared(content)
    charset = _CHARSETS.get(declared.upper())
    if charset is None:
        warnings.add("encoding", "MSH-18", f"the character set {declared[:20]!r} is not known; read as UTF-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if charset not in (None, "utf-8"):
            return content.decode(charset or "cp1252", "replace")
        warnings.add(
            "encoding", f"byte {error.start}", "not UTF-8 as declared; read as Western European (Windows-1252)"
        )
        return content.decode("cp1252", "replace")
    if charset not in (None, "utf-8", "utf-16") and not text.isascii():
        warnings.add("encoding", "MSH-18", f"declared {declared} but written in UTF-8; read as UTF-8")
    return text


def _declared(content: bytes) -> str:
    line = re.split(rb"[\r\n]", content, maxsplit=1)[0]
    parts = line[4:].split(line[3:4]) if line.startswith(b"MSH") and len(line) > 4 else []
    return parts[16].split(b"~")[0].decode("ascii", "replace").strip() if len(parts) > 16 else ""
