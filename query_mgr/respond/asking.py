"""A question to the coder instead of an answer."""

from __future__ import annotations

from query_mgr.platform import clock
from query_mgr.platform.db import unit_of_work
from query_mgr.queries import actions as queries
from query_mgr.queries.models import Query
from query_mgr.respond.models import QueryLink
from query_mgr.respond.words import AnswerError, plain


def ask(link: QueryLink, text: str) -> Query:
    """Send the coder a question instead of an answer; it counts as a response, not as an answer.

    Raises AnswerError for an empty or endless text; lifecycle.NotPossibleError once answered.
    """
    text = plain(text)
    if not text:
        raise AnswerError("Write what you need to know before you can answer.")
    with unit_of_work():
        query = queries.locked(link.query_id)
        queries.move(query, "ask", f"provider:{link.provider.ref}")
        query.responded_at = query.responded_at or clock.now()
        queries.add_comment(query, "provider", link.provider.signature_name, text)
    return query
