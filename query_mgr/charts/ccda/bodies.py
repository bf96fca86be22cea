"""What a document holds besides narrative: a body that is no XML, and pictures. Content is sniffed, never trusted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from lxml import etree

from query_mgr.charts.ccda.elements import find, find_all, said, text_of
from query_mgr.charts.narrative import clean_text, html_to_text
from query_mgr.charts.problems import Held, Rejection, Warnings
from query_mgr.charts.records import AttachmentRecord
from query_mgr.charts.rtf import looks_like as looks_like_rtf
from query_mgr.charts.rtf import rtf_to_text

#: how the files that are kept begin
_SIGNATURES = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
    (b"II*\0", "image/tiff", "tif"),
    (b"MM\0*", "image/tiff", "tif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "doc"),
)
_WHERE = "nonXMLBody/text"


def read_non_xml(body: etree._Element, warnings: Warnings) -> tuple[str, tuple[AttachmentRecord, ...]]:
    """Return (text, attachments) of a nonXMLBody.

    A file that is no text, such as a PDF, leaves the text empty: the document is listed with its file, and nothing of it
    can be quoted as evidence. Raises Held for a mere link, which is never followed, Rejection for what is not kept.
    """
    element = find(body, "text")
    if element is None or not (text_of(element).strip() or find(element, "reference") is not None):
        raise Rejection("attachment", _WHERE, "is empty; the document holds nothing")
    data = text_of(element)
    if not data.strip():
        raise Held(
            "attachment",
            f"{_WHERE}/reference",
            "is only a link to a file, and links are not followed; it waits until the file is sent inside the document",
        )
    content = _content(element, data)
    text, attachment = _sorted(content, said(element, "mediaType").partition(";")[0].strip().lower(), warnings)
    return text, (attachment,) if attachment else ()


def _content(element: etree._Element, data: str) -> bytes:
    if element.get("compression"):
        raise Held("attachment", _WHERE, "is compressed, which is not read; it waits until it is sent as it is")
    if element.get("representation") != "B64":
        return data.encode()
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Rejection("attachment", _WHERE, "is not valid base64; send it again") from None


def _sorted(content: bytes, declared: str, warnings: Warnings) -> tuple[str, AttachmentRecord | None]:
    """Return (text, file) of some content by what it is; a text/plain is all text and no file."""
    found = _sniffed(content)
    if found is None:
        raise Rejection("attachment", _WHERE, f"is no file that is kept (said to be {declared[:40] or 'nothing'})")
    content_type, suffix = found
    if declared and declared != content_type:
        warnings.add("attachment", _WHERE, f"is said to be {declared[:40]} and is {content_type}")
    if content_type == "text/plain":
        return clean_text(content.decode("utf-8-sig")), None
    file = AttachmentRecord(content_type, f"document.{suffix}", content)
    if content_type == "text/html":
        return html_to_text(content.decode("utf-8-sig")), file
    return (rtf_to_text(content) if content_type == "text/rtf" else ""), file


def _sniffed(content: bytes) -> tuple[str, str] | None:
    for signature, content_type, suffix in _SIGNATURES:
        if content.startswith(signature):
            return content_type, suffix
    if looks_like_rtf(content):
        return "text/rtf", "rtf"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\0" in text or not text.strip():
        return None
    head = text.lstrip()[:200].lower()
    is_markup = head.startswith(("<!doctype html", "<html", "<body", "<div", "<p>", "<head", "<table", "<script"))
    return ("text/html", "html") if is_markup else ("text/plain", "txt")


def pictures_of(body: etree._Element, warnings: Warnings) -> Iterator[AttachmentRecord]:
    """Yield the pictures that a structured body carries inside itself."""
    for place, media in enumerate(body.iter("{urn:hl7-org:v3}observationMedia"), 1):
        for value in find_all(media, "value"):
            where = f"line {value.sourceline}"
            if value.get("representation") != "B64":
                warnings.add("attachment", where, "is only a link to a picture; links are not followed")
                continue
            try:
                content = base64.b64decode("".join(text_of(value).split()), validate=True)
            except (binascii.Error, ValueError):
                warnings.add("attachment", where, "is not valid base64; the picture was left out")
                continue
            found = _sniffed(content)
            if found is None or found[0].startswith("text/"):
                warnings.add("attachment", where, "is no picture or document that is kept; it was left out")
            else:
                yield AttachmentRecord(found[0], f"picture-{place}.{found[1]}", content)
