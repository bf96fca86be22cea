"""The rows of a table of CMS, from text, CSV or Excel, and what is wrong with a cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from query_mgr.charts.tables.mangled import retyped
from query_mgr.codes import files
from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci import xlsx
from query_mgr.coding.ncci.models import NEVER

CODE = re.compile(r"(?:\d{4}[0-9A-Z]|[A-V]\d{4})", re.ASCII)
_CPT = re.compile(r"\d{4}[0-9A-Z]", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_LONGEST_LINE = 8_000
_LARGEST_CSV = 64 << 20
LICENCE = (
    "the file holds CPT codes, which are copyright American Medical Association. CMS gives it to those who accept the "
    "AMA's licence; if you did, add --i-hold-a-licence. Nothing of it comes with query_mgr"
)


def raw_lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the number of each line, what is in it, and whether it has an end. Raises FileError for what is no text."""
    with files.opened(path) as stream:
        number, ending = 0, b""
        while raw := stream.readline(_LONGEST_LINE + 1):
            number += 1
            if len(raw) > _LONGEST_LINE:
                raise FileError(
                    f"longer than {_LONGEST_LINE} characters: no table of CMS; download it again", number
                )
            found = b"\r\n" if raw.endswith(b"\r\n") else b"\n" if raw.endswith(b"\n") else b""
            ending = ending or found
            if found and found != ending:
                raise FileError("ends otherwise than line 1 (CRLF and LF are mixed); download it again", number)
            yield number, raw[: len(raw) - len(found)], bool(found)


def decoded(raw: bytes, number: int = 0) -> str:
    """Return text of UTF-8 or Windows-1252. Raises FileError for signs that no text has."""
    if number == 1:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise FileError("is UTF-16; save it as UTF-8 or load the file as CMS gives it", number)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if bad := _CONTROL.search(text):
        raise FileError(f"holds the sign U+{ord(bad[0]):04X}, which no table has; download it again", number)
    return text


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row of a CSV, tab-separated or Excel file; quoted cells may hold lines."""
    if path.suffix.lower() != ".gz" and xlsx.is_xlsx(path):
        yield from xlsx.rows(path)
        return
    with files.opened(path) as stream:
        content = stream.read(_LARGEST_CSV + 1)
    if len(content) > _LARGEST_CSV:
        raise FileError(f"larger than {_LARGEST_CSV >> 20} MB: no such table of CMS")
    text = decoded(content, 1)
    if not text.strip():
        raise FileError("the file is empty; download it again")
    mark = "\t" if text.count("\t") > text.count(",") else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mark, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FileError(f"is not valid CSV ({error}); download it again", reader.line_num) from None
    if not text.endswith(("\n", "\r")):
        raise FileError("the last line has no end: the file was cut off; download it again", reader.line_num)


def code_cell(text: str, number: int, column: str, *, holds_licence: bool) -> str:
    """Return the code of a cell. Raises FileError for what is none, and for CPT without its licence."""
    if not CODE.fullmatch(text):
        raise FileError(f"{column}: {_why_no_code(text)}", number)
    if not holds_licence and _CPT.fullmatch(text):
        raise FileError(LICENCE, number)
    return text


def _why_no_code(text: str) -> str:
    if not text:
        return "is empty; the columns are shifted or the file was cut off"
    if text.startswith(("=", "+", "-", "@")):
        return f"{text[:20]!r} is a formula; the tables of CMS hold none"
    if text.isdecimal() and len(text) < 5:
        return (
            f"{text!r} has {len(text)} digits: a spreadsheet took its leading zeros; load the file as CMS gives it"
        )
    if len(text) in (7, 8) and text.isdecimal():
        return f"{text!r} is a date; the columns are not in the order of CMS"
    return retyped(text) or f"{text[:20]!r} is no procedure code; the columns are not in the order of CMS"


def day_cell(text: str, number: int, column: str) -> date:
    """Return the day written as 20260101. Raises FileError for anything else."""
    try:
        if not (text.isascii() and text.isdecimal() and len(text) == 8):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        hint = retyped(text)
        if not hint and text.isascii() and text.isdecimal() and len(text) == 5:
            hint = f"{text} is how a spreadsheet counts days; load the file as CMS gives it"
        raise FileError(
            f"{column}: {hint or f'{text[:20]!r} is no day; days are written as 20260101'}", number
        ) from None


def ordinal_cell(text: str, number: int, column: str) -> date:
    """Return the day written as year and day of the year, 2026091; NEVER for an empty cell."""
    if not text:
        return NEVER
    if text.isascii() and text.isdecimal() and len(text) == 7 and 1900 <= int(text[:4]) <= 9999:
        first, at = date(int(text[:4]), 1, 1), int(text[4:])
        if 1 <= at <= (366 if _is_leap(first.year) else 365):
            return first + timedelta(days=at - 1)
    raise FileError(
        f"{column}: {text[:20]!r} is no day; days are written as 2026091, the year and the day of it", number
    )


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def plain(heading: str) -> str:
    """Return a heading as it is compared: letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", heading.lower())
