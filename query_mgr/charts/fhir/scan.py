"""Walk through JSON entry by entry over a window of its text, so that the size of the file does not matter."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from query_mgr.charts.fhir.intake import DECODER, clean, is_escaped
from query_mgr.charts.problems import Rejection, Warnings

_STEP = 1024 * 1024
#: of one resource with all that is attached to it
MAX_VALUE = 64 * 1024 * 1024
_SPACE = re.compile(r"[ \t\n\r]*")


class Window:
    """A stretch of the text of a UTF-8 file; `at` is where reading stands."""

    def __init__(self, file: BinaryIO, size: int, step: int = _STEP) -> None:
        self._file, self._size, self._step = file, size, step
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._read = 0  # bytes of the file so far
        self._base = 0  # byte at which `text` begins
        self._counted = (0, 0)  # characters of `text` whose bytes were counted, and how many bytes these are
        self.text, self.at, self.began = "", 0, 0  # `began`: where the value that was read last begins in `text`
        self._more()

    def _more(self) -> bool:
        """Take in more of the file and let go of what was read; return False at the file's end."""
        ahead = len(self.text) - self.at
        if ahead > MAX_VALUE:
            limit = f"one resource is larger than {MAX_VALUE >> 20} MB; send its attachments apart"
            raise Rejection("too-large", f"byte {self.offset()}", limit)
        chunk = self._file.read(max(self._step, ahead))
        body = chunk if self._read else self._without_mark(chunk)
        try:
            piece = self._decoder.decode(body, final=not chunk)
        except UnicodeDecodeError as error:
            at = self._read + len(chunk) - len(error.object) + error.start
            text = "not valid UTF-8 (Latin-1, perhaps); convert to UTF-8"
            raise Rejection("encoding", f"byte {at}", text) from None
        self._read += len(chunk)
        if self.at:
            self._base, self._counted = self.offset(), (0, 0)
            self.text, self.at = self.text[self.at :], 0
        self.text += piece
        return bool(chunk)

    def _without_mark(self, chunk: bytes) -> bytes:
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in chunk[:4]:
            raise Rejection("encoding", "byte 0", "UTF-16 or UTF-32; FHIR JSON must be UTF-8")
        body = chunk.removeprefix(codecs.BOM_UTF8)
        self._base = len(chunk) - len(body)
        return body

    def offset(self) -> int:
        """Return the byte of the file at which reading stands."""
        if self.text.isascii():
            return self._base + self.at
        characters, size = self._counted
        self._counted = self.at, size + len(self.text[characters : self.at].encode())
        return self._base + self._counted[1]

    def peek(self) -> str:
        """Return the next character that is no white space, without reading it; "" at the end."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def take(self, wanted: str, otherwise: str) -> None:
        """Read one given character."""
        if self.peek() != wanted:
            raise self.refusal(self.at, otherwise)
        self.at += 1

    def value(self) -> Any:
        """Read one JSON value. Raises Rejection."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - 10
                at = error.pos - self.at
                if is_cut and self._more():
                    continue
                raise self.refusal(self.at + at, error.msg) from None
            except RecursionError:
                raise Rejection("depth", "", "JSON is nested too deeply to be a FHIR bundle") from None
            # A number that ends with the window may go on behind it.
            if end == len(self.text) and self._more():
                continue
            self.began, self.at = self.at, end
            return value

    def refusal(self, at: int, what: str) -> Rejection:
        """Return what to raise for text that is no JSON from `at` on."""
        place = self._base + len(self.text[:at].encode())
        is_cut = at >= len(self.text.rstrip()) or what.startswith("Unterminated string")
        hint = "; the file ends too early, send it again" if is_cut else ""
        return Rejection("structure", f"byte {place} of {self._size}", f"not valid JSON ({what}){hint}")


class Scanned(NamedTuple):
    """One entry: its value, the bytes of the file it takes, and its text."""

    value: Any
    start: int
    end: int
    text: str


class Scan:
    """One JSON object: `entries` yields those of its `entry` list, after which `members` holds all else of it."""

    def __init__(self, window: Window, warnings: Warnings) -> None:
        self._window, self._warnings = window, warnings
        self.members: dict[str, Any] = {}

    def entries(self) -> Iterator[Scanned]:
        """Yield the entries in order. Raises Rejection where the file is no JSON object."""
        window = self._window
        if not window.peek():
            raise Rejection("structure", "", "the file is empty; it must hold one FHIR R4 Bundle")
        if window.peek() != "{":
            what = type(window.value()).__name__
            raise Rejection("structure", "", f"must be a FHIR R4 Bundle, not {what}")
        window.at += 1
        is_first = True
        while window.peek() != "}" or not is_first:
            is_first = False
            name = self._name()
            if name == "entry" and window.peek() == "[":
                self.members[name] = []
                yield from self._list()
            else:
                self.members[name] = window.value()
            if window.peek() != ",":
                break
            window.at += 1
        window.take("}", "Expecting ',' delimiter")
        if window.peek():
            raise window.refusal(window.at, "Extra data")

    def _name(self) -> str:
        window = self._window
        if window.peek() != '"':
            raise window.refusal(window.at, "Expecting property name enclosed in double quotes")
        name = str(window.value())
        if name in self.members:
            raise Rejection("structure", "Bundle", f"the key {name[:60]!r} comes twice in one object")
        window.take(":", "Expecting ':' delimiter")
        return name

    def _list(self) -> Iterator[Scanned]:
        window = self._window
        window.at += 1
        if window.peek() == "]":
            window.at += 1
            return
        while True:
            yield self._one()
            if window.peek() != ",":
                break
            window.at += 1
        window.take("]", "Expecting ',' delimiter")

    def _one(self) -> Scanned:
        window = self._window
        window.peek()
        start = window.offset()
        value = window.value()
        end = window.offset()
        text = window.text[window.began : window.at]
        if is_escaped(text):
            value = clean(value, self._warnings)
        return Scanned(value, start, end, text)


def read_json(content: bytes, warnings: Warnings) -> Any:
    """Return the JSON value in `content`, which is UTF-8 with or without byte order mark. Raises Rejection."""
    window = Window(io.BytesIO(content), len(content), step=len(content) + 1)
    if not window.peek():
        raise Rejection("structure", "", "the file is empty; it must hold one FHIR R4 Bundle")
    value = window.value()
    if window.peek():
        raise window.refusal(window.at, "Extra data")
    return clean(value, warnings) if is_escaped(window.text) else value


def resource_bytes(entry: bytes) -> bytes:
    """Return the bytes of `resource` inside the bytes of an entry of a bundle, or all of them where it has none."""
    window = Window(io.BytesIO(entry), len(entry), step=len(entry) + 1)
    if window.peek() != "{":
        return entry
    window.at += 1
    while window.peek() == '"':
        name = window.value()
        window.take(":", "Expecting ':' delimiter")
        value = window.value()
        if name == "resource" and isinstance(value, dict):
            return window.text[window.began : window.at].encode()
        if window.peek() != ",":
            break
        window.at += 1
        window.peek()
    return entry
