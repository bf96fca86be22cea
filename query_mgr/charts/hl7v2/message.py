"""One HL7 v2 message: segments, fields, repetitions, components, and its escapes undone.

Source: HL7 v2.5.1, chapter 2 (2.5 message construction, 2.7 use of escape sequences).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from query_mgr.charts.problems import Rejection

MAX_SEGMENTS = 20_000
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")


@dataclass(frozen=True)
class Delimiters:
    """What MSH-1 and MSH-2 declare; `truncation` ("#" since v2.7) means nothing to a reader."""

    field: str
    component: str
    repetition: str
    escape: str
    sub: str


@dataclass(frozen=True)
class Field:
    """One repetition of a field."""

    raw: str
    delimiters: Delimiters

    def text(self, component: int = 1, sub: int = 1) -> str:
        """Return a component (from 1), its subcomponent (from 1), escapes undone and trimmed; "" where there is none."""
        return self._unescaped(self._piece(component, sub)).strip()

    @property
    def is_null(self) -> bool:
        """True for `""`: the sender says that there is no value, where an empty field says nothing."""
        return self.raw == '""'

    def _piece(self, component: int, sub: int) -> str:
        parts = self.raw.split(self.delimiters.component)
        subs = parts[component - 1].split(self.delimiters.sub) if component <= len(parts) else []
        return subs[sub - 1] if sub <= len(subs) and subs[sub - 1] != '""' else ""

    def whole(self) -> str:
        """Return the field as one text, whatever delimiters stand in it: a line of a note."""
        return self._unescaped(self.raw)

    def _unescaped(self, text: str) -> str:
        escape = self.delimiters.escape
        if not escape or escape not in text:
            return text
        sign = re.escape(escape)
        return re.sub(rf"{sign}([^{sign}\r\n]{{0,64}}){sign}", self._meaning, text)

    def _meaning(self, found: re.Match[str]) -> str:
        code, plain = found[1], self.delimiters
        known = {"F": plain.field, "S": plain.component, "T": plain.sub, "R": plain.repetition, "E": plain.escape,
                 "P": "#", "H": "", "N": "", ".br": "\n", ".BR": "\n", ".sp": "\n", ".ce": "\n"}  # fmt: skip
        if code in known:
            return known[code]
        if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", code):
            return bytes.fromhex(code[1:]).decode("utf-8", "replace").replace("\x00", "")
        if re.fullmatch(r"\.(?:in|ti|sp|sk|fi|nf)[+-]?\d*", code):
            return "\n" if code.startswith((".sp", ".ti")) else ""
        if re.fullmatch(r"[CMZ][0-9A-Fa-z]*", code):
            return ""  # character sets and local escapes: nothing that a chart could show
        return found[0]  # no escape at all: a backslash that somebody typed


@dataclass(frozen=True)
class Segment:
    """One segment; fields count from 1 as in the standard, MSH-1 being the separator itself."""

    name: str
    line: str
    delimiters: Delimiters

    @cached_property
    def fields(self) -> list[str]:
        """The fields as sent; split when somebody asks, since most segments are not read before the answer."""
        found = self.line.split(self.delimiters.field)
        if self.name == "MSH":
            found.insert(1, self.delimiters.field)
        return found

    def all(self, number: int) -> tuple[Field, ...]:
        """Return the repetitions of a field that hold something."""
        raw = self.fields[number] if number < len(self.fields) else ""
        if self.name == "MSH" and number <= 2:
            return (Field(raw, self.delimiters),)
        return tuple(Field(one, self.delimiters) for one in raw.split(self.delimiters.repetition) if one)

    def first(self, number: int) -> Field:
        """Return the first repetition of a field; an empty one where there is none."""
        return next(iter(self.all(number)), Field("", self.delimiters))

    def text(self, number: int, component: int = 1, sub: int = 1) -> str:
        """Return a component of a field's first repetition."""
        raw = self.fields[number] if number < len(self.fields) else ""
        if raw.isalnum() or not raw:  # most fields: nothing in them to split or undo
            return raw if component == sub == 1 else ""
        return self.first(number).text(component, sub)


@dataclass(frozen=True)
class Message:
    """A parsed message."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    def of(self, *names: str) -> Iterator[Segment]:
        """Yield the segments with one of these names, in order."""
        return (one for one in self.segments if one.name in names)

    def first(self, name: str) -> Segment | None:
        """Return the first segment with this name, or None."""
        return next(self.of(name), None)


def parse(text: str) -> Message:
    """Return the message in `text`, whose segments end with CR, LF or both.

    Raises Rejection naming the segment.
    """
    lines = [line for line in lines_of(text) if line.strip()]
    if not lines or not lines[0].startswith("MSH"):
        raise Rejection("structure", "segment 1", "an HL7 v2 message begins with MSH")
    if len(lines) > MAX_SEGMENTS:
        raise Rejection("too-large", "", f"more than {MAX_SEGMENTS} segments in one message; split it")
    delimiters = _declared(lines[0])
    return Message(tuple(_segment(line, number, delimiters) for number, line in enumerate(lines, 1)))


def _declared(line: str) -> Delimiters:
    separator = line[3:4]
    encoding = line[4:].split(separator, 1)[0] if separator else ""
    if not separator or separator.isalnum() or separator.isspace():
        raise Rejection("structure", "MSH-1", f"{separator!r} is no field separator; it is mostly |")
    if not 1 <= len(encoding) <= 5 or len(set(encoding)) < len(encoding) or separator in encoding:
        raise Rejection(
            "structure", "MSH-2", f"{encoding[:10]!r} declares no encoding characters; it is mostly ^~\\&"
        )
    padded = encoding + "\0\0\0\0"  # a short MSH-2 declares fewer; what is not declared never occurs
    return Delimiters(separator, padded[0], padded[1], padded[2].strip("\0"), padded[3])


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that end with CR, LF or both."""
    return text.replace("\r\n", "\r").replace("\n", "\r").split("\r")


@lru_cache(maxsize=1024)
def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


def _segment(line: str, number: int, delimiters: Delimiters) -> Segment:
    name = line[:3]
    if not _is_name(name) or line[3:4] not in ("", delimiters.field):
        raise Rejection(
            "structure", f"segment {number}", f"{line[:8]!r} begins no segment; the message is broken here"
        )
    return Segment(name, line, delimiters)


def with_patient(text: str, mrn: str, authority: str) -> str:
    """Return a message that says whose it is: a PID-3 in front of what its PID holds, or a PID where it has none."""
    lines = [line for line in lines_of(text) if line.strip()]
    delimiters = _declared(lines[0])
    number = f"{delimiters.component * 3}".join((_escaped(mrn, delimiters), _escaped(authority, delimiters)))
    number += f"{delimiters.component}MR"
    at = next((at for at, line in enumerate(lines) if line[:3] == "PID"), None)
    if at is None:
        at = next((at for at, line in enumerate(lines) if at and line[:3] not in ("EVN", "SFT")), len(lines))
        lines.insert(at, "PID")
    fields = lines[at].split(delimiters.field)
    fields += [""] * (4 - len(fields))
    fields[3] = delimiters.repetition.join(filter(None, (number, fields[3])))
    lines[at] = delimiters.field.join(fields)
    return "\r".join(lines) + "\r"


def _escaped(text: str, delimiters: Delimiters) -> str:
    signs = {delimiters.escape: "E", delimiters.field: "F", delimiters.component: "S", delimiters.repetition: "R",
             delimiters.sub: "T"}  # fmt: skip
    return "".join(f"{delimiters.escape}{signs[one]}{delimiters.escape}" if one in signs else one for one in text)
