"""What is attached to documents: text to read, and files that are kept as they came."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Json, contained, dicts, words
from query_mgr.charts.fhir.envelope import Entry
from query_mgr.charts.narrative import clean_text, html_to_text
from query_mgr.charts.problems import EntryError
from query_mgr.charts.records import AttachmentRecord

MAX_FILE_BYTES = 20 * 1024 * 1024
_TEXT = {"text/plain", "text/html", "application/xhtml+xml", "text/markdown", ""}
#: what a file begins with -> its type
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)
_KEPT = {kind for _, kind in _MAGIC} - {"application/zip"}
_OTHER_NAMES = {"text/rtf": "application/rtf", "image/jpg": "image/jpeg", "application/x-pdf": "application/pdf"}


@dataclass(frozen=True)
class Attached:
    """The first readable text, or "", and the files."""

    text: str = ""
    files: tuple[AttachmentRecord, ...] = ()


def read_attached(attachments: Iterable[object], entry: Entry, context: Context, path: str) -> Attached:
    """Return what came with a document. A link is never followed: SSRF, and file:// with it.

    Raises EntryError where there are attachments and none can be kept; with others beside it one is a warning.
    """
    text, files, errors = "", [], []
    for attachment in attachments:
        for one in dicts(attachment):
            try:
                found = _opened(one, entry, context, path)
            except EntryError as error:
                errors.append(error)
                continue
            if isinstance(found, AttachmentRecord):
                files.append(found)
            text = text or (found if isinstance(found, str) else "")
    if errors and not text and not files:
        raise errors[0]
    for each in errors:
        context.warnings.add(each.code, entry.where(each.path), f"{each.text}; what came beside it was kept")
    return Attached(text, tuple(files))


def _opened(attachment: Json, entry: Entry, context: Context, path: str) -> str | AttachmentRecord:
    data, mime = attachment.get("data"), _mime(attachment)
    url = words(attachment.get("url"))
    if data is None and url:
        binary = contained(entry.resource, url) if url.startswith("#") else None
        held = context.envelope.find(url)
        if held and held.kind == "Binary":
            binary = held.resource
        data = binary.get("data") if binary else None
        mime = mime or _mime(binary or {})
    if data is None:
        text = "only what is inside the file is read; links are not followed"
        raise EntryError("attachment", f"{path}.url", text)
    content = _decoded(data, path)
    kind = next((kind for magic, kind in _MAGIC if content.startswith(magic)), "")
    if kind in _KEPT and mime in {kind, "", "application/octet-stream"}:
        name = words(attachment.get("title")) or url.rpartition("/")[2]
        return AttachmentRecord(kind, name[:200], content)
    if mime not in _TEXT:
        what = (
            f"says {mime[:40]!r} but is not" if mime in _KEPT else f"{mime[:40]!r} is no text, PDF, RTF or image"
        )
        raise EntryError("attachment", f"{path}.contentType", f"{what}; it was not imported")
    return _readable(content, kind, mime, path)


def _mime(attachment: Json) -> str:
    written = words(attachment.get("contentType")).partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(written, written)


def _decoded(data: object, path: str) -> bytes:
    written = data if isinstance(data, str) else ""
    if len(written) > MAX_FILE_BYTES * 4 // 3 + 4:
        limit = f"is larger than {MAX_FILE_BYTES >> 20} MB and was not imported"
        raise EntryError("attachment", f"{path}.data", limit)
    try:
        return base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        raise EntryError("attachment", f"{path}.data", "is not valid base64") from None


def _readable(content: bytes, kind: str, mime: str, path: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EntryError("attachment", f"{path}.data", f"is not {mime or 'text'} in UTF-8") from None
    if kind or "\0" in text:
        raise EntryError("attachment", f"{path}.contentType", f"says {mime!r} but the content is not text")
    return html_to_text(text) if "html" in mime else clean_text(text)
