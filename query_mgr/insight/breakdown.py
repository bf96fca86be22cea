"""The same figures by age, provider, service line and month. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from query_mgr.insight.metrics import BY_ID, OUTCOMES, Figure, QueryRow, figure, is_open, was_sent

#: age of an open query in days since it was sent: from (included) and to (not included)
AGES: dict[str, tuple[float, float]] = {
    "0-1": (0, 1),
    "1-2": (1, 2),
    "2-3": (2, 3),
    "3-7": (3, 7),
    "7+": (7, float("inf")),
}
NOT_NAMED = "(not named)"
FEW = 5  # below this many queries a rate says little about a group


@dataclass(frozen=True)
class Group:
    """The figures of one provider, service line or month. `key` is what a link filters by."""

    key: str
    name: str
    sent: int
    response: Figure
    within_72h: Figure
    median: Figure
    agree: Figure
    open: int

    @property
    def is_few(self) -> bool:
        """Whether the group is too small for its rates to mean much."""
        return self.sent < FEW


def age_of(row: QueryRow, now: datetime) -> str:
    """Return the age bucket of an open query. One sent in the future, by a wrong clock, is 0 days old."""
    days = max((now - row.sent_at).total_seconds() / 86400, 0.0)
    return next(name for name, (low, high) in AGES.items() if low <= days < high)


def open_by_age(rows: Iterable[QueryRow], now: datetime) -> dict[str, int]:
    """Return how many open queries each age bucket holds; every bucket is there."""
    counts = dict.fromkeys(AGES, 0)
    for row in rows:
        if is_open(row, now):
            counts[age_of(row, now)] += 1
    return counts


def outcomes(rows: Iterable[QueryRow], now: datetime) -> dict[str, int]:
    """Return how many answers of each kind there are; every kind is there."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for row in rows:
        if was_sent(row, now) and row.outcome in counts:
            counts[row.outcome] += 1
    return counts


def by_provider(rows: Iterable[QueryRow], now: datetime) -> list[Group]:
    """Return one group per provider, the one with most queries first."""
    return _largest_first(_groups(rows, now, lambda row: (row.provider_ref, row.provider)))


def by_service_line(rows: Iterable[QueryRow], now: datetime) -> list[Group]:
    """Return one group per service line, the one with most queries first."""
    return _largest_first(_groups(rows, now, lambda row: (row.service_line or NOT_NAMED,) * 2))


def by_month(rows: Iterable[QueryRow], now: datetime, zone: tzinfo, months: Sequence[str]) -> list[Group]:
    """Return one group per month of `months` ("2026-11"), also where nothing was sent."""
    found = {group.key: group for group in _groups(rows, now, lambda row: (month_of(row.sent_at, zone),) * 2)}
    return [found.get(month) or _group(month, month, [], now) for month in months]


def month_of(at: datetime, zone: tzinfo) -> str:
    """Return the month of a time in the hospital's own time zone, as "2026-11"."""
    return at.astimezone(zone).strftime("%Y-%m")


def _groups(rows: Iterable[QueryRow], now: datetime, key: Callable[[QueryRow], tuple[str, str]]) -> list[Group]:
    gathered: dict[tuple[str, str], list[QueryRow]] = {}
    for row in rows:
        if was_sent(row, now):
            gathered.setdefault(key(row), []).append(row)
    return [_group(*names, members, now) for names, members in gathered.items()]


def _group(key: str, name: str, rows: list[QueryRow], now: datetime) -> Group:
    def of(metric: str) -> Figure:
        return figure(BY_ID[metric], rows, now)

    waiting = sum(is_open(row, now) for row in rows)
    response, late = of("response_rate"), of("response_within_72h")
    return Group(key, name, len(rows), response, late, of("response_time_median"), of("agreed_rate"), waiting)


def _largest_first(groups: list[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.sent, group.name))
