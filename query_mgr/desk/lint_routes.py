"""The compliance lint over HTTP, for the composer and for other tools. Nothing of it is stored or logged."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from query_mgr.accounts.permissions import requires
from query_mgr.queries.edition import edition_in_force
from query_mgr.queries.lint.exchange import answered

lint_desk = Blueprint("lint_desk", __name__)


@lint_desk.post("/api/queries/lint")
@requires("query.compose")
def lint_query() -> tuple[dict[str, Any], int]:
    """Answer the findings on a query sent as JSON (docs/interfaces/lint.md); 400 with `error` where it is none."""
    try:
        # `silent` keeps werkzeug from quoting the body in its own message
        return answered(request.get_json(force=True, silent=True), edition_in_force()), 200
    except RecursionError:
        return {"error": "nested too deeply"}, 400
    except ValueError as wrong:
        return {"error": str(wrong)}, 400
