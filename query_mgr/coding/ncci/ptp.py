"""Code pairs: `ccipra-v*.TXT` (practitioner) and `ccioph-v*.TXT` (hospital) of CMS, or their Excel files.

Columns: column 1, column 2, * for "in existence before 1996", effective and deletion as 20260101 (* for none), modifier
indicator 0, 1 or 9, rationale. A notice and a heading, often of several lines, stand above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci import xlsx
from query_mgr.coding.ncci.models import NEVER
from query_mgr.coding.ncci.sheet import LICENCE, code_cell, day_cell, decoded, raw_lines

_CODE = r"(?:\d{4}[0-9A-Z]|[A-V]\d{4})"
_ROW = re.compile(rf"({_CODE})\t({_CODE})\t(?:\*| *)\t(\d{{8}})\t(\d{{8}}|\*)\t([019])\t(.+)", re.ASCII)
_FIRST = re.compile(rf"(?:{_CODE}|[A-V0-9]\d{{0,4}})$", re.ASCII)
_BEFORE_ROWS = 80  # lines of notice and heading
_COLUMNS = 7
_MARKS = frozenset({b"", b"*"})
_INDICATORS = {b"0": 0, b"1": 1, b"9": 9}
_HEADS = ("column1", "column2", "", "effective", "deletion", "modifier")
_LONGEST_RATIONALE = 200


#: line, column 1, column 2, effective and deletion as ISO 8601, modifier indicator, rationale
PairRow = tuple[int, str, str, str, str, int, str]


def read(path: Path, *, holds_licence: bool) -> Iterator[PairRow]:
    """Yield the pairs of a file. Raises FileError, with the line, where it is not whole or not in this layout.

    A row that comes twice below the same column 1 is found here; elsewhere, the loader finds it.
    """
    numbered: Iterable[tuple[int, bytes, bool]]
    if path.suffix.lower() != ".gz" and xlsx.is_xlsx(path):
        numbered = ((number, "\t".join(cells).encode(), True) for number, cells in xlsx.rows(path))
    else:
        numbered = raw_lines(path)
    reader = _Reader(holds_licence=holds_licence)
    for number, raw, is_ended in numbered:
        found = reader.row(number, raw, is_ended=is_ended)
        if found is not None:
            yield found
        elif number > _BEFORE_ROWS and not reader.has_heading:
            break
    if not reader.has_heading:
        raise FileError("no heading “Column 1, Column 2, ...”: this is no table of code pairs of CMS")
    if not reader.reasons:
        raise FileError("the file has no pair of codes; download it again")


class _Reader:
    """What was read so far. A million rows have few codes, days and rationales: each is checked once, then known."""

    def __init__(self, *, holds_licence: bool) -> None:
        self.holds_licence, self.has_heading, self.blank = holds_licence, False, 0
        self.codes, self.reasons = dict[bytes, str](), dict[bytes, str]()
        self.days = {b"*": NEVER.isoformat()}
        self._run, self._seen = b"", set[bytes]()

    def row(self, number: int, raw: bytes, *, is_ended: bool) -> PairRow | None:
        """Return the pair of a line, or None for a line of notice, heading or end."""
        cells = raw.split(b"\t")
        if len(cells) == _COLUMNS and cells[2] in _MARKS and not self.blank:
            first, second, _, effective, deletion, modifier, reason = cells
            try:
                found = (
                    number, self.codes[first], self.codes[second], self.days[effective], self.days[deletion],
                    _INDICATORS[modifier], self.reasons[reason],
                )  # fmt: skip
            except KeyError:
                return self._checked(number, raw, is_ended=is_ended)
            if first != self._run:
                self._run, self._seen = first, set()
            if raw in self._seen:
                raise FileError(f"the row {found[1]} with {found[2]} comes twice; download the file again", number)
            self._seen.add(raw)
            return found
        return self._checked(number, raw, is_ended=is_ended)

    def _checked(self, number: int, raw: bytes, *, is_ended: bool) -> PairRow | None:
        """Read a line with something new in it; keep what is right for the rows to come."""
        line = decoded(raw, number)
        if _ROW.fullmatch(line) is None:
            self._other(number, line, is_ended=is_ended)
            return None
        if not self.has_heading:
            raise FileError("rows without the heading “Column 1, Column 2, ...” above them", number)
        if self.blank:
            raise FileError("an empty line between the rows; download the file again", self.blank)
        cells = raw.split(b"\t")
        if not is_ended and cells[6] not in self.reasons:
            raise FileError("the last line has no end: the file was cut off; download it again", number)
        self._learn(cells, line.split("\t"), number)
        return self.row(number, b"\t".join([*cells[:2], cells[2].strip(), *cells[3:]]), is_ended=is_ended)

    def _learn(self, cells: list[bytes], texts: list[str], number: int) -> None:
        if not self.holds_licence and (texts[0][0].isdecimal() or texts[1][0].isdecimal()):
            raise FileError(LICENCE, number)
        self.codes |= {cells[0]: texts[0], cells[1]: texts[1]}
        for at, name in ((3, "effective date"), (4, "deletion date")):
            if cells[at] not in self.days:
                self.days[cells[at]] = day_cell(texts[at], number, name).isoformat()
        self.reasons[cells[6]] = texts[6].strip()

    def _other(self, number: int, line: str, *, is_ended: bool) -> None:
        """Take note of a line that is no row. Raises FileError where it was meant as one."""
        if self.reasons or (self.has_heading and _is_row(line)):
            if line.strip():
                raise FileError(_why(line, is_ended=is_ended), number)
            self.blank = self.blank or number
        else:
            self.has_heading = self.has_heading or _is_heading(line, number)


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
