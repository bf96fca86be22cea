"""From the bytes of a CSV file to its rows. What is wrong with one row stays with that row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from query_mgr.charts.problems import Held, Problem, Rejection, Warnings
from query_mgr.charts.records import HeldPart
from query_mgr.charts.tables.columns import KINDS, Columns, kind_of
from query_mgr.charts.tables.encoding import MAX_BYTES, decode, head_of
from query_mgr.charts.tables.mangled import LOST, has_lost_zeros, zero_width
from query_mgr.charts.tables.row import SHOWN_PROBLEMS, Findings, Row

MAX_ROWS = 100_000
_LONGEST_CELL = 32_767  # what a spreadsheet's own cell holds
_MOST_COLUMNS = 200
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n")
_HEADER_CELL = re.compile(r"[^\W\d][\w #./()%-]{0,60}")


@dataclass
class Table:
    """A CSV file, read: `refused` is what is wrong with it as a whole, the findings what is wrong with its rows."""

    kind: Columns
    encoding: str
    delimiter: str
    header: tuple[str, ...]  # as it is written
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused: list[Problem] = field(default_factory=list)
    warnings: Warnings = field(default_factory=Warnings)
    rows: list[Row] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    text: str = ""
    head_end: int = 0

    @property
    def matched(self) -> tuple[str, ...]:
        """The columns that were found, in the order of the kind."""
        found = {self.kind.canonical(name) for name in self.header}
        return tuple(name for name in self.kind.known if name in found)

    def readable(self) -> Iterable[Row]:
        """Yield the rows that have a cell for every column."""
        return (row for row in self.rows if not row.is_wrong)

    def refuse(self, *, good_rows: bool) -> None:
        """Raise what stands against taking the table; with `good_rows` single rows and unknown columns do not.

        Raises Held where all that is wrong would be right once something else is here.
        """
        problems = list(self.refused)
        if not good_rows:
            problems += [_unknown(self.kind, name) for name in self.unknown[:20]]
            problems += self.findings.problems()
        elif not problems and len(self.findings.rows) == len(self.rows):
            problems += self.findings.problems()
        if not problems:
            return
        first, count = problems[0], self.findings.count
        if first in self.findings.shown and self.findings.waiting == count:
            more = f" (so do {count - 1:,} more)" if count > 1 else ""
            raise Held(first.code, first.where, first.text + more)
        refused = Rejection(first.code, first.where, first.text)
        refused.problems = (*problems,)
        raise refused

    def left_out(self) -> tuple[HeldPart, ...]:
        """Return the rows that are wrong, each with its header as a table of its own that can be mended and sent."""
        wrong = [row for row in self.rows if row.is_wrong]
        parts = [
            HeldPart(row.place, _reason(self.findings, row), self._payload([row]))
            for row in wrong[:SHOWN_PROBLEMS]
        ]
        if rest := wrong[SHOWN_PROBLEMS:]:
            where = f"{rest[0].place} to {rest[-1].place}"
            parts.append(HeldPart(where, f"{len(rest):,} more rows are wrong", self._payload(rest)))
        return tuple(parts)

    def _payload(self, rows: Iterable[Row]) -> bytes:
        lines = [self.text[: self.head_end], *(self.text[row.start : row.end] for row in rows)]
        return "".join(line if line.endswith(("\n", "\r")) else f"{line}\r\n" for line in lines).encode()


def _reason(findings: Findings, row: Row) -> str:
    said = findings.by_row.get(row.number)
    return "; ".join(f"{column} {what}".strip() for column, what in said) if said else "is wrong"


def looks_like(content: bytes) -> bool:
    """Return whether a file is a CSV table: its first line names columns, ours or somebody's."""
    line = next(iter(_SEPARATOR_LINE.sub("", head_of(content), count=1).splitlines()), "")
    names = [name.strip().strip('"') for name in line.split(_delimiter(line))]
    if len(names) < 2 or not all(_HEADER_CELL.fullmatch(name) for name in names if name):
        return False
    return len(names) > 2 or any(kind.canonical(name) for kind in KINDS for name in names)


def read_table(content: bytes) -> Table:
    """Return a table with its rows. Raises Rejection where it cannot even be told what the table is."""
    decoded = decode(content)
    text = decoded.text
    csv.field_size_limit(
        MAX_BYTES
    )  # of the whole process; a cell's own limit is held per row, so that it is named
    mark = _SEPARATOR_LINE.match(text)
    text = text[mark.end() :] if mark else text
    delimiter = mark[1] if mark else _delimiter(text.split("\n", 1)[0])
    stream = io.StringIO(text, newline="")
    lines = csv.reader(stream, delimiter=delimiter, strict=True)
    try:
        header = next(lines, [])
    except csv.Error as error:
        raise Rejection("structure", "row 1", f"is not valid CSV ({error})") from None
    table = _opened(header, _DELIMITERS[delimiter], decoded.encoding)
    table.text, table.head_end = text, stream.tell()
    if decoded.warning:
        table.warnings.add("encoding", "", f"the file {decoded.warning}")
    if not table.refused:
        _read_rows(table, stream, lines)
    return table


def _opened(header: list[str], delimiter: str, encoding: str) -> Table:
    """Return a table without its rows, or with what is wrong with its header."""
    kind = kind_of(header)
    if len(header) > _MOST_COLUMNS:
        raise Rejection("structure", "row 1", f"has {len(header):,} columns; a table has at most {_MOST_COLUMNS}")
    if not any(name.strip() for name in header):
        raise Rejection("structure", "", "the table is empty; its first row must name the columns")
    if kind is None:
        known = "; ".join(f"{one.title.lower()}: {', '.join(one.needed)}" for one in KINDS)
        raise Rejection("structure", "row 1", f"names no column that is known here. Needed are, for {known}")
    found = [kind.canonical(name) for name in header]
    table = Table(kind, encoding, delimiter, tuple(header))
    table.unknown = tuple(name.strip()[:60] for name, known in zip(header, found, strict=True) if not known)
    table.missing = tuple(name for name in kind.needed if name not in found)
    for name in dict.fromkeys(one for one in found if one and found.count(one) > 1):
        table.refused.append(Problem("structure", "row 1", f"the column {name!r} comes twice"))
    for name in table.missing:
        table.refused.append(Problem("structure", "row 1", f"the column {name!r} is missing"))
    if table.missing:  # what was probably meant is among these
        table.refused += [_unknown(kind, name) for name in table.unknown[:20]]
    return table


def _unknown(kind: Columns, name: str) -> Problem:
    meant = kind.nearest(name)
    hint = f"did you mean {meant!r}?" if meant else f"known are {', '.join(kind.known)}"
    return Problem("structure", "row 1", f"the column {name[:40]!r} is not known; {hint}")


def _read_rows(table: Table, stream: io.StringIO, lines: Iterable[list[str]]) -> None:
    reader = iter(lines)
    names = [table.kind.canonical(name) or name.strip()[:40] for name in table.header]
    places = {name: at for at, name in enumerate(names) if name in table.kind.known}
    line_end = "\n" if "\n" in table.text else "\r"
    number, line = 1, table.text.count(line_end, 0, table.head_end)
    while True:
        start, number, line = stream.tell(), number + 1, line + 1
        problem = ""
        try:
            cells = next(reader, None)
        except csv.Error as error:
            cells, problem = [], f"is not valid CSV ({error})"
        end = stream.tell()
        if cells is None:
            break
        if len(table.rows) == MAX_ROWS:
            table.refused.append(Problem("too-large", "", f"has more than {MAX_ROWS:,} rows; split it"))
            break
        row = Row(number, line, cells, places, table.findings, start, end)
        line += max(table.text.count(line_end, start, end) - 1, 0)
        if problem and line > row.line:
            # A quote that was opened here closes nowhere good: what is a row from here on, nobody knows.
            problem += "; a quote opens here that is never closed, and nothing from here on can be read"
            row = Row(number, row.line, cells, places, table.findings, start, len(table.text))
        if problem:
            table.rows.append(row)
            row.wrong("", problem, "structure")
            if row.end == len(table.text):
                break
        elif any(cell.strip() for cell in cells):
            table.rows.append(row)
            _check_shape(row, names)
    if not table.rows:
        table.refused.append(Problem("structure", "", "the table has a header and no row"))
    _check_zeros(table)


def _check_shape(row: Row, names: list[str]) -> None:
    if len(row.values) != len(names):
        row.wrong("", f"has {len(row.values):,} cells, the header {len(names)}", "structure")
        return
    for name, cell in zip(names, row.values, strict=True):
        if len(cell) > _LONGEST_CELL:
            row.wrong(name, f"has {len(cell):,} characters; a cell holds at most {_LONGEST_CELL:,}")
        elif "\x00" in cell:
            row.wrong(name, "contains a NUL character")


def _check_zeros(table: Table) -> None:
    """Find identifiers that lost their leading zeros while others of the column kept them."""
    for name in ("mrn", "encounter"):
        width = zero_width(row.text(name) for row in table.readable())
        for row in list(table.readable()) if width else ():
            if has_lost_zeros(row.text(name), width):
                row.wrong(name, f"has fewer than {width} digits, and others begin with zeros: {LOST}")


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)
