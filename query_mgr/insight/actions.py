"""Taking figures out of the house."""

from __future__ import annotations

from datetime import datetime, tzinfo

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.insight import read
from query_mgr.insight.filters import FilterError, Filters
from query_mgr.insight.report import figures_csv, queries_csv, report
from query_mgr.platform.db import unit_of_work


def export(actor: Actor, what: str, filters: Filters, now: datetime, zone: tzinfo) -> str:
    """Return "figures" or "queries" as CSV, and keep who took how much.

    Raises FilterError for anything else; NotAllowedError.
    """
    actor.must("insight.export")
    if what not in {"figures", "queries"}:
        raise FilterError("what takes figures or queries")
    with unit_of_work():
        rows = read.rows(filters, zone)
        audit.record(actor.email, "insight.exported", "report", what, rows=len(rows), **filters.args())
    if what == "queries":
        return queries_csv(rows)
    return figures_csv(report(rows, filters, now, zone).figures.values())
