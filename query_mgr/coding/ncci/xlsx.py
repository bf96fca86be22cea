"""The rows of the first sheet of an Excel file, streamed; what could run, call out or swell is refused.

Source: assurance: a workbook with macros, with links to other files, or with a giant table of strings is not read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from query_mgr.codes.rows import FileError

_LARGEST_STRINGS = 64 << 20  # bytes unpacked; a part of the code pairs needs less than 1 MB
_LARGEST_SHEET = 1 << 30
_LARGEST_INDEX = (1 << 20) - 1
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 50
_SAVE = "save the sheet as CSV or text, or load the text file of CMS"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL, _FORMULA, _VALUE, _TEXT = f"{_MAIN}c", f"{_MAIN}f", f"{_MAIN}v", f"{_MAIN}t"


def is_xlsx(path: Path) -> bool:
    """Return whether a file is packed as Excel and ZIP files are."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row that has any. Raises FileError for what is not read."""
    try:
        with ZipFile(path) as packed:
            _check(packed)
            strings = _strings(packed)
            with packed.open(_first_sheet(packed)) as stream:
                yield from _rows(_Limited(stream, _LARGEST_SHEET), strings)
    except (BadZipFile, KeyError, EOFError, OSError, etree.XMLSyntaxError) as error:
        raise FileError(f"is not whole ({type(error).__name__}); download it again, or {_SAVE}") from None


class _Limited:
    """A stream that refuses to give more than so many bytes, whatever the archive says of its size."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(min(size, 1 << 20) if size > 0 else 1 << 20)
        self._left -= len(block)
        if self._left < 0:
            raise FileError(f"unpacks to more than any table of CMS has; {_SAVE}")
        return block


def _check(packed: ZipFile) -> None:
    names = {info.filename.lower(): info for info in packed.infolist()}
    if "[content_types].xml" not in names:
        raise FileError("is a ZIP, not an Excel file; unpack it and load what is in it")
    if any("vbaproject" in name or name.startswith(("xl/macrosheets/", "xl/activex/")) for name in names):
        raise FileError(f"has macros and is not opened; {_SAVE}")
    if any(name.startswith(("xl/externallinks/", "xl/connections", "xl/querytables/")) for name in names):
        raise FileError(f"has links to other files and is not opened; {_SAVE}")
    if any(info.flag_bits & 1 for info in names.values()):
        raise FileError("is locked with a password; save it without")
    strings = names.get("xl/sharedstrings.xml")
    if strings is not None and strings.file_size > _LARGEST_STRINGS:
        raise FileError(
            f"its table of strings unpacks to {strings.file_size >> 20} MB, more than any table of CMS has; {_SAVE}"
        )


def _strings(packed: ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in packed.namelist():
        return []
    with packed.open("xl/sharedStrings.xml") as stream:
        found = []
        for element in _elements(_Limited(stream, _LARGEST_STRINGS), f"{_MAIN}si"):
            found.append("".join(text.text or "" for text in element.iter(_TEXT)))
        return found


def _small(packed: ZipFile, name: str) -> Any:
    with packed.open(name) as stream:
        content = _Limited(stream, _LARGEST_INDEX).read(_LARGEST_INDEX + 1)
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _first_sheet(packed: ZipFile) -> str:
    book, links = _small(packed, "xl/workbook.xml"), _small(packed, "xl/_rels/workbook.xml.rels")
    sheet = book.find(f"{_MAIN}sheets/{_MAIN}sheet")
    wanted = sheet.get(_LINK) if sheet is not None else None
    target = next((one.get("Target") for one in links if wanted and one.get("Id") == wanted), None)
    if target is None:
        raise FileError(f"has no sheet; {_SAVE}")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _elements(stream: _Limited, tag: str) -> Iterator[Any]:
    """Yield the elements of a name, each let go of after it was used."""
    parsed: Any = etree.iterparse(
        stream, events=("end",), tag=tag, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    for _, element in parsed:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _rows(stream: _Limited, strings: list[str]) -> Iterator[tuple[int, list[str]]]:
    for at, element in enumerate(_elements(stream, f"{_MAIN}row"), start=1):
        number = int(element.get("r") or at)
        if at > _MOST_ROWS:
            raise FileError(f"has more than {_MOST_ROWS:,} rows; {_SAVE}", number)
        cells: list[str] = []
        for cell in element.iterchildren(_CELL):
            given = cell.attrib
            column = _column(given.get("r", ""), len(cells))
            if column > _MOST_COLUMNS:
                raise FileError(f"has more than {_MOST_COLUMNS} columns; {_SAVE}", number)
            if column > len(cells):
                cells += [""] * (column - len(cells))
            cells.append(_text(cell, given.get("t", "n"), strings, number))
        if any(cells):
            yield number, cells


def _column(place: str, following: int) -> int:
    """Return the number of a cell's column, from 0: "C7" -> 2."""
    letters = place.rstrip("0123456789")
    if not letters.isalpha() or len(letters) > 3:
        return following
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return max(number - 1, following)


def _text(cell: Any, kind: str, strings: list[str], number: int) -> str:
    value = ""
    for part in cell:
        if part.tag == _FORMULA:
            place = cell.get("r", "")
            raise FileError(
                f"cell {place} holds a formula; the tables of CMS hold none. Paste the values alone", number
            )
        if part.tag == _VALUE:
            value = part.text or ""
    if kind == "n":
        return _number(value)
    if kind == "s":
        if not value.isdecimal() or int(value) >= len(strings):
            raise FileError(
                f"cell {cell.get('r', '')} names a text that the file does not have; download it again", number
            )
        return strings[int(value)]
    if kind == "e":
        raise FileError(
            f"cell {cell.get('r', '')} holds the error {value[:10]}; correct it and save it again", number
        )
    return "".join(text.text or "" for text in cell.iter(_TEXT)) if kind == "inlineStr" else value


def _number(value: str) -> str:
    """Return a number as a sheet shows it: 2.0260101E7 is 20260101."""
    if not value or value.isdecimal():
        return value
    try:
        parsed = float(value)
    except ValueError:
        return value
    return str(int(parsed)) if parsed.is_integer() and abs(parsed) < 1e15 else value
