"""`flask answers verify`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

import click
from flask.cli import AppGroup
from sqlalchemy import or_, select

from query_mgr.audit.models import AuditEvent
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.respond.models import Answer
from query_mgr.respond.verifying import Told, difference, missing

answers_cli = AppGroup("answers", help="Signed answers.")


def _told(ref: str = "") -> dict[str, Told]:
    """Return what the audit trail says was signed, by the query's ref."""
    found = select(AuditEvent.subject_ref, AuditEvent.action, AuditEvent.detail).where(
        AuditEvent.subject_kind == "query",
        AuditEvent.action.in_(("query.answer", "query.document", "answer.amended")),
    )
    told: dict[str, tuple[dict[str, str], dict[str, str]]] = defaultdict(lambda: ({}, {}))
    for query_ref, action, detail in db.session.execute(
        found.where(AuditEvent.subject_ref == ref) if ref else found
    ):
        said = json.loads(detail)
        is_added = action == "answer.amended"
        told[query_ref][is_added][said["amendment" if is_added else "answer"]] = said["manifest"]
    return {key: Told(*both) for key, both in told.items()}


def problems(ref: str = "") -> Iterator[tuple[Query, Answer | None, str]]:
    """Yield every query that was sent with its answer and the first thing that differs, "" where nothing does.

    ref: of one query, as its page or its mail shows it; "" means all.
    """
    wanted = select(Query, Answer).outerjoin(Answer, Answer.query_id == Query.id).where(Query.sent_at.is_not(None))
    if ref:
        wanted = wanted.where(or_(Query.ref == ref, Query.mail_ref == ref.upper(), Answer.ref == ref))
    rows = db.session.execute(wanted.order_by(Query.id)).all()
    told = _told(rows[0][0].ref if ref and rows else "")
    for query, answer in rows:
        known = told.get(query.ref, Told())
        yield query, answer, difference(answer, known) if answer else missing(query, None, known)


@answers_cli.command("verify")
@click.argument("ref", default="")
@click.option("--all", "every", is_flag=True, help="Every query that was ever sent.")
def verify(ref: str, every: bool) -> None:
    """Compute every hash of signed answers again; exit 1 and name what differs first.

    REF is a query's reference, as its page or its mail shows it.
    """
    if bool(ref) == every:
        raise click.UsageError("Name one query, or say --all.")
    queries = answers = broken = 0
    for query, answer, found in problems(ref):
        queries, answers = queries + 1, answers + (answer is not None)
        if found:
            broken += 1
            click.echo(f"query {query.ref} (mail {query.mail_ref}): {found}", err=True)
    if ref and not queries:
        raise click.UsageError(f"No query that was sent has the reference {ref}.")
    if broken:
        raise SystemExit(1)
    click.echo(f"intact: {queries} queries as sent, {answers} signed answers")
