"""The page and the files made of the rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from query_mgr.insight import breakdown
from query_mgr.insight.breakdown import Group
from query_mgr.insight.filters import FilterError, Filters
from query_mgr.insight.metrics import BY_ID, METRICS, OUTCOMES, Figure, QueryRow, figure, is_open, part, was_sent
from query_mgr.platform.sheets import as_csv

PARTS = ("numerator", "denominator", "missing")
LISTS = {
    "sent": "All queries sent",
    "cancelled": "Cancelled queries",
    "open": "Open queries",
    "outcome": "Answers",
}


@dataclass(frozen=True)
class Report:
    """Everything the dashboard shows."""

    figures: dict[str, Figure]
    sent: int
    cancelled: int
    ages: dict[str, int]
    outcomes: dict[str, int]
    providers: list[Group]
    service_lines: list[Group]
    months: list[Group]

    @property
    def anomalies(self) -> int:
        """How many times were left out because they end before they begin."""
        return sum(self.figures[name].anomalies for name in ("response_time_median", "closing_time_median"))


def report(rows: Sequence[QueryRow], filters: Filters, now: datetime, zone: tzinfo) -> Report:
    """Return the dashboard of `rows`."""
    return Report(
        figures={metric.id: figure(metric, rows, now) for metric in METRICS},
        sent=sum(was_sent(row, now) for row in rows),
        cancelled=sum(row.status == "cancelled" for row in rows),
        ages=breakdown.open_by_age(rows, now),
        outcomes=breakdown.outcomes(rows, now),
        providers=breakdown.by_provider(rows, now),
        service_lines=breakdown.by_service_line(rows, now),
        months=breakdown.by_month(rows, now, zone, filters.months),
    )


def behind(rows: Sequence[QueryRow], of: str, name: str, now: datetime) -> tuple[str, list[QueryRow]]:
    """Return the heading and the rows behind a number.

    of: a metric's id (`name` is one of PARTS), or one of LISTS (`name` is an age, an outcome, or "").
    Raises FilterError for anything else.
    """
    if of in BY_ID and name in PARTS:
        return f"{BY_ID[of].name}: {_SAYS[name]}", part(BY_ID[of], name, rows, now)
    if of == "cancelled" and not name:
        return LISTS[of], [row for row in rows if row.status == "cancelled"]
    sent = [row for row in rows if was_sent(row, now)]
    if of == "sent" and not name:
        return LISTS[of], sent
    if of == "open" and name in {"", *breakdown.AGES}:
        waiting = [row for row in sent if is_open(row, now) and (not name or breakdown.age_of(row, now) == name)]
        return f"Open for {name} days" if name else LISTS[of], waiting
    if of == "outcome" and name in OUTCOMES:
        return OUTCOMES[name], [row for row in sent if row.outcome == name]
    raise FilterError("this number is not known; go back to the page and follow its link")


_SAYS = {"numerator": "counted", "denominator": "all it is counted among", "missing": "not counted"}


def figures_csv(figures: Iterable[Figure]) -> str:
    """Return the figures with their definitions as CSV."""
    head = ("metric", "value", "unit", "numerator", "denominator", "anomalies", "numerator_definition",
            "denominator_definition", "exclusions", "source")  # fmt: skip
    rows = []
    for found in figures:
        metric = found.metric
        unit = "hours" if metric.span else "share"
        value = "n/a" if found.value is None else f"{found.value:.4f}"
        counts = (str(found.numerator), str(found.denominator), str(found.anomalies))
        rows.append(
            (
                metric.id,
                value,
                unit,
                *counts,
                metric.numerator,
                metric.denominator,
                metric.exclusions,
                metric.source,
            )
        )
    return as_csv(head, rows)


def queries_csv(rows: Iterable[QueryRow]) -> str:
    """Return the queries as CSV, without the question and without anything of the patient."""
    times = ("sent_at", "delivered_at", "responded_at", "answered_at", "closed_at", "due_at")
    words = ("ref", "status", "outcome", "provider", "service_line", "purpose", "timing", "template_key")
    lines = (
        [*(getattr(row, name) for name in words), *(_iso(getattr(row, name)) for name in times)] for row in rows
    )
    return as_csv((*words, *times), lines)


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
