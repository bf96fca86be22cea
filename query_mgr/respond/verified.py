"""The signed answers of the database, held against what the audit trail says of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import or_, select

from query_mgr.audit.models import AuditEvent
from query_mgr.platform.db import db
from query_mgr.queries.models import Query, QueryRevision
from query_mgr.queries.snapshot import digest
from query_mgr.respond.countersigning import AnswerCosignature
from query_mgr.respond.models import Answer
from query_mgr.respond.verifying import Told, difference, missing

#: what the audit trail calls a signature -> where it is told of, and by what it is named
_SIGNED = {
    "query.answer": ("answers", "answer"),
    "query.document": ("answers", "answer"),
    "answer.amended": ("amendments", "amendment"),
    "answer.cosigned": ("cosignatures", "answer"),
}


def _told(ref: str = "") -> dict[str, Told]:
    """Return what the audit trail says was signed, by the query's ref."""
    found = select(AuditEvent.subject_ref, AuditEvent.action, AuditEvent.detail).where(
        AuditEvent.subject_kind == "query", AuditEvent.action.in_(_SIGNED)
    )
    told: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for query_ref, action, detail in db.session.execute(
        found.where(AuditEvent.subject_ref == ref) if ref else found
    ):
        said, (where, name) = json.loads(detail), _SIGNED[action]
        told[query_ref][where][said[name]] = said["manifest"]
    return {key: Told(**signed) for key, signed in told.items()}


def _earlier(ids: list[int]) -> dict[int, str]:
    """Return which earlier revisions are not what was frozen, by the query's id. ids: of some queries, none for all."""
    wanted = select(QueryRevision).where(QueryRevision.query_id.in_(ids)) if ids else select(QueryRevision)
    changed = (one for one in db.session.scalars(wanted) if digest(one.snapshot) != one.snapshot_hash)
    return {one.query_id: f"revision {one.revision} as sent is not what was frozen" for one in changed}


def problems(ref: str = "") -> Iterator[tuple[Query, Answer | None, str]]:
    """Yield every query that was sent with its answer and the first thing that differs, "" where nothing does.

    ref: of one query, as its page or its mail shows it; "" means all.
    """
    wanted = (
        select(Query, Answer, AnswerCosignature)
        .outerjoin(Answer, Answer.query_id == Query.id)
        .outerjoin(AnswerCosignature, AnswerCosignature.answer_id == Answer.id)
        .where(Query.sent_at.is_not(None))
    )
    if ref:
        wanted = wanted.where(or_(Query.ref == ref, Query.mail_ref == ref.upper(), Answer.ref == ref))
    rows = db.session.execute(wanted.order_by(Query.id)).all()
    told = _told(rows[0][0].ref if ref and rows else "")
    earlier = _earlier([rows[0][0].id] if ref and rows else [])
    for query, answer, cosigned in rows:
        known = told.get(query.ref, Told())
        found = difference(answer, known, cosigned) if answer else missing(query, None, known)
        yield query, answer, found or earlier.get(query.id, "")


def difference_in(query: Query) -> tuple[Answer | None, str]:
    """Return the answer of a query that was sent, and what is not as it was signed, "" where all is."""
    _, answer, found = next(iter(problems(query.ref)))
    return answer, found
