"""Limits of units: `MCR_MUE_*Services_Eff_MM-DD-YYYY.csv` of CMS, or its Excel file.

Columns: code, value, adjudication indicator ("3 Date of Service Edit: Clinical"), rationale; a notice stands above the
heading, which has a line break in its first cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci.sheet import code_cell, plain, rows

_BEFORE_ROWS = 40
_HEADS = ("hcpcscptcode", "muevalues", "mueadjudicationindicator", "muerationale")
_INDICATOR = re.compile(r"([123])(?: .*)?")
_MOST_UNITS = 100_000
_SETTINGS = {
    "practitioner": "practitioner",
    "outpatienthospital": "hospital",
    "facility": "hospital",
    "dme": "dme",
}


class LimitRow(NamedTuple):
    """One limit as it is loaded."""

    line: int
    code: str
    units: int
    indicator: int
    rationale: str


def read(path: Path, setting: str, *, holds_licence: bool) -> Iterator[LimitRow]:
    """Yield the limits of a file. Raises FileError where it is not whole, of another setting or layout."""
    seen, in_rows = set[str](), False
    for number, cells in rows(path):
        if not in_rows:
            in_rows = _is_heading(cells, setting, number)
            if not in_rows and number > _BEFORE_ROWS:
                break
            continue
        row = _row(cells, number, holds_licence=holds_licence)
        if row.code in seen:
            raise FileError(f"{row.code} comes twice; download the file again", number)
        seen.add(row.code)
        yield row
    if not in_rows:
        raise FileError("no heading “HCPCS/CPT Code, ... MUE Values, ...”: this is no table of unit limits of CMS")
    if not seen:
        raise FileError("the file has no limit; download it again")


def _is_heading(cells: list[str], setting: str, number: int) -> bool:
    names = [plain(cell) for cell in cells]
    if _HEADS[0] not in names:
        return False
    if len(names) < len(_HEADS) or not all(name.endswith(head) for name, head in zip(names, _HEADS, strict=False)):
        raise FileError("the columns are not in the order of CMS: code, MUE values, adjudication indicator, rationale",
                        number)  # fmt: skip
    of = next((whose for word, whose in _SETTINGS.items() if word in names[1]), setting)
    if of != setting:
        raise FileError(f"its heading says {cells[1]!r}, and it was to be loaded for {setting}", number)
    return True


def _row(cells: list[str], number: int, *, holds_licence: bool) -> LimitRow:
    if len(cells) != len(_HEADS):
        raise FileError(f"has {len(cells)} columns, a row of limits has {len(_HEADS)}; download it again", number)
    code = code_cell(cells[0], number, "code", holds_licence=holds_licence)
    if not (cells[1].isascii() and cells[1].isdecimal() and int(cells[1]) <= _MOST_UNITS):
        raise FileError(f"MUE value {cells[1][:20]!r} is no whole number of units", number)
    indicator = _INDICATOR.fullmatch(cells[2])
    if indicator is None:
        raise FileError(f"adjudication indicator {cells[2][:30]!r} does not begin with 1, 2 or 3", number)
    if not cells[3]:
        raise FileError("has no rationale; the columns are shifted or the file was cut off", number)
    return LimitRow(number, code, int(cells[1]), int(indicator[1]), cells[3])
