"""What the name of a file of CMS says: whose claims it judges, from when, and which part of the whole it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from query_mgr.codes.rows import FileError

KINDS = {
    "ptp": "Code pairs (PTP)",
    "mue": "Limits of units (MUE)",
    "addon": "Add-on codes",
}
SETTINGS = {
    "practitioner": "practitioner claims",
    "hospital": "outpatient facility claims",
    "dme": "equipment suppliers' claims",
}
_PTP = re.compile(r"cci(pra|oph)-v(\d{2})(\d)r\d+(?:-f(\d{1,2}))?(?!\d)", re.IGNORECASE)
_MUE = re.compile(
    r"MUE_(Practitioner|OutpatientHospital|FacilityOutpatientHospital|DMESupplier)Services_Eff_"
    r"(\d{2})-(\d{2})-(\d{4})(?!\d)",
    re.IGNORECASE,
)
_ADDON = re.compile(r"AOC_V(20\d{2})Q([1-4])", re.IGNORECASE)
_FIRST_VERSION = 1994  # version 32.0 begins in January 2026, 32.1 in April


@dataclass(frozen=True)
class Named:
    """What a file is. `part` is 0 where the file is the whole table."""

    setting: str
    effective_from: date
    part: int = 0


def named(kind: str, name: str, setting: str | None = None, effective: date | None = None) -> Named:
    """Return what a file is, by its name and by what was said of it.

    ccipra-v322r0-f1.TXT is part 1 of the practitioner pairs from July 2026 (version 32.2), ccioph-... of the
    hospital's; MCR_MUE_PractitionerServices_Eff_01-01-2026.csv and AOC_V2026Q2-MCR.xlsx say it in full. Raises
    FileError where neither says it, or one says otherwise than the other.
    """
    found_setting, found_day, part = _read(kind, name)
    if setting and found_setting and setting != found_setting:
        raise FileError(f"its name says {found_setting}, and you said {setting}; load it as {found_setting}")
    if effective and found_day and effective != found_day:
        raise FileError(f"its name says that it holds from {found_day}, and you said {effective}; load that file")
    day, whose = effective or found_day, setting or found_setting
    if whose is None:
        raise FileError("its name does not say whose claims it judges; add --setting practitioner or hospital")
    if kind == "ptp" and whose == "dme":
        raise FileError("code pairs are for practitioner or hospital; add --setting practitioner or hospital")
    if day is None:
        raise FileError("its name does not say from when it holds; add --effective YYYY-MM-DD")
    return Named(whose if kind != "addon" else "", day, part)


def _read(kind: str, name: str) -> tuple[str | None, date | None, int]:
    if kind == "ptp" and (found := _PTP.search(name)):
        whose = "practitioner" if found[1].lower() == "pra" else "hospital"
        if int(found[3]) > 3:
            raise FileError(f"version {found[2]}.{found[3]} is of no quarter (.0 to .3); check the name")
        day = date(_FIRST_VERSION + int(found[2]), int(found[3]) * 3 + 1, 1)
        return whose, day, int(found[4] or 0)
    if kind == "mue" and (found := _MUE.search(name)):
        first = found[1].lower()[0]
        whose = {"p": "practitioner", "o": "hospital", "f": "hospital", "d": "dme"}[first]
        try:
            return whose, date(int(found[4]), int(found[2]), int(found[3])), 0
        except ValueError:
            raise FileError(f"its name gives {found[2]}-{found[3]}-{found[4]}, which is no date") from None
    if kind == "addon":
        found = _ADDON.search(name)
        return "", date(int(found[1]), int(found[2]) * 3 - 2, 1) if found else None, 0
    return None, None, 0
