"""The words that a provider copies into the chart, so that the record itself says what was answered (Q21, Q23). Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from query_mgr.queries.models import Query
from query_mgr.respond.amendments import KINDS
from query_mgr.respond.models import Amendment, Answer


def addendum(query: Query, answer: Answer, local: Callable[[datetime], str]) -> str:
    """Return the addendum as plain text: query, answer as it stands, what was added, and the signatures."""
    sent = query.snapshot or {}
    asked = f" of {local(query.sent_at)}" if query.sent_at else ""
    lines = [
        f"ADDENDUM, {local(answer.signed_at)}",
        f"In response to documentation query {query.mail_ref}{asked}: {sent.get('question', query.question)}",
        f"Answer: {_said(answer)}",
        _signed(answer, local),
    ]
    for one in answer.amendments:
        lines += [f"{KINDS[one.kind].label}: {_said(one)} (why: {one.reason})", _signed(one, local)]
    return "\n".join(lines)


def _said(row: Answer | Amendment) -> str:
    return ": ".join(filter(None, (row.option_label, row.text)))


def _signed(row: Answer | Amendment, local: Callable[[datetime], str]) -> str:
    name = ", ".join(filter(None, (row.manifest["name"], row.manifest.get("credentials", ""))))
    npi = f", NPI {row.manifest['npi']}" if row.manifest.get("npi") else ""
    return f"Electronically signed by {name}{npi}, {local(row.signed_at)}."
