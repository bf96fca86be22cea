"""The figures page, the queries behind each number, and the CSV files."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request, url_for

from query_mgr.accounts.permissions import may, requires
from query_mgr.accounts.session import current_actor
from query_mgr.insight import actions, read
from query_mgr.insight.charts import plots_of
from query_mgr.insight.filters import FilterError, Filters, page_number, parse
from query_mgr.insight.metrics import BY_ID, METRICS, NOT_AVAILABLE, hours_of
from query_mgr.insight.report import behind, report
from query_mgr.platform import clock
from query_mgr.platform.web import current_settings

insight = Blueprint("insight", __name__)
PAGE_SIZE = 100


def _zone() -> ZoneInfo:
    return ZoneInfo(current_settings().time_zone)


def chosen_filters() -> Filters:
    """Return the range that the address asks for, or answer 400 with what is wrong."""
    try:
        return parse(request.args, clock.now().astimezone(_zone()).date())
    except FilterError as error:
        abort(400, f"{error}.")


def _queries_at(args: dict[str, Any], of: str, name: str) -> str:
    """Return the address of the queries behind a number."""
    return url_for("insight.queries", of=of, part=name or None, **args)


@insight.get("/insight")
@requires("insight.view")
def figures() -> Any:
    """Show every metric of the range, with its definition."""
    filters, now = chosen_filters(), clock.now()
    found = report(read.rows(filters, _zone()), filters, now, _zone())

    def drill(of: str, name: str = "", **changes: str) -> str:
        return _queries_at(filters.args(**changes), of, name)

    return render_template(
        "insight/figures.html",
        filters=filters,
        report=found,
        metrics=METRICS,
        plots=plots_of(found, drill),
        drill=drill,
        service_lines=read.service_lines(),
        provider_name=read.provider_name(filters.provider) if filters.provider else "",
        may_export=may(current_actor().role_names, "insight.export"),
        now=now.astimezone(_zone()),
    )


@insight.get("/insight/queries")
@requires("insight.view")
def queries() -> Any:
    """List the queries behind one number."""
    filters, now, zone = chosen_filters(), clock.now(), _zone()
    of, name = request.args.get("of", "sent"), request.args.get("part", "")
    try:
        heading, found = behind(read.rows(filters, zone), of, name, now)
        page = page_number(request.args.get("page", "1"), PAGE_SIZE, len(found))
    except FilterError as error:
        abort(400, f"{error}.")
    metric = BY_ID.get(of, BY_ID["response_time_median"])
    timed = metric if metric.span else BY_ID["response_time_median"]
    return render_template(
        "insight/queries.html",
        heading=heading,
        metric=BY_ID.get(of),
        filters=filters,
        rows=[(row, hours_of(timed, row)) for row in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]],
        timed=timed,
        total=len(found),
        page=page,
        pages=max(1, -(-len(found) // PAGE_SIZE)),
        to_page=lambda n: _queries_at({**filters.args(), "page": str(n)}, of, name),
        zone=zone,
        not_available=NOT_AVAILABLE,
    )


@insight.get("/insight.csv")
@requires("insight.export")
def download() -> Any:
    """Hand out the figures, or the queries behind them, as a file."""
    filters, what = chosen_filters(), request.args.get("what", "figures")
    try:
        text = actions.export(current_actor(), what, filters, clock.now(), _zone())
    except FilterError as error:
        abort(400, f"{error}.")
    name = f"query-{what}-{filters.first}-to-{filters.last}.csv"
    # The byte order mark lets spreadsheets read names with accents.
    response = Response("\ufeff" + text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
