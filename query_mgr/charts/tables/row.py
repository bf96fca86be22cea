"""One line of a table, whose cells know where they stand and say what is wrong with them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from operator import itemgetter

from query_mgr.charts.problems import Problem
from query_mgr.charts.tables.mangled import mangled

SHOWN_PROBLEMS = 200  # a table with 99,999 wrong cells must not make a report of as many lines
_FORMATS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")


@dataclass
class Findings:
    """What is wrong with the rows of a table: the first in full, all of them counted."""

    shown: list[Problem] = field(default_factory=list)
    count: int = 0
    waiting: int = 0  # those that something missing here could put right
    by_row: dict[int, list[tuple[str, str]]] = field(
        default_factory=dict
    )  # row -> (column, what), as far as shown
    rows: set[int] = field(default_factory=set)
    _numbers: list[int] = field(default_factory=list)  # the row of each that is shown

    def add(self, row: Row, column: str, what: str, code: str) -> None:
        """Note one finding."""
        self.count += 1
        self.waiting += code == "waits"
        self.rows.add(row.number)
        if len(self.shown) < SHOWN_PROBLEMS:
            self._numbers.append(row.number)
            self.shown.append(Problem(code, f"{row.place}, {column}" if column else row.place, what))
            self.by_row.setdefault(row.number, []).append((column, what))

    def problems(self) -> tuple[Problem, ...]:
        """Return what a report says."""
        rest = self.count - len(self.shown)
        in_order = [
            problem for _, problem in sorted(zip(self._numbers, self.shown, strict=True), key=itemgetter(0))
        ]
        return (*in_order, *((Problem("cell", "", f"and {rest:,} more like these"),) if rest else ()))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `number` counts rows from 1 with the header, as spreadsheets do; `line` counts lines."""

    number: int
    line: int
    values: Sequence[str]
    places: Mapping[str, int]
    findings: Findings
    start: int = 0  # where its own text lies in the file's
    end: int = 0

    @property
    def place(self) -> str:
        """Where the row stands; the line too where cells with line breaks come before it."""
        return f"row {self.number}" if self.line == self.number else f"row {self.number} (line {self.line})"

    @property
    def is_wrong(self) -> bool:
        """True once something is wrong with any of its cells."""
        return self.number in self.findings.rows

    def text(self, name: str) -> str:
        """Return a cell, trimmed; "" where the column is missing."""
        at = self.places.get(name)
        return "" if at is None or at >= len(self.values) else self.values[at].strip()

    def needed(self, name: str) -> str:
        """Return a cell that must not be empty."""
        if not self.text(name):
            self.wrong(name, "is empty; fill it in")
        return self.text(name)

    def identifier(self, name: str) -> str:
        """Return an identifier that no spreadsheet has turned into something else."""
        text = self.needed(name)
        if what := mangled(text):
            self.wrong(name, what)
        elif not text.isprintable() and any(
            unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} for sign in text
        ):
            self.wrong(name, "holds an invisible sign; type it again")
        return text

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
        if not text:
            return None
        for form in ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d"):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                continue
        self.wrong(name, f"{text[:30]!r} is no day such as 1948-03-02")
        return None

    def choice(self, name: str, known: Sequence[str], default: str) -> str:
        """Return a cell that is one of `known`, whatever its case; an empty one is `default`."""
        text = self.text(name).lower().replace(" ", "_")
        if text and text not in known:
            self.wrong(name, f"{text[:30]!r} is none of: {', '.join(known)}")
        return text if text in known else default

    def wrong(self, name: str, what: str, code: str = "cell") -> None:
        """Note what is wrong with a cell, or with the whole row where `name` is ""."""
        self.findings.add(self, name, what, code)


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
