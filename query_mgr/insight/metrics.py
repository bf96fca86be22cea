"""Every metric in one table: what is counted, over what, what is left out, and where that comes from. Pure.

There is no national standard: programs count the same names differently. Three switches decide each number and
are printed with it: the unit is the query, the date is the day it was sent, and drafts and cancelled queries are out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from query_mgr.queries.lifecycle import OPEN, UNSENT

OUTCOMES = {
    "agreed": "An offered diagnosis confirmed",
    "other": "Other, in the provider's words",
    "undetermined": "Clinically undetermined",
    "not_significant": "Not clinically significant",
    "ruled_out": "Ruled out",
}
NOT_AVAILABLE = "n/a"
_OWN = "query_mgr's own definition; there is no national standard"


@dataclass(frozen=True)
class QueryRow:
    """One query as the metrics see it; no patient in it. Times are aware."""

    ref: str
    title: str
    status: str
    outcome: str
    provider: str
    provider_ref: str
    service_line: str
    sent_at: datetime
    delivered_at: datetime | None = None
    responded_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    purpose: str = ""
    timing: str = ""
    template_key: str = ""
    template_version: str = ""


Test = Callable[[QueryRow, datetime], bool]
Span = Callable[[QueryRow], tuple[datetime | None, datetime | None]]


@dataclass(frozen=True)
class Metric:
    """One row of the table. A share counts `counts` among `belongs`; a time is a quantile of `span` among `belongs`."""

    id: str
    name: str
    numerator: str
    denominator: str
    exclusions: str
    source: str
    belongs: Test
    counts: Test | None = None
    span: Span | None = None
    quantile: float = 0.5


@dataclass(frozen=True)
class Figure:
    """What a metric came to. `value` is a share from 0 to 1, or hours; None where there is nothing to count.

    anomalies: rows left out because they end before they begin (a clock that went wrong).
    """

    metric: Metric
    numerator: int
    denominator: int
    value: float | None
    anomalies: int = 0

    @property
    def text(self) -> str:
        """The figure as it is read: "83.3%", "26.5 h" or "n/a"."""
        if self.value is None:
            return NOT_AVAILABLE
        return f"{self.value:.1f} h" if self.metric.span else f"{self.value * 100:.1f}%"


def was_sent(row: QueryRow, now: datetime) -> bool:
    """Return whether a query is in any metric at all: sent, and not cancelled."""
    return row.status not in {*UNSENT, "cancelled"}


def is_open(row: QueryRow, now: datetime) -> bool:
    """Return whether a query still waits for its answer."""
    return row.status in OPEN


def _is_answered(row: QueryRow, now: datetime) -> bool:
    return was_sent(row, now) and row.outcome in OUTCOMES


def _within(hours: int) -> Metric:
    limit = timedelta(hours=hours)

    def is_due(row: QueryRow, now: datetime) -> bool:
        if row.delivered_at is None or (row.responded_at is not None and row.responded_at < row.sent_at):
            return False
        return was_sent(row, now) and row.delivered_at + limit <= now

    def is_in_time(row: QueryRow, now: datetime) -> bool:
        # `belongs` has made sure that it was delivered.
        return (
            row.delivered_at is not None
            and row.responded_at is not None
            and row.responded_at <= row.delivered_at + limit
        )

    return Metric(
        id=f"response_within_{hours}h",
        name=f"Response within {hours} h",
        numerator=f"Queries with a first qualifying response at most {hours} hours after delivery",
        denominator=f"Queries delivered at least {hours} hours ago",
        exclusions=(
            "Drafts, cancelled queries, queries not delivered yet, those whose time has not run out, "
            "and responses dated before sending"
        ),
        source=(
            "Time from delivery: Johns Hopkins Medicine counts responses within 96 h (Medicine Matters, 2019)"
            if hours == 96
            else _OWN
        ),
        belongs=is_due,
        counts=is_in_time,
    )


def _outcome(key: str, name: str, source: str = _OWN) -> Metric:
    return Metric(
        id=f"{key}_rate",
        name=name,
        numerator=f"Answers of the kind “{OUTCOMES[key]}”",
        denominator="Queries with a signed answer",
        exclusions="Drafts, cancelled queries, and queries without an answer",
        source=source,
        belongs=_is_answered,
        counts=lambda row, now: row.outcome == key,
    )


def _time(id_: str, name: str, quantile: float, word: str, span: Span, between: str, source: str = _OWN) -> Metric:
    return Metric(
        id=id_,
        name=name,
        numerator=f"{word} of the hours {between}",
        denominator="Queries that have both times",
        exclusions="Drafts, cancelled queries, and times that end before they begin, which are counted beside the figure",
        source=source,
        belongs=lambda row, now: was_sent(row, now) and None not in span(row),
        span=span,
        quantile=quantile,
    )


_TO_RESPONSE: Span = lambda row: (row.sent_at, row.responded_at)  # noqa: E731 - a row of the table, not a function
_TO_CLOSE: Span = lambda row: (row.answered_at, row.closed_at)  # noqa: E731

METRICS: tuple[Metric, ...] = (
    Metric(
        "response_rate",
        "Response rate",
        "Queries with a first qualifying response: an answer, “not my patient” or “need more information”",
        "Queries sent",
        "Drafts and cancelled queries; a query that could not be delivered stays in",
        "What qualifies: Johns Hopkins Medicine (Medicine Matters, 2019)",
        was_sent,
        lambda row, now: row.responded_at is not None,
    ),
    *(_within(hours) for hours in (24, 48, 72, 96)),
    _time(
        "response_time_median",
        "Response time, median",
        0.5,
        "Median",
        _TO_RESPONSE,
        "from sending to the first qualifying response",
    ),
    _time(
        "response_time_p90",
        "Response time, 90th percentile",
        0.9,
        "90th percentile (nearest rank)",
        _TO_RESPONSE,
        "from sending to the first qualifying response",
    ),
    _time(
        "closing_time_median",
        "Time to close, median",
        0.5,
        "Median",
        _TO_CLOSE,
        "from the signed answer to closing: the staff's own share",
    ),
    _outcome(
        "agreed",
        "Agree rate",
        "A trend to audit, never a target: agreement near 100% can mean that queries lead. " + _OWN,
    ),
    _outcome("other", "Other rate"),
    _outcome("undetermined", "Undetermined rate"),
    _outcome("not_significant", "Not significant rate"),
    _outcome(
        "ruled_out", "Ruled out rate", "A success of a clinical validation query, not a disagreement. " + _OWN
    ),
    Metric(
        "open_rate",
        "Open",
        "Queries that wait for their answer now",
        "Queries sent",
        "Drafts and cancelled queries",
        _OWN,
        was_sent,
        is_open,
    ),
    Metric(
        "overdue_rate",
        "Overdue among the open",
        "Open queries past their due time",
        "Open queries",
        "Queries without a due time count as not overdue",
        _OWN,
        is_open,
        lambda row, now: row.due_at is not None and row.due_at < now,
    ),
)
BY_ID = {metric.id: metric for metric in METRICS}


def hours_of(metric: Metric, row: QueryRow) -> tuple[float, bool] | None:
    """Return a row's time in hours and whether it is an anomaly; one that ends before it begins counts as 0 hours."""
    begin, end = metric.span(row) if metric.span else (None, None)
    if begin is None or end is None:
        return None
    hours = (end - begin).total_seconds() / 3600
    return max(hours, 0.0), hours < 0


def figure(metric: Metric, rows: Sequence[QueryRow], now: datetime) -> Figure:
    """Return what `metric` comes to over `rows`."""
    counted, base = part(metric, "numerator", rows, now), part(metric, "denominator", rows, now)
    if metric.span is None:
        return Figure(metric, len(counted), len(base), len(counted) / len(base) if base else None)
    hours = sorted(measured[0] for row in counted if (measured := hours_of(metric, row)))
    return Figure(metric, len(counted), len(base), quantile(hours, metric.quantile), len(base) - len(counted))


def part(metric: Metric, name: str, rows: Sequence[QueryRow], now: datetime) -> list[QueryRow]:
    """Return the rows behind one side of a figure: "numerator", "denominator", "missing" (in one but not the other)."""
    base = [row for row in rows if metric.belongs(row, now)]
    if name == "denominator":
        return base
    return [row for row in base if _counts(metric, row, now) is (name == "numerator")]


def _counts(metric: Metric, row: QueryRow, now: datetime) -> bool:
    if metric.counts is not None:
        return metric.counts(row, now)
    measured = hours_of(metric, row)
    return measured is not None and not measured[1]


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the median, or the nearest-rank quantile, of ordered values; None of nothing."""
    if not ordered:
        return None
    return median(ordered) if share == 0.5 else ordered[math.ceil(share * len(ordered)) - 1]
