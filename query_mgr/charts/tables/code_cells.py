"""How the cells of a code assignment are written."""

from __future__ import annotations

import math
import re

from query_mgr.charts.tables.mangled import retyped
from query_mgr.charts.tables.row import Row
from query_mgr.codes import icd10cm
from query_mgr.codes.written import written

#: code system -> what its codes are
SYSTEMS = {"icd10cm": "diagnosis", "icd10pcs": "procedure", "cpt": "charge", "hcpcs": "charge"}
#: kind -> the roles that it may have
ROLES = {
    "diagnosis": ("principal", "secondary", "admitting"),
    "procedure": ("principal", "secondary"),
    "charge": (),
}
POA = ("Y", "N", "U", "W", "1")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_MOST_MODIFIERS = 4
_MOST_UNITS = 999_999


def system_of(row: Row) -> str:
    """Return the code system, however it is punctuated: "ICD-10-CM" is icd10cm."""
    text = row.needed("code_system")
    plain = re.sub(r"[-_. ]", "", text.lower())
    if text and plain not in SYSTEMS:
        row.wrong("code_system", f"{text[:30]!r} is none of: {', '.join(SYSTEMS)}")
    return plain if plain in SYSTEMS else ""


def code_of(row: Row, system: str) -> str:
    """Return the code as its system writes it. Full-width signs are plain ones; look-alikes are never guessed."""
    text = icd10cm.plain(row.needed("code"))
    if what := retyped(text):
        row.wrong("code", what)
    elif text and system:
        try:
            return written(text, system)
        except icd10cm.CodeError as error:
            row.wrong("code", str(error))
    return text if system == "icd10cm" else text.upper()


def role_of(row: Row, kind: str) -> str:
    """Return principal, secondary, admitting or ""."""
    known = ROLES.get(kind, ())
    if kind and not known and row.text("role"):
        row.wrong("role", f"belongs to diagnoses and procedures; leave it empty for a {kind}")
        return ""
    return row.choice("role", known, "") if kind else ""


def poa_of(row: Row, kind: str) -> str:
    """Return the present-on-admission indicator of a diagnosis."""
    text = row.text("poa").upper()
    if text and kind and kind != "diagnosis":
        row.wrong("poa", f"belongs to diagnoses; leave it empty for a {kind}")
    elif text and text not in POA:
        row.wrong("poa", f"{text[:30]!r} is none of: {', '.join(POA)} (1 is exempt)")
    return text if text in POA else ""


def modifiers_of(row: Row, kind: str) -> str:
    """Return the modifiers, blanks between them."""
    found = re.split(r"[\s,;:|-]+", row.text("modifiers").upper().strip(" ,;:|-"))
    found = [one for one in found if one]
    if found and kind and kind != "charge":
        row.wrong("modifiers", "belong to CPT and HCPCS; leave them empty here")
    elif len(found) > _MOST_MODIFIERS or not all(_MODIFIER.fullmatch(one) for one in found):
        row.wrong("modifiers", f"are up to {_MOST_MODIFIERS} of two letters or digits each, such as 25 59")
        return ""
    return " ".join(found)


def sequence_of(row: Row) -> int | None:
    """Return the place on the claim, from 1."""
    text = row.text("sequence")
    if text and not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 1000 and len(text) < 4):
        row.wrong("sequence", f"{text[:30]!r} is no number from 1 to 999")
        return None
    return int(text) if text else None


def units_of(row: Row) -> float | None:
    """Return how many were charged."""
    text = row.text("units")
    try:
        units = float(text) if text and text.isascii() else None
    except ValueError:
        units = math.nan
    if text and not (units is not None and math.isfinite(units) and 0 < units <= _MOST_UNITS):
        row.wrong("units", f"{text[:30]!r} is no number above 0")
        return None
    return units
