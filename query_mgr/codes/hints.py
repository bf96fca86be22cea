"""What the search box says about a text that was meant as a code and is none (bad inputs 65 to 67)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from query_mgr.codes import icd10cm, lookup
from query_mgr.codes.icd10cm import CodeError
from query_mgr.codes.search import Hit
from query_mgr.codes.written import written
from query_mgr.platform import clock

_LONGEST = 12
#: systems whose codes are so short that nearly anything fits: that one of them fits says nothing
_SHORT = frozenset({"modifier", "pos", "revenue", "carc", "rarc"})
#: no word of a condition is written so, whether or not something was found: 250.00, E11,9, 0DTJ4ZZ
_PLAINLY_A_CODE = re.compile(r"\w{2,4}[.,]\w{0,4}|(?=.*\d)\w{7}|\d{3}", re.ASCII)


def hint(typed: str, systems: Collection[str], hits: Sequence[Hit], on: date | None = None) -> str:
    """Return what is wrong with a code and what was probably meant, or "" where there is nothing to say.

    systems: where it was looked for; hits: what was found there.
    """
    code = icd10cm.plain(typed).strip()
    if not 3 <= len(code) <= _LONGEST or len(code.split()) != 1 or not any(sign.isdigit() for sign in code):
        return ""
    if any(hit.is_billable and hit.code.replace(".", "") == code.upper().replace(".", "") for hit in hits):
        return ""
    found = bool(hits)
    errors = {system: error for system in systems if (error := _error(code, system)) is not None}
    if "icd10cm" not in errors:
        if "icd10cm" in systems:
            return _of_written(icd10cm.normalize(code), on or clock.now().date())
        return _said(code, next(iter(errors.values())), found=found) if len(errors) == len(systems) else ""
    if any(system not in errors and system not in _SHORT for system in systems):
        return ""
    return _said(code, errors["icd10cm"], found=found)


def _error(code: str, system: str) -> CodeError | None:
    try:
        written(code, system)
    except CodeError as error:
        return error
    return None


def _said(code: str, error: CodeError, *, found: bool) -> str:
    is_code = bool(error.suggestion) or not code.isascii() or bool(_PLAINLY_A_CODE.fullmatch(code))
    return str(error) if is_code or not found else ""


def _of_written(code: str, on: date) -> str:
    """Say of what is written like ICD-10-CM that it is a category, or does not exist."""
    known = lookup.find(code, on)
    if known is None:
        return lookup.why_missing(code, on) + "." if lookup.has_edition(on) or lookup.edition_on(on) else ""
    return "" if known.is_billable else f"{code} is a category and cannot be reported: choose a code below it."
