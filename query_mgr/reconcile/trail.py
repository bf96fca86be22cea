"""Why a code stands: code from answer from query from indicators from documents."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from query_mgr.coding.models import CodeChange
from query_mgr.coding.reader import changes_of
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.respond.models import Answer


@dataclass(frozen=True)
class Step:
    """One change of a code, with the answer and query behind it where there are any."""

    change: CodeChange
    answer: Answer | None
    query: Query | None


def trail(assignment_ref: str) -> list[Step]:
    """Return all that led to a code as it is, oldest first; also for a code that is gone."""
    steps = []
    for change in changes_of(assignment_ref):
        answer = None
        if change.answer_ref:
            answer = db.session.scalar(select(Answer).where(Answer.ref == change.answer_ref))
        steps.append(Step(change, answer, answer.query if answer else None))
    return steps
