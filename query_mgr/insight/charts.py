"""Which plots the figures page shows. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from query_mgr.insight.breakdown import Group
from query_mgr.insight.metrics import OUTCOMES, Figure
from query_mgr.insight.plots import Plot, Value, plot
from query_mgr.insight.report import Report

Drill = Callable[..., str]
_SHORT = {
    "agreed": "Agreed",
    "other": "Other",
    "undetermined": "Undetermined",
    "not_significant": "Not significant",
    "ruled_out": "Ruled out",
}


@dataclass(frozen=True)
class Plots:
    """The plots of the page, by what they show."""

    response: Plot
    median: Plot
    ages: Plot
    outcomes: Plot


def plots_of(report: Report, drill: Drill) -> Plots:
    """Return the page's plots; `drill` gives the address of the queries behind a mark."""

    def monthly(group: Group, found: Figure) -> Value:
        shown = found.value if found.value is None or found.metric.span else found.value * 100
        href = drill(found.metric.id, "denominator", first=group.key, last=group.key)
        text = f"{found.text} ({found.numerator} of {found.denominator})"
        return Value(month_name(group.key), shown, text, href)

    ages = [Value(f"{name} d", float(n), str(n), drill("open", name)) for name, n in report.ages.items()]
    outcomes = [
        Value(_SHORT[key], float(report.outcomes[key]), str(report.outcomes[key]), drill("outcome", key))
        for key in OUTCOMES
    ]
    return Plots(
        plot("response", "Response rate by month", "Share of the queries sent in a month that have a response, in percent.",
             ("Month sent", "Response rate"), [monthly(group, group.response) for group in report.months], top=100, unit="%"),
        plot("median", "Median response time by month", "Hours from sending to the first qualifying response.",
             ("Month sent", "Median hours"), [monthly(group, group.median) for group in report.months], unit=" h"),
        plot("ages", "Open queries by age", "Queries that wait for their answer now, by days since they were sent.",
             ("Days since sent", "Open queries"), ages),
        plot("outcomes", "Answers by kind", "Signed answers by how they count.", ("Kind of answer", "Queries"), outcomes),
    )  # fmt: skip


def month_name(month: str) -> str:
    """Return "2026-11" as "Nov 2026"."""
    return f"{date.fromisoformat(month + '-01'):%b %Y}"
