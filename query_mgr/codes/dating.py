"""From which day a code file holds, by its name or version, and whether it fits between the editions beside it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from query_mgr.codes.rows import FileError
from query_mgr.codes.systems import SYSTEMS, year_of

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_YEAR = re.compile(r"(?<!\d)(20[1-4]\d)(?:[-_]?(0[1-9]|1[0-2])(?!\d))?")
_MONTH = re.compile(r"(?:^|[^a-z])(" + "|".join(_MONTHS) + r")[a-z]*(?:[^a-z]|$)")
_FEW = 20  # so many codes go or stay away in a year without anybody's mistake
#: the first signs that every edition has
_FIRST_SIGNS = {"icd10cm": frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "icd10pcs": frozenset("0123456789BCDFGHX")}
_SORTED = {"icd10cm", "icd10pcs", "hcpcs"}


def stated(name: str, system: str, version: int | None = None) -> date | None:
    """Return the first day that a file's name, or else its own version, gives; None where neither says.

    `icd10cm_order_2027.txt` holds from 1 October 2026, `icd10c-tabular-April-1-2026.xml` from 1 April 2026,
    `HCPC2026_APR_ANWEB.txt` from 1 April 2026.
    """
    found, month = _YEAR.search(name.lower()), _MONTH.search(name.lower())
    year = int(found[1]) if found else version
    if year is None or SYSTEMS[system].year == "open":
        return None
    at = int(found[2]) if found and found[2] else _MONTHS[month[1]] if month else 0
    if SYSTEMS[system].year == "fiscal":
        return date(year, at, 1) if at else date(year - 1, 10, 1)
    return date(year, at or 1, 1)


def first_day(name: str, system: str, version: int | None, given: date | None) -> date:
    """Return the day an edition holds from. Raises FileError where nobody says, or the file says another year."""
    found = stated(name, system, version)
    if found and version and version != year_of(system, found):
        raise FileError(f"the file calls itself {version} and its name another year; download it again")
    if given is None and found is None:
        raise FileError("neither the file nor its name says from when it holds; add --effective YYYY-MM-DD")
    if given and found and year_of(system, given) != year_of(system, found):
        raise FileError(
            f"the file is of {year_of(system, found)} and cannot hold from {given} ({year_of(system, given)}); load "
            f"the file of that year, or give --effective {found}"
        )
    return given or found or date.min


def doubt(
    system: str, codes: Collection[str], before: Collection[str], after: Collection[str], *, fewer_is_right: bool
) -> str:
    """Return why the codes of a file cannot be a whole edition between two others, or "".

    An edition has every chapter, reaches about as far as its neighbours, and brings more codes than it drops: by the
    last a file of an older year is known that does not name its year.
    """
    known = set(codes)
    absent = sorted(_FIRST_SIGNS.get(system, frozenset()) - {code[0] for code in known})
    if absent:
        return f"no code begins with {', '.join(absent)}: the file is not whole; download it again"
    for other in (set(before), set(after)):
        beyond = sum(code > max(known) for code in other) if system in _SORTED else 0
        if beyond >= _FEW and beyond * 100 > len(other):
            return f"it ends with {max(known)}, and {beyond} codes come after: it was cut off; download it again"
    if fewer_is_right:
        return ""
    if (lost := _lost(set(before), known)) and before:
        return (
            f"it lacks {lost[0]} codes of the edition before and brings only {lost[1]}: a file of an older year, or "
            "not whole. If it is right, add --accept-fewer"
        )
    if (lost := _lost(known, set(after))) and after:
        return (
            f"it has {lost[0]} codes that the edition after lacks, and lacks only {lost[1]}: a file of a later year. "
            "If it is right, add --accept-fewer"
        )
    return ""


def _lost(old: set[str], new: set[str]) -> tuple[int, int] | None:
    gone, added = len(old - new), len(new - old)
    return (gone, added) if gone >= _FEW and gone > added else None
