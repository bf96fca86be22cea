"""From the bytes of a CSV file to rows whose cells know where they stand."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from query_mgr.charts.problems import Problem, Rejection

MAX_BYTES = 50 * 1024 * 1024
_LONGEST_CELL = 200_000
_MOST_COLUMNS = 200
#: what a spreadsheet makes of an identifier that looks like a number
_MANGLED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_FORMATS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y")
#: columns of the two kinds of table -> whether they must be there
INDEX = {"file": True, "mrn": True, "authored_at": True, "encounter": False, "kind": False, "title": False,
         "author_name": False, "author_role": False, "family_name": False, "given_names": False, "birth_on": False,
         "sex": False, "authority": False}  # fmt: skip
ENCOUNTERS = {"mrn": True, "family_name": True, "encounter": True, "class": True, "admitted_at": True, "given_names": False,
              "birth_on": False, "sex": False, "discharged_at": False, "attending_npi": False, "attending_name": False,
              "service_line": False, "payer": False, "facility": False, "reason": False, "authority": False}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of a table; `number` counts from 1 with the header."""

    number: int
    cells: Mapping[str, str]
    errors: list[Problem]

    def text(self, name: str) -> str:
        """Return a cell, trimmed; "" where the column is missing."""
        return self.cells.get(name, "").strip()

    def needed(self, name: str) -> str:
        """Return a cell that must not be empty."""
        if not self.text(name):
            self.wrong(name, "is empty; fill it in")
        return self.text(name)

    def identifier(self, name: str) -> str:
        """Return an identifier that no spreadsheet has turned into a number."""
        if _MANGLED.fullmatch(self.needed(name)):
            self.wrong(name, "was turned into a number by a spreadsheet; export the column as text")
        return self.text(name)

    def moment(self, name: str, zone: tzinfo) -> datetime | None:
        """Return a time as UTC, None for an empty cell; without an offset it is the facility's."""
        text = self.text(name)
        if not text:
            return None
        found = _parsed(text)
        if found and 1850 <= found.year <= 2100:
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        self.wrong(name, f"{text[:30]!r} is no time such as 2026-03-02 06:10")
        return None

    def day(self, name: str) -> date | None:
        """Return a day, None for an empty cell."""
        text = self.text(name)
        for form in ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d"):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                continue
        if text:
            self.wrong(name, "is no day such as 1948-03-02")
        return None

    def choice(self, name: str, known: Sequence[str], default: str) -> str:
        """Return a cell that is one of `known`; an empty one is `default`."""
        text = self.text(name).lower().replace(" ", "_")
        if text and text not in known:
            self.wrong(name, f"{text[:30]!r} is none of: {', '.join(known)}")
        return text if text in known else default

    def wrong(self, name: str, what: str) -> None:
        """Note what is wrong with a cell."""
        self.errors.append(Problem("cell", f"row {self.number}, {name}", what))


def _parsed(text: str) -> datetime | None:
    """Return a time in ISO 8601 or as US spreadsheets write it."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 (the row knows the zone)
        except ValueError:
            continue
    return None


def looks_like(content: bytes) -> bool:
    """Return whether a file is one of the tables: its first line names their columns."""
    head = content.removeprefix(codecs.BOM_UTF8)[:4000].replace(b"\x00", b"").split(b"\n", 1)[0].lower()
    head = head.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)
    names = {one.strip(b' "\r') for one in re.split(rb"[,;\t]", head)}
    return b"mrn" in names and bool(names & {b"file", b"admitted_at"})


def read_rows(content: bytes, columns: Mapping[str, bool]) -> list[Row]:
    """Return the rows of a CSV file, whose columns are all known and complete.

    Raises Rejection naming the column or row.
    """
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        _check_header(header, columns)
        errors: list[Problem] = []
        rows = []
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    raise Rejection(
                        "structure", f"row {lines.line_num}", f"has {len(cells)} cells, the header {len(header)}"
                    )
                rows.append(Row(lines.line_num, dict(zip(header, cells, strict=True)), errors))
    except csv.Error as error:
        raise Rejection("structure", f"row {lines.line_num}", f"is not valid CSV ({error})") from None
    if not rows:
        raise Rejection("structure", "", "the table has a header and no row")
    return rows


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Rejection("too-large", "", f"larger than {MAX_BYTES >> 20} MB; split it")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejection("encoding", f"byte {error.start}", "not UTF-8; save the table as CSV UTF-8") from None
    if "\x00" in text:
        raise Rejection(
            "encoding", f"row {text[: text.index(chr(0))].count(chr(10)) + 1}", "contains a NUL character"
        )
    return text


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _check_header(header: list[str], columns: Mapping[str, bool]) -> None:
    if len(header) > _MOST_COLUMNS:
        raise Rejection("structure", "row 1", f"has {len(header)} columns; the table has at most {len(columns)}")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise Rejection("structure", "row 1", f"the column {twice[:40]!r} comes twice")
    missing = [name for name, is_needed in columns.items() if is_needed and name not in header]
    if missing:
        raise Rejection("structure", "row 1", f"the column {missing[0]!r} is missing")
    unknown = [name for name in header if name not in columns]
    if unknown:
        raise Rejection(
            "structure", "row 1", f"the column {unknown[0][:40]!r} is not known; known are {', '.join(columns)}"
        )


def refuse_errors(rows: Sequence[Row]) -> None:
    """Raise the errors that were noted while rows were read, at most 50 of them, so that nothing is taken."""
    errors = rows[0].errors if rows else []
    if errors:
        refused = Rejection("cell", "", "")
        more = (Problem("cell", "", f"and {len(errors) - 50} more cells"),) if len(errors) > 50 else ()
        refused.problems = (*errors[:50], *more)
        raise refused
