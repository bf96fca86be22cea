"""Lists of codes as CSV or tab-separated text, by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO

from query_mgr.codes.hcpcs import day
from query_mgr.codes.lines import numbered
from query_mgr.codes.rows import CodeRow, FileError, with_long_text

#: what we read -> how columns are headed, letters and digits only
_HEADS = {
    "code": ("code", "hcpc", "hcpcs", "hcpcscode", "mod", "modifier", "revenuecode", "cptcode", "pos"),
    "short": ("short", "shortdescription", "shortdescriptor", "title", "name"),
    "long": ("long", "longdescription", "longdescriptor", "description"),
    "coverage": ("coverage", "cov"),
    "betos": ("betos",),
    "added": ("added", "adddt", "addeddate", "start", "validfrom"),
    "effective": ("effective", "effectivedate", "acteffdt"),
    "terminated": ("terminated", "termdt", "terminationdate", "stop", "validto"),
    "action": ("action", "actioncd"),
    "kind": ("recid", "recordid"),
    "status": ("oppsstatus", "si", "ci", "statusindicator"),
}
_SHAPES = {
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{7}"),
    "hcpcs": re.compile(r"[A-CE-V]\d{4}", re.ASCII),
    "cpt": re.compile(r"\d{4}[0-9FTUMA]", re.ASCII),
    "modifier": re.compile(r"[A-Z0-9]{2}"),
    "pos": re.compile(r"\d{2}", re.ASCII),
    "revenue": re.compile(r"\d{4}", re.ASCII),
    "carc": re.compile(r"(?:[A-Z]{1,2})?\d{1,3}", re.ASCII),
    "rarc": re.compile(r"(?:MA|M|N)\d{1,4}", re.ASCII),
}
#: systems whose lists are sorted as text; reason codes are sorted by number or not at all
_SORTED = {"icd10pcs", "hcpcs", "cpt"}
_OWN = ("coverage", "betos", "action", "status")


#: system -> the kind of record, in CMS's HCPCS file, that begins a code, and the one that goes on with its text
_KINDS = {"hcpcs": ("3", "4"), "modifier": ("7", "8")}
_BEFORE_HEADING = 20  # lines with a title or a notice that a sheet may have above its heading


def read(stream: BinaryIO, system: str) -> Iterator[CodeRow]:
    """Yield the codes of a list. Raises FileError, naming the line, for what is no such list."""
    last, seen = "", set[str]()
    for number, row in _joined(_rows(numbered(stream), system), system):
        found = _row(row, system, number)
        if found.code in seen:
            raise FileError(f"{found.code} comes twice; remove one of the two", number)
        if system in _SORTED and found.code < last:
            raise FileError(f"{found.code} comes after {last}: the lines are shuffled; export them again", number)
        seen.add(found.code)
        last = found.code
        yield found
    if not seen:
        raise FileError("the list has a heading and no code; export it again")


def _rows(lines: Iterator[tuple[int, str]], system: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the cells below the heading by what they are."""
    columns: list[str] = []
    mark = ","
    for number, line in lines:
        if not columns:
            mark = "\t" if "\t" in line else ","
            columns = _columns(_cells(line, mark, number))
            if not columns and number == _BEFORE_HEADING:
                break
            continue
        cells = _cells(line, mark, number)
        if len(cells) != len(columns):
            raise FileError(f"{len(cells)} columns where the heading has {len(columns)}; export it again", number)
        yield number, {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if name}
    if not columns:
        raise FileError(
            f"a list of {system} begins with a heading that names its columns once each: code, short or long, and if "
            "known effective, terminated",
            1,
        )


def _joined(rows: Iterator[tuple[int, dict[str, str]]], system: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of the system with the text of the rows that go on with theirs."""
    if system not in _KINDS:
        yield from rows
        return
    first, more = _KINDS[system]
    current: tuple[int, dict[str, str]] | None = None
    for number, row in rows:
        kind = row.get("kind", first)
        if kind == more and current is not None and row["code"] == current[1]["code"]:
            current[1]["long"] = f"{current[1].get('long', '')} {row.get('long', '')}".strip()
        elif kind == first:
            if current is not None:
                yield current
            current = (number, row)
        elif kind not in ("3", "4", "7", "8") or kind == more:
            raise FileError(
                f"record kind {kind[:10]!r} does not go on with the row above; export it again", number
            )
    if current is not None:
        yield current


def _cells(line: str, mark: str, number: int) -> list[str]:
    try:
        found = list(csv.reader([line], delimiter=mark, strict=True))
    except csv.Error as error:
        raise FileError(f"{error}; a cell must end in the line it begins in; export it again", number) from None
    return found[0] if found else []


def _columns(cells: list[str]) -> list[str]:
    """Return what each column is, "" for one we do not read; empty where the line is no heading."""
    known = {alias: name for name, aliases in _HEADS.items() for alias in aliases}
    names = [known.get(re.sub(r"[^a-z0-9]", "", cell.lower()), "") for cell in cells]
    named = [name for name in names if name]
    is_heading = "code" in named and bool({"short", "long"} & set(named)) and len(named) == len(set(named))
    return names if is_heading else []


def _row(row: Mapping[str, str], system: str, number: int) -> CodeRow:
    code = row["code"].upper()
    if system == "hcpcs" and re.fullmatch(r"D\d{4}", code, re.ASCII):
        raise FileError(f"{code} is a dental code, licensed by the ADA; remove the D codes", number)
    if not _SHAPES[system].fullmatch(code):
        hint = "; CPT is loaded by itself, with its licence" if system == "hcpcs" else "; codes are kept as text"
        raise FileError(f"{code[:20]!r} is not written like {system}{hint}", number)
    short = row.get("short", "")
    if not (short or row.get("long")):
        raise FileError(f"{code} has no title; export the list again", number)
    title, own = with_long_text(short, row.get("long", ""))
    own |= {key: row[key] for key in _OWN if row.get(key)}
    begins, ends = _dates(row, number)
    return CodeRow(code, title, True, None, {}, short[:100], begins, ends, own)


def _dates(row: Mapping[str, str], number: int) -> tuple[date | None, date | None]:
    added, effective = (_day(row.get(key, ""), number) for key in ("added", "effective"))
    ends = _day(row.get("terminated", ""), number)
    begins = added or effective
    if begins and ends and ends < begins:
        raise FileError(f"ends on {ends} before it begins on {begins}; correct the dates", number)
    return begins, ends


def _day(text: str, number: int) -> date | None:
    try:
        return date.fromisoformat(text) if "-" in text else day(text, number)
    except ValueError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{text[:12]!r} is no date; dates are written as 20261001", number) from None
