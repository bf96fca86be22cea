"""A site's business hours, holidays and quiet hours in its own time zone. Pure.

Where the clocks jump: a time that does not exist stands for the one as long after the jump (02:30 for 03:30), and a
time that comes twice for the first of the two (assurance §3.3, item 105). Hours that count are elapsed hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from query_mgr.queries.followup.holidays import FEDERAL, Holiday, by_day, parse

_DAY = timedelta(days=1)
#: how far ahead anything is looked for, in days: a calendar that is never open must not be searched for ever
HORIZON_DAYS = 800

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Calendar:
    """When a site works and when it is let alone. Times are the site's own, weekdays count from Monday as 0.

    mail_times: when reminders go out on a business day; what is due between two of them goes in one mail.
    """

    zone: str = "America/New_York"
    weekdays: frozenset[int] = frozenset(range(5))
    opens: time = time(8)
    closes: time = time(17)
    quiet_from: time = time(19)
    quiet_to: time = time(7)
    mail_times: tuple[time, ...] = (time(9), time(14))
    holidays: tuple[Holiday, ...] = field(default_factory=lambda: parse(FEDERAL))
    _days_off: dict[int, dict[date, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def instant(self, day: date, at: time) -> datetime:
        """Return the moment, in UTC, when the site's clocks show `at` on `day`."""
        return _instant(self.zone, day, at)

    def day_of(self, at: datetime) -> date:
        """Return the site's own day at a moment."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def holiday(self, day: date) -> str:
        """Return the name of the holiday on `day`, "" on any other day."""
        if day.year not in self._days_off:
            self._days_off[day.year] = by_day(self.holidays, day.year)
        return self._days_off[day.year].get(day, "")

    def is_business_day(self, day: date) -> bool:
        """Return whether the site works on `day`."""
        return day.weekday() in self.weekdays and not self.holiday(day)

    def hours_of(self, day: date) -> Span:
        """Return the business hours of `day` as moments, whether or not it is a business day."""
        return self.instant(day, self.opens), self.instant(day, self.closes)

    def is_quiet(self, at: datetime) -> bool:
        """Return whether nobody is to be mailed at a moment, by the site's clocks."""
        return is_between(at.astimezone(ZoneInfo(self.zone)).time(), self.quiet_from, self.quiet_to)

    def after_quiet(self, at: datetime) -> datetime:
        """Return `at`, or the end of the quiet hours that it lies in."""
        if not self.is_quiet(at):
            return at
        day = self.day_of(at)
        ends = (
            datetime.combine(day + offset * _DAY, self.quiet_to, ZoneInfo(self.zone)).replace(fold=fold)
            for offset in (0, 1)
            for fold in (0, 1)  # in the hour that comes twice the first end may be over already
        )
        return min(end for one in ends if (end := one.astimezone(UTC)) > at and not self.is_quiet(end))

    def local(self, at: datetime) -> datetime:
        """Return a moment as the site's clocks show it."""
        return at.astimezone(ZoneInfo(self.zone))


def is_between(at: time, begin: time, end: time) -> bool:
    """Return whether `at` lies from `begin` to before `end`, which may lie after midnight; equal ends: never."""
    return begin <= at < end if begin <= end else at >= begin or at < end


@lru_cache(maxsize=4096)  # ten thousand queries ask for the same days
def _instant(zone: str, day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
