"""CDA points in time and intervals: "2012", "201208061230-0500", low and high; what is not known stays unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from lxml import etree

from query_mgr.charts.ccda.elements import find
from query_mgr.charts.problems import Warnings

_TIME = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d{1,9})?)?)?)?)?)?([+-]\d{4}|Z)?"
)
_EARLIEST_YEAR = 1850
_YEARS_AHEAD = 5
_MOST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True)
class Point:
    """A time, and how much of it was written: "1998" and "1998-05" are known to no day."""

    at: datetime
    written: str
    is_day_known: bool

    @property
    def known(self) -> str:
        """What is known where the day is not: "1998" or "1998-05", else ""."""
        return "" if self.is_day_known else "-".join(filter(None, (self.written[:4], self.written[4:6])))


@dataclass(frozen=True)
class Span:
    """When something was true; either end may be unknown."""

    low: Point | None = None
    high: Point | None = None


@dataclass
class Times:
    """Reads times; `zone` is the facility's, for those without an offset."""

    zone: tzinfo
    now: datetime
    warnings: Warnings

    def span(self, element: etree._Element | None, where: str) -> Span:
        """Return an effectiveTime: a point counts as its beginning."""
        if element is None:
            return Span()
        low, high = find(element, "low"), find(element, "high")
        if low is None and high is None:
            center = find(element, "center")
            return Span(self.point(element if center is None else center, where))
        return Span(self.point(low, f"{where}/low"), self.point(high, f"{where}/high"))

    def point(self, element: etree._Element | None, where: str) -> Point | None:
        """Return a TS, or None where it has no value or, with a warning, an impossible one."""
        text = (element.get("value") or "").strip() if element is not None else ""
        if not text or (element is not None and element.get("nullFlavor")):
            return None
        found = _TIME.fullmatch(text)
        moment = self._moment(found) if found else None
        if found is None or moment is None:
            self.warnings.add("date", where, f"{text[:20]!r} is no time; left out")
            return None
        self._note_gaps(found, where)
        return Point(moment, text, found[3] is not None)

    def _note_gaps(self, found: re.Match[str], where: str) -> None:
        if found[4] is None:
            self.warnings.add(
                "partial-date", where, "is a date without time: read as its first moment at the facility"
            )
        elif found[5] is None:
            self.warnings.add("partial-date", where, "is an hour without minutes: read as its first minute")
        if found[4] is not None and found[7] is None:
            self.warnings.add("no-offset", where, "has no offset: read as time at the facility")

    def _moment(self, found: re.Match[str]) -> datetime | None:
        year, month, day, hour, minute, second, offset = found.groups()
        if not _EARLIEST_YEAR <= int(year) <= self.now.year + _YEARS_AHEAD:
            return None
        try:
            zone = _offset(offset) or self.zone
            parts = (int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), min(int(second or 0), 59))
            return datetime(int(year), *parts, tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def day(self, element: etree._Element | None, where: str) -> date | None:
        """Return the day of a date of birth; None, with a warning, for one that is partial or impossible."""
        text = (element.get("value") or "").strip() if element is not None else ""
        if not text:
            return None
        try:
            day = datetime.strptime(text[:8], "%Y%m%d").date() if re.match(r"\d{8}", text) else None  # noqa: DTZ007
        except ValueError:
            day = None
        if day is None or day.year < _EARLIEST_YEAR or day > self.now.date() + timedelta(days=1):
            self.warnings.add("date", where, "is no possible whole day; left out, not guessed")
            return None
        return day


def _offset(text: str | None) -> tzinfo | None:
    """Return an offset; raises ValueError for one that no place has."""
    if not text:
        return None
    if text == "Z":
        return UTC
    delta = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    if delta > _MOST_OFFSET:
        raise ValueError(text)
    return timezone(delta if text[0] == "+" else -delta)
