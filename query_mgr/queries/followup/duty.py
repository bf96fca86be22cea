"""Which hours count for one provider: the site's business hours, less the days off duty and away. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from query_mgr.queries.followup.calendar import HORIZON_DAYS, Calendar, Span

_DAY = timedelta(days=1)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Away:
    """A time in which a provider is not asked. until: None where nobody knows; ref: what it is called elsewhere.

    noted_at: when it became known here; whoever covers can be told no earlier. cover: a provider's id.
    """

    since: datetime
    until: datetime | None
    why: str
    ref: str = ""
    cover: int | None = None
    noted_at: datetime | None = None

    @property
    def end(self) -> datetime:
        """When it ends; the end of time where nobody knows."""
        return self.until or _END


@dataclass(frozen=True)
class Roster:
    """Days on and off in turn, the first day on duty being `anchor`: 7 and 7 for a week on and a week off.

    works_weekends: whether weekends and holidays within the days on are working days for this provider.
    """

    anchor: date
    on_days: int
    off_days: int
    works_weekends: bool = True

    def is_on(self, day: date) -> bool:
        """Return whether the provider is on duty on `day`, before `anchor` too."""
        return (day - self.anchor).days % (self.on_days + self.off_days) < self.on_days


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stood, and why. until: None where nobody knows."""

    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True)
class Duty:
    """The hours that count for one provider at one site."""

    calendar: Calendar
    away: tuple[Away, ...] = ()
    roster: Roster | None = None

    def is_working_day(self, day: date) -> bool:
        """Return whether the provider works on `day`, absences apart."""
        if self.roster is None:
            return self.calendar.is_business_day(day)
        works = self.roster.works_weekends or self.calendar.is_business_day(day)
        return works and self.roster.is_on(day)

    def is_away(self, at: datetime) -> bool:
        """Return whether an absence covers `at`."""
        return any(one.since <= at < one.end for one in self.away)

    def counted(self, start: datetime) -> Iterator[Span]:
        """Yield the spans that count from `start` on, in order, up to HORIZON_DAYS ahead."""
        for day in _days(self.calendar, start):
            if self.is_working_day(day):
                begin, end = self.calendar.hours_of(day)
                yield from self._present(max(begin, start), end)

    def _present(self, begin: datetime, end: datetime) -> Iterator[Span]:
        at = begin
        for one in sorted(self.away, key=lambda one: one.since):
            if one.end <= at or one.since >= end:
                continue
            if one.since > at:
                yield at, one.since
            at = one.end
        if at < end:
            yield at, end

    def add_hours(self, start: datetime, hours: float) -> datetime | None:
        """Return when `hours` that count have passed since `start`, or None where that is not in sight."""
        left = timedelta(hours=hours)
        for begin, end in self.counted(start):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def hours_between(self, start: datetime, end: datetime) -> float:
        """Return how many hours count from `start` to `end`; 0 where it runs backwards."""
        total = timedelta()
        for one_start, one_end in self.counted(start):
            if one_start >= end:
                break
            total += min(one_end, end) - one_start
        return total / timedelta(hours=1)

    def mail_time(self, at: datetime) -> datetime | None:
        """Return the first time to mail this provider from `at` on: on a working day, present, not in quiet hours."""
        for day in _days(self.calendar, at):
            if not self.is_working_day(day):
                continue
            for one in sorted(self.calendar.mail_times):
                moment = self.calendar.instant(day, one)
                if moment >= at and not self.is_away(moment) and not self.calendar.is_quiet(moment):
                    return moment
        return None

    def pauses(self, start: datetime, end: datetime) -> tuple[Pause, ...]:
        """Return when and why the clock stood between two moments, nights and weekends of the site apart."""
        found = [
            Pause(max(one.since, start), one.until, one.why)
            for one in self.away
            if one.since < end and one.end > start
        ]
        for day in _days(self.calendar, start):
            begin = self.calendar.hours_of(day)[0]
            if begin >= end:
                break
            if not self.is_working_day(day) and (why := self._why_off(day)):
                found.append(Pause(max(begin, start), self.calendar.hours_of(day)[1], why))
        return tuple(_joined(sorted(found, key=lambda one: (one.since, one.why)), self.calendar))

    def _why_off(self, day: date) -> str:
        if self.roster is not None and not self.roster.is_on(day):
            return "off duty by the roster"
        holiday = self.calendar.holiday(day)
        return f"holiday: {holiday}" if holiday and day.weekday() in self.calendar.weekdays else ""


def _days(calendar: Calendar, start: datetime) -> Iterator[date]:
    first = calendar.day_of(start)
    for number in range(HORIZON_DAYS):
        if first > date.max - timedelta(days=HORIZON_DAYS):
            return
        yield first + number * _DAY


def _joined(pauses: list[Pause], calendar: Calendar) -> Iterator[Pause]:
    """Yield pauses with days that follow each other for one reason made one."""
    held: Pause | None = None
    for one in pauses:
        if held and held.until and held.why == one.why and _follows(held.until, one.since, calendar):
            held = Pause(held.since, one.until, one.why)
            continue
        if held:
            yield held
        held = one
    if held:
        yield held


def _follows(end: datetime, begin: datetime, calendar: Calendar) -> bool:
    return calendar.day_of(begin) - calendar.day_of(end) <= _DAY
