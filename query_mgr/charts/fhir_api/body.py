"""The body of a request: read in pieces, unpacked on the way, and dropped at the limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from flask import Request
from werkzeug.exceptions import ClientDisconnected

from query_mgr.charts.fhir_api.outcome import FhirError
from query_mgr.charts.problems import Problem

_PIECE = 64 * 1024
MEDIA_TYPES = ("application/fhir+json", "application/json")
_Check = Callable[[int], None]


def read_body(request: Request, limit: int) -> bytes:
    """Return the body, unpacked. Raises FhirError: a type that is not read, no gzip, or more than `limit` bytes.

    Whatever Content-Length says, at most `limit` bytes are held, and no more are read.
    """
    is_packed = _check_headers(request)

    def check(size: int) -> None:
        if size > limit:
            raise too_large(limit, "inflates to" if is_packed else "has")

    check(request.content_length or 0)
    request.max_content_length = None  # the check is ours
    pieces = _pieces(request, check)
    return b"".join(_unpacked(pieces, check) if is_packed else pieces)


def too_large(limit: int, what: str = "has") -> FhirError:
    """Return the refusal of a body beyond the limit."""
    text = f"the body {what} more than {limit >> 20} MB, which is the limit; split it, one patient a bundle"
    return FhirError(Problem("too-large", "", text))


def _check_headers(request: Request) -> bool:
    """Return whether the body is packed. Raises FhirError."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in MEDIA_TYPES or charset not in {"utf-8", "utf8", "us-ascii"}:
        text = f"send {MEDIA_TYPES[0]} in UTF-8, not {(request.content_type or 'a body without type')[:60]!r}"
        raise FhirError(Problem("media-type", "", text), headers={"Accept-Post": ", ".join(MEDIA_TYPES)})
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        text = f"Content-Encoding {encoding[:20]!r} is not read; send gzip, or nothing packed"
        raise FhirError(Problem("media-type", "", text), headers={"Accept-Encoding": "gzip"})
    return "gzip" in encoding


def _pieces(request: Request, check: _Check) -> Iterator[bytes]:
    size = 0
    try:
        while piece := request.stream.read(_PIECE):
            size += len(piece)
            check(size)
            yield piece
    except (ClientDisconnected, OSError):
        text = "the body is shorter than Content-Length says; send it again"
        raise FhirError(Problem("structure", f"byte {size}", text)) from None


def _unpacked(pieces: Iterator[bytes], check: _Check) -> Iterator[bytes]:
    stream, size = zlib.decompressobj(wbits=31), 0
    try:
        for packed in pieces:
            part = b""
            while packed or len(part) == _PIECE:  # a full part may have more behind it, already taken in
                if stream.eof:
                    stream = zlib.decompressobj(wbits=31)
                part = stream.decompress(packed, _PIECE)
                size += len(part)
                check(size)
                yield part
                packed = stream.unused_data if stream.eof else stream.unconsumed_tail
    except zlib.error:
        text = "Content-Encoding says gzip, but this is none; send it again"
        raise FhirError(Problem("gzip", f"byte {size} inflated", text)) from None
    if not stream.eof:
        raise FhirError(Problem("gzip", f"byte {size} inflated", "the gzip ends too early; send it again"))
