"""What observations carry of a document: its text, and files in it (OBX-5 of type ED)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from query_mgr.charts.hl7v2.message import Field, Segment
from query_mgr.charts.narrative import clean_text, html_to_text
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import AttachmentRecord
from query_mgr.charts.rtf import rtf_to_text

MAX_BYTES = 20 * 1024 * 1024
LINES = ("TX", "FT", "ST")
#: the first bytes of a file -> what it is, whatever its sender calls it
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)
_ENDINGS = {"application/pdf": "pdf", "application/rtf": "rtf", "image/png": "png", "image/jpeg": "jpg",
            "image/gif": "gif", "image/tiff": "tif", "application/zip": "zip"}  # fmt: skip


def contents(observations: Iterable[Segment], warnings: Warnings) -> tuple[str, tuple[AttachmentRecord, ...]]:
    """Return the text that observations make together, and the files among them; that of a rich text file is both."""
    parts: list[str] = []
    files: list[AttachmentRecord] = []
    for one in observations:
        if one.text(2) in LINES:
            parts.append("\n".join(repetition.whole() for repetition in one.all(5)))
        elif one.text(2) == "ED":
            content = _bytes(one.first(5), warnings)
            declared = f"{one.text(5, 2)}/{one.text(5, 3)}".lower()
            kind = _kind(content, declared, warnings)
            if kind.startswith("text/"):
                text = content.decode("utf-8", "replace")
                parts.append(html_to_text(text) if "html" in kind else text)
            elif content:
                parts += [rtf_to_text(content)] if kind == "application/rtf" else []
                name = f"{one.text(3, 2) or one.text(3, 1) or 'attachment'}.{_ENDINGS.get(kind, 'bin')}"
                files.append(AttachmentRecord(kind, name, content))
    return clean_text("\n".join(parts)), tuple(files)


def _bytes(field: Field, warnings: Warnings) -> bytes:
    """Return what an ED holds; nothing, with a warning, where it is broken or too large."""
    encoding, text = field.text(4).lower(), field.text(5)
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        warnings.add("attachment", "OBX-5", f"is larger than {MAX_BYTES >> 20} MB; left out, the message is kept")
        return b""
    try:
        if encoding == "base64":
            return base64.b64decode("".join(text.split()), validate=True)
        return bytes.fromhex(text) if encoding == "hex" else text.encode("utf-8", "replace")
    except (binascii.Error, ValueError):
        warnings.add("attachment", "OBX-5", f"is not valid {encoding}; left out, the message is kept")
        return b""


def _kind(content: bytes, declared: str, warnings: Warnings) -> str:
    """Return the type of a file: by its first bytes, else what its sender calls it, else unknown."""
    found = next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)
    if found:
        short = found.partition("/")[2]
        if short not in declared:
            warnings.add("attachment", "OBX-5", f"called {declared[:40]!r} and is {found}")
        return found
    if any(word in declared for word in ("html", "text", "plain")):
        return "text/html" if "html" in declared else "text/plain"
    return "application/octet-stream"
