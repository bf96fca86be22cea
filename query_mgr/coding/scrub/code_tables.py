"""Lists of codes that a person can review: rows of codes, read once and asked many times. Pure.

A row names a code or all codes that begin with it: `Z68`, `I25.2`, and with a choice of signs in brackets
`W2[89]` or `0DY[8E]0Z`. The longest row that fits a code and is in force on the date decides, so that a row
`Z68.5,no` takes one part out of `Z68,yes`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

_TABLES = Path(__file__).parent / "tables"
_SIGN = re.compile(r"\[([^\]]+)\]|([0-9A-Z])")
_CATEGORY = 3
COLUMNS = ("list", "codes", "in", "first_on", "last_on", "what")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. `value` is "yes", "no", or what else the list says of its codes; dates are inclusive."""

    codes: str
    value: str
    first_on: date | None
    last_on: date | None
    what: str

    def holds_on(self, on: date) -> bool:
        """Return whether the line is in force on a date."""
        return (self.first_on is None or self.first_on <= on) and (self.last_on is None or on <= self.last_on)


class CodeTable:
    """One list; `prefixes` maps the beginning of a code, without its dot, to its rows."""

    def __init__(self, prefixes: Mapping[str, tuple[Row, ...]]) -> None:
        self._rows = prefixes
        short = {len(prefix) for prefix in prefixes if len(prefix) < _CATEGORY}
        lengths: dict[str, set[int]] = {}
        for prefix in prefixes:
            if len(prefix) >= _CATEGORY:
                lengths.setdefault(prefix[:_CATEGORY], set(short)).add(len(prefix))
        self._short = tuple(sorted(short, reverse=True))
        #: per category the lengths that its rows have, longest first: of most categories a list has no row at all
        self._lengths = {category: tuple(sorted(found, reverse=True)) for category, found in lengths.items()}

    def beginnings(self) -> Iterator[str]:
        """Yield the beginnings of codes that have a row of their own."""
        return iter(self._rows)

    def row(self, bare: str, on: date) -> Row | None:
        """Return the row that decides on a code without its dot, or None where no row speaks of it."""
        for length in self._lengths.get(bare[:_CATEGORY], self._short):
            for row in self._rows.get(bare[:length], ()):
                if row.holds_on(on):
                    return row
        return None

    def value(self, bare: str, on: date) -> str:
        """Return what the list says of a code: "" where it is not in the list."""
        row = self.row(bare, on)
        return "" if row is None or row.value == "no" else row.value

    def holds(self, bare: str, on: date) -> bool:
        """Return whether a code is in the list on a date."""
        return self.value(bare, on) != ""


@cache
def tables(name: str) -> Mapping[str, CodeTable]:
    """Return the lists of a file of `tables/`, by name. Raises ValueError for a line that cannot be read."""
    rows: dict[str, dict[str, tuple[Row, ...]]] = {}
    for key, row in read(_TABLES / name):
        for prefix in spelled_out(row.codes):
            there = rows.setdefault(key, {})
            there[prefix] = (*there.get(prefix, ()), row)
    return {key: CodeTable(found) for key, found in rows.items()}


def read(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the lines of a file with the name of their list. Raises ValueError for a line that cannot be read."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"{path.name}: the columns are {', '.join(COLUMNS)}")
        for key, codes, value, first, last, what in lines:
            yield key, Row(codes, value, _day(first), _day(last), what)


def spelled_out(codes: str) -> list[str]:
    """Return all beginnings that a row names: `W2[89]` gives W28 and W29. Raises ValueError for another sign."""
    text = codes.replace(".", "")
    if _SIGN.sub("", text):
        raise ValueError(f"{codes}: a row of codes holds letters, digits and [choices]")
    return ["".join(signs) for signs in product(*(_choices(found) for found in _SIGN.finditer(text)))]


def _choices(found: re.Match[str]) -> list[str]:
    choice, sign = found.groups()
    if sign:
        return [sign]
    signs = re.findall(r"(.)(?:-(.))?", choice)
    return [chr(at) for low, high in signs for at in range(ord(low), ord(high or low) + 1)]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
