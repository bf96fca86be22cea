"""The record of a signed answer to take away."""

from __future__ import annotations

from typing import Any

from flask import Response

from query_mgr.queries.models import Query
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import amendable, ended
from query_mgr.respond.printed import record_pdf
from query_mgr.respond.stepup.guard import stepped_up
from query_mgr.respond.verified import difference_in


def as_download(query: Query) -> Response:
    """Return the PDF of a query that was sent; its file's name says nothing of the patient."""
    answer, difference = difference_in(query)
    response = Response(record_pdf(query, answer, difference), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="query-{query.mail_ref}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@respond.get("/answer/record.pdf")
@stepped_up
def record(link: QueryLink) -> Any:
    """Give the provider the query with what they signed."""
    return as_download(link.query) if amendable(link) else ended()
