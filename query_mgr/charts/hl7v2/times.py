"""HL7 v2 times (DT, TS, DTM): "20260302", "202603020610", "20260302061000.123-0500"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from query_mgr.charts.problems import Warnings

_TIME = re.compile(r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d+)?)?)?)?)?)?([+-]\d{4}|Z)?")
_EARLIEST_YEAR = 1850
_YEARS_AHEAD = 5


@dataclass
class Times:
    """Reads times; `zone` is the facility's, for those without an offset."""

    zone: tzinfo
    now: datetime
    warnings: Warnings

    def read(self, text: str, where: str) -> datetime | None:
        """Return a time in UTC; None, with a warning, for one that cannot be."""
        found = _TIME.fullmatch(text.strip())
        if not text.strip() or set(text) <= set("0"):
            return None
        moment = self._moment(found) if found else None
        if moment is None:
            self.warnings.add("date", where, f"{text[:30]!r} is no time; left out")
        return moment

    def _moment(self, found: re.Match[str]) -> datetime | None:
        year, month, day, hour, minute, second, offset = found.groups()
        if not _EARLIEST_YEAR <= int(year) <= self.now.year + _YEARS_AHEAD:
            return None
        try:
            date_of = (int(year), int(month or 1), int(day or 1))
            time_of = (int(hour or 0), int(minute or 0), min(int(second or 0), 59))
            return datetime(*date_of, *time_of, tzinfo=_offset(offset) or self.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def day(self, text: str, where: str) -> date | None:
        """Return the day of a date of birth; None, with a warning, for an impossible one."""
        if not text.strip() or set(text) <= set("0"):
            return None
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            day = None
        if day is None or not day.year >= _EARLIEST_YEAR or day > self.now.date() + timedelta(days=1):
            self.warnings.add("date", where, "is no possible day; left out")
            return None
        return day


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[3:])
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))
