"""Which MS-DRG version is in force on a discharge date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from drgpy import _versions


class NoVersion(LookupError):
    """No MS-DRG version here covers the discharge date; the message says which dates are covered."""


@dataclass(frozen=True)
class Version:
    """One MS-DRG version and the discharge dates it is in force for, both days included."""

    name: str  # "43.1"
    first_day: date
    last_day: date


def _versions_in_force() -> tuple[Version, ...]:
    rows = _versions.SUPPORTED_VERSIONS
    firsts = [row.effective_date for row in rows]
    ends = [first - timedelta(days=1) for first in firsts[1:]] + [_end_of_fiscal_year(firsts[-1])]
    return tuple(Version(row.name[1:], first, end) for row, first, end in zip(rows, firsts, ends, strict=True))


def _end_of_fiscal_year(day: date) -> date:
    return date(day.year + (day.month >= 10), 9, 30)


VERSIONS = _versions_in_force()


def version_on(discharged_on: date) -> Version:
    """Return the version in force on a discharge date, the newest where the date is later than all.

    Compare with `last_day` for the latter. Raises NoVersion for a date before the oldest.
    """
    if discharged_on < VERSIONS[0].first_day:
        oldest = VERSIONS[0]
        raise NoVersion(
            f"discharged on {discharged_on}, before MS-DRG version {oldest.name}, the oldest here, "
            f"which starts on {oldest.first_day}; the stay is not grouped"
        )
    return next(version for version in reversed(VERSIONS) if version.first_day <= discharged_on)
