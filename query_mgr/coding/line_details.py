"""What a procedure or service line says besides its code, checked field by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from query_mgr.coding.codeset import CodingError

CLAIMS = {"facility": "Facility (UB-04, 837I)", "professional": "Professional (CMS-1500, 837P)"}
MOST_MODIFIERS = 4  # 837P loop 2400 SV101-3 to SV101-6
MOST_POINTERS = 4  # 837P loop 2400 SV107
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_PLACE = re.compile(r"\d{2}", re.ASCII)
_REVENUE = re.compile(r"\d{4}", re.ASCII)
_UNITS_LIMIT = 99_999


def checked(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a line, each in the shape that is stored; only those that `raw` names.

    Raises CodingError that names the field and what to write.
    """
    unknown = raw.keys() - _FIELDS.keys()
    if unknown:
        raise CodingError(f"a line has no field {', '.join(sorted(unknown))}")
    return {name: _FIELDS[name](value) for name, value in raw.items()}


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    text = str(value).strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CodingError(f"Date: {text[:20]!r} is no day; write it as 2026-10-31.") from None


def _modifiers(value: Any) -> str:
    text = " ".join(value) if isinstance(value, list | tuple) else str(value or "")
    found = text.replace(",", " ").upper().split()
    wrong = next((one for one in found if not _MODIFIER.fullmatch(one)), None)
    if wrong is not None:
        raise CodingError(
            f"Modifiers: {wrong[:10]!r} is none; a modifier has two letters or digits, such as 25 or LT."
        )
    if len(found) > MOST_MODIFIERS:
        raise CodingError(f"Modifiers: a line takes at most {MOST_MODIFIERS}.")
    return " ".join(found)


def _units(value: Any) -> float | None:
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= _UNITS_LIMIT:
        raise CodingError(f"Units: {text[:20]!r} must be a number above 0 and at most {_UNITS_LIMIT:,}.")
    return number


def _claim(value: Any) -> str:
    if value not in CLAIMS:
        raise CodingError(f"Claim: choose one of {', '.join(CLAIMS)}.")
    return str(value)


def _shaped(name: str, shape: re.Pattern[str], words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = str(value or "").strip()
        if text and not shape.fullmatch(text):
            raise CodingError(f"{name}: {text[:10]!r} is none; {words}.")
        return text

    return check


def _short(name: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = " ".join(str(value or "").split())
        if len(text) > 40:
            raise CodingError(f"{name}: at most 40 characters, such as 4 mg.")
        return text

    return check


def _pointers(value: Any) -> list[str]:
    refs = list(dict.fromkeys(str(one) for one in value or []))
    if len(refs) > MOST_POINTERS:
        raise CodingError(f"Diagnoses: a line is linked to at most {MOST_POINTERS}.")
    return refs


def _provider(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "served_on": _day,
    "provider_id": _provider,
    "modifiers": _modifiers,
    "units": _units,
    "claim": _claim,
    "place": _shaped("Place of service", _PLACE, "it has two digits, such as 11 (office)"),
    "revenue": _shaped("Revenue code", _REVENUE, "it has four digits, such as 0636"),
    "dose": _short("Dose given"),
    "wasted": _short("Dose discarded"),
    "pointers": _pointers,
}


def check_pointers(pointers: Collection[str], diagnoses: Collection[str]) -> None:
    """Raise CodingError where a line points at a diagnosis that the encounter does not have."""
    if any(ref not in diagnoses for ref in pointers):
        raise CodingError(
            "Diagnoses: a line can only be linked to diagnoses of this encounter; load the page again."
        )
