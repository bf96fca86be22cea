"""How each template does, version by version. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from query_mgr.insight.breakdown import FEW
from query_mgr.insight.metrics import BY_ID, OUTCOMES, Figure, QueryRow, figure, was_sent

#: above this share of "unable to determine" a template should be looked at: its evidence or its options do not fit.
#: There is no published figure; this one is ours.
TOO_OFTEN_UNDETERMINED = 0.25


@dataclass(frozen=True)
class TemplateFigures:
    """The figures of one version of a template."""

    key: str
    version: str
    sent: int
    answered: int
    response: Figure
    agree: Figure
    undetermined: Figure
    median: Figure

    @property
    def is_few(self) -> bool:
        """Whether there are too few queries for the rates to mean much."""
        return self.sent < FEW

    @property
    def should_be_looked_at(self) -> bool:
        """Whether providers are too often unable to answer it."""
        share = self.undetermined.value
        return self.answered >= FEW and share is not None and share > TOO_OFTEN_UNDETERMINED


def by_version(rows: Iterable[QueryRow], now: datetime) -> list[TemplateFigures]:
    """Return the figures of every template and version that queries were sent from, in order of both."""
    groups: dict[tuple[str, str], list[QueryRow]] = {}
    for row in rows:
        if row.template_key and was_sent(row, now):
            groups.setdefault((row.template_key, row.template_version), []).append(row)
    return [_figures(key, version, groups[key, version], now) for key, version in sorted(groups)]


def _figures(key: str, version: str, rows: Sequence[QueryRow], now: datetime) -> TemplateFigures:
    def of(metric: str) -> Figure:
        return figure(BY_ID[metric], rows, now)

    return TemplateFigures(
        key, version, len(rows), sum(row.outcome in OUTCOMES for row in rows), of("response_rate"),
        of("agreed_rate"), of("undetermined_rate"), of("response_time_median"),
    )  # fmt: skip
