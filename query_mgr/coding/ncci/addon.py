"""Add-on codes: `AOC_VyyyyQn-MCR.xlsx` of CMS, or its sheet saved as CSV or tab-separated text.

Columns: edit type, add-on code, its deletion, primary code (CCCCC where the contractor defines them), its deletion,
effective and deletion of the edit, notes; days as 2026091, the year and the day of it. CMS's fixed-width text of the
same table is not read: its Excel file comes in the same ZIP.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci.models import NEVER
from query_mgr.coding.ncci.sheet import code_cell, ordinal_cell, plain, rows

_BEFORE_ROWS = 40
_HEADS = (
    "aocedittype", "addoncode", "aocdeld", "primarycode", "primarycodedeld", "aoceditef", "aoceditdel", "specialinstr",
)  # fmt: skip
_CONTRACTOR = "CCCCC"


class AddOnRow(NamedTuple):
    """One add-on code with one code that it goes with, as it is loaded."""

    line: int
    code: str
    type: int
    primary_code: str
    effective_on: date
    deleted_on: date
    note: str


def read(path: Path, *, holds_licence: bool) -> Iterator[AddOnRow]:
    """Yield the add-on codes of a file. Raises FileError, with the row, where it is not in this layout."""
    seen, types, in_rows = set[tuple[object, ...]](), dict[str, int](), False
    for number, cells in rows(path):
        if not in_rows:
            in_rows = _is_heading(cells, number)
            if not in_rows and number > _BEFORE_ROWS:
                break
            continue
        row = _row(cells, number, holds_licence=holds_licence)
        if row[1:] in seen:
            raise FileError(f"{row.code} with {row.primary_code or _CONTRACTOR} comes twice", number)
        if row.deleted_on == NEVER and types.setdefault(row.code, row.type) != row.type:
            raise FileError(f"{row.code} is of type {types[row.code]} above and of type {row.type} here", number)
        seen.add(row[1:])
        yield row
    if not in_rows:
        raise FileError(
            "no heading “AOC_Edit_Type, Add-On_Code, ...”: load the Excel file of the add-on codes (AOC_V...-MCR.xlsx)"
        )
    if not seen:
        raise FileError("the file has no add-on code; download it again")


def _is_heading(cells: list[str], number: int) -> bool:
    names = [plain(cell) for cell in cells]
    if "addoncode" not in names:
        return False
    if len(names) < len(_HEADS) - 1 or not all(
        name.startswith(head) for name, head in zip(names, _HEADS, strict=False)
    ):
        raise FileError("the columns are not in the order of CMS: type, add-on code, its deletion, primary code, its "
                        "deletion, effective, deletion, notes", number)  # fmt: skip
    return True


def _row(cells: list[str], number: int, *, holds_licence: bool) -> AddOnRow:
    if not len(_HEADS) - 3 <= len(cells) <= len(_HEADS):
        raise FileError(f"has {len(cells)} columns, a row of add-on codes has {len(_HEADS)}", number)
    cells = [*cells, *[""] * (len(_HEADS) - len(cells))]  # a sheet leaves out the empty cells at the end of a row
    if cells[0] not in ("1", "2", "3"):
        raise FileError(f"edit type {cells[0][:10]!r} is none of 1, 2 and 3", number)
    code = code_cell(cells[1], number, "add-on code", holds_licence=holds_licence)
    is_open = cells[3].upper() == _CONTRACTOR
    primary = "" if is_open else code_cell(cells[3], number, "primary code", holds_licence=holds_licence)
    if not cells[5]:
        raise FileError("has no effective day; the columns are shifted or the file was cut off", number)
    effective = ordinal_cell(cells[5], number, "effective")
    ends = [ordinal_cell(cells[at], number, name) for at, name in
            ((2, "deletion of the add-on code"), (4, "deletion of the primary code"), (6, "deletion"))]  # fmt: skip
    return AddOnRow(number, code, int(cells[0]), primary, effective, min(ends), cells[7])
