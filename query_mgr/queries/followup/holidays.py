"""Holidays as a site writes them, a line each. Pure.

12-24 Christmas Eve                      every year on this day
nearest 07-04 Independence Day           on the Friday before a Saturday, on the Monday after a Sunday
4 Thu 11 Thanksgiving Day                the fourth Thursday of November
last Mon 05 Memorial Day                 the last Monday of May
2026-06-12 Move to the new building      once
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_LINES = 100
#: the legal public holidays of the United States. Source: 5 U.S.C. 6103(a) and (b)
FEDERAL = """nearest 01-01 New Year's Day
3 Mon 01 Birthday of Martin Luther King, Jr.
3 Mon 02 Washington's Birthday
last Mon 05 Memorial Day
nearest 06-19 Juneteenth
nearest 07-04 Independence Day
1 Mon 09 Labor Day
2 Mon 10 Columbus Day
nearest 11-11 Veterans Day
4 Thu 11 Thanksgiving Day
nearest 12-25 Christmas Day"""

_LINE = re.compile(
    r"(?:(?P<once>\d{4}-\d{2}-\d{2})|(?P<near>nearest )?(?P<month>\d{2})-(?P<day>\d{2})"
    r"|(?P<nth>[1-4]|last) (?P<weekday>" + "|".join(DAYS) + r") (?P<of>\d{2})) +(?P<name>\S.{0,78})"
)


class HolidayError(ValueError):
    """A line that names no day; the message quotes it."""


@dataclass(frozen=True)
class Holiday:
    """One line: the days it means stand in `on`."""

    name: str
    once: date | None = None
    month: int = 0
    day: int = 0
    is_moved: bool = False
    weekday: int | None = None
    nth: int = 0  # -1: the last

    def on(self, year: int) -> date | None:
        """Return the day in `year`, or None where that year has none (29 February, or a single day of another year)."""
        if self.once is not None:
            return self.once if self.once.year == year else None
        if self.weekday is not None:
            return _nth(year, self.month, self.weekday, self.nth)
        try:
            found = date(year, self.month, self.day)
        except ValueError:
            return None
        shift = {5: -1, 6: 1}.get(found.weekday(), 0) if self.is_moved else 0
        return found + timedelta(days=shift) if date.min.year < year < date.max.year else found


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def parse(text: str) -> tuple[Holiday, ...]:
    """Return the holidays of a text, in its order; empty lines are skipped. Raises HolidayError."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise HolidayError(f"more than {MOST_LINES} holidays; leave out the past ones")
    return tuple(_read(line) for line in lines)


def _read(line: str) -> Holiday:
    found = _LINE.fullmatch(line)
    try:
        if found is None:
            raise ValueError
        name = found["name"]
        if found["once"]:
            return Holiday(name, once=date.fromisoformat(found["once"]))
        month = int(found["of"] or found["month"])
        date(2024, month, int(found["day"] or 1))  # a leap year: 02-29 is a day
    except ValueError:
        raise HolidayError(f"“{line[:60]}” names no day; write for example “4 Thu 11 Thanksgiving Day”") from None
    if found["weekday"]:
        nth = -1 if found["nth"] == "last" else int(found["nth"])
        return Holiday(name, month=month, weekday=DAYS.index(found["weekday"]), nth=nth)
    return Holiday(name, month=month, day=int(found["day"]), is_moved=bool(found["near"]))


def by_day(holidays: Iterable[Holiday], year: int) -> dict[date, str]:
    """Return the days off of `year` by name. A New Year's Day on a Saturday is kept on 31 December before it."""
    found: dict[date, str] = {}
    for one in holidays:
        for of in (year, year + 1):
            day = one.on(of) if date.min.year <= of <= date.max.year else None
            if day is not None and day.year == year:
                found.setdefault(day, one.name)
    return found
