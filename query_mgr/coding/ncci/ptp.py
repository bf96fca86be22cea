"""Code pairs: `ccipra-v*.TXT` (practitioner) and `ccioph-v*.TXT` (hospital) of CMS, or their Excel files.

Columns: column 1, column 2, * for "in existence before 1996", effective and deletion as 20260101 (* for none), modifier
indicator 0, 1 or 9, rationale. A notice and a heading, often of several lines, stand above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci import xlsx
from query_mgr.coding.ncci.models import NEVER
from query_mgr.coding.ncci.sheet import LICENCE, code_cell, day_cell, lines

_CODE = r"(?:\d{4}[0-9A-Z]|[A-V]\d{4})"
_ROW = re.compile(rf"({_CODE})\t({_CODE})\t(?:\*| *)\t(\d{{8}})\t(\d{{8}}|\*)\t([019])\t(.+)", re.ASCII)
_FIRST = re.compile(rf"(?:{_CODE}|[A-V0-9]\d{{0,4}})$", re.ASCII)
_BEFORE_ROWS = 80  # lines of notice and heading
_COLUMNS = 7
_HEADS = ("column1", "column2", "", "effective", "deletion", "modifier")
_LONGEST_RATIONALE = 200


class PairRow(NamedTuple):
    """One pair as it is loaded; days as ISO 8601."""

    line: int
    column1: str
    column2: str
    effective_on: str
    deleted_on: str
    modifier: int
    rationale: str


def read(path: Path, *, holds_licence: bool) -> Iterator[PairRow]:
    """Yield the pairs of a file. Raises FileError, with the line, where it is not whole or not in this layout."""
    days = dict[str, str]({"*": NEVER.isoformat()})
    run, seen = "", set[tuple[str, ...]]()
    rationales = set[str]()
    for number, groups in _rows(path, rationales):
        column1, column2, effective, deletion, modifier, rationale = groups
        if not holds_licence and (column1[0].isdecimal() or column2[0].isdecimal()):
            raise FileError(LICENCE, number)
        if column1 != run:
            run, seen = column1, set()
        key = groups[1:]
        if key in seen:
            raise FileError(f"the row {column1} with {column2} comes twice; download the file again", number)
        seen.add(key)
        rationales.add(rationale)
        yield PairRow(
            number, column1, column2, days.get(effective) or _day(days, effective, number, "effective date"),
            days.get(deletion) or _day(days, deletion, number, "deletion date"), int(modifier), rationale,
        )  # fmt: skip
    if not rationales:
        raise FileError("the file has no pair of codes; download it again")


def _day(days: dict[str, str], text: str, number: int, column: str) -> str:
    return days.setdefault(text, day_cell(text, number, column).isoformat())


def _rows(path: Path, rationales: set[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the number and the cells of each row below the heading; `rationales` are those that were read so far."""
    numbered: Iterator[tuple[int, str, bool]]
    if path.suffix.lower() != ".gz" and xlsx.is_xlsx(path):
        numbered = ((number, "\t".join(cells), True) for number, cells in xlsx.rows(path))
    else:
        numbered = lines(path)
    has_heading, in_rows, blank = False, False, 0
    for number, line, is_ended in numbered:
        if match := _ROW.fullmatch(line):
            if not has_heading:
                raise FileError("rows without the heading “Column 1, Column 2, ...” above them", number)
            if blank:
                raise FileError("an empty line between the rows; download the file again", blank)
            groups = (*match.groups()[:5], match[6].strip())
            if not is_ended and groups[5] not in rationales:
                raise FileError("the last line has no end: the file was cut off; download it again", number)
            in_rows = True
            yield number, groups
        elif in_rows or (has_heading and _is_row(line)):
            if line.strip():
                raise FileError(_why(line, is_ended=is_ended), number)
            blank = blank or number
        else:
            has_heading = has_heading or _is_heading(line, number)
            if number > _BEFORE_ROWS:
                break
    if not has_heading:
        raise FileError("no heading “Column 1, Column 2, ...”: this is no table of code pairs of CMS")


def _is_row(line: str) -> bool:
    """Return whether a line below the heading is meant as a row: the heading may have lines of its own."""
    first, *others = line.split("\t")
    return bool(_FIRST.match(first.strip())) or (bool(first.strip()) and len(others) >= len(_HEADS) - 1)


def _is_heading(line: str, number: int) -> bool:
    cells = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in line.split("\t")]
    if not any(cell.startswith("column") for cell in cells) or len(cells) < 2:
        return False
    if len(cells) >= len(_HEADS) and not all(
        cell.startswith(head) for cell, head in zip(cells, _HEADS, strict=False)
    ):
        raise FileError("the columns are not in the order of CMS: column 1, column 2, before 1996, effective, deletion, "
                        "modifier, rationale", number)  # fmt: skip
    return cells[:2] == list(_HEADS[:2])


def _why(line: str, *, is_ended: bool) -> str:
    """Return what is wrong with a row."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) != _COLUMNS:
        cut = " The file was cut off here." if not is_ended else ""
        return f"has {len(cells)} columns, a row of code pairs has {_COLUMNS};{cut} download the file again"
    try:
        for at, column in ((0, "column 1"), (1, "column 2")):
            code_cell(cells[at], 0, column, holds_licence=True)
        day_cell(cells[3], 0, "effective date")
        if cells[4] != "*":
            day_cell(cells[4], 0, "deletion date")
    except FileError as error:
        return str(error)
    if cells[5] not in ("0", "1", "9"):
        return f"modifier indicator {cells[5][:10]!r} is none of 0, 1 and 9"
    if cells[2] not in ("", "*"):
        return f"{cells[2][:10]!r} stands where * marks a pair from before 1996"
    if len(cells[6]) > _LONGEST_RATIONALE or not cells[6]:
        return "has no rationale; the file was cut off" if not cells[6] else "has a rationale that is too long"
    return "has blanks where CMS has none; load the file as CMS gives it"
