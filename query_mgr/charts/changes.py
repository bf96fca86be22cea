"""What a document said before: its own earlier versions, and the document that it replaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from query_mgr.charts.diffs import Change, word_changes
from query_mgr.charts.models import Document, DocumentVersion
from query_mgr.platform.db import db

_MOST_STEPS = 20


@dataclass(frozen=True)
class Step:
    """One change of a document."""

    title: str
    changes: tuple[Change, ...]


def steps_of(document: Document, told: Callable[[datetime], str]) -> list[Step]:
    """Return how a document became what it is, the latest change first. told: how a moment is said."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    versions = db.session.scalars(query.order_by(DocumentVersion.id.desc()).limit(_MOST_STEPS)).all()
    steps, after = [], document.text
    for one in versions:
        steps.append(
            Step(f"Changed by its source, received {told(one.changed_at)}", word_changes(one.text, after))
        )
        after = one.text
    if document.relation == "replaces" and document.related_key:
        older = db.session.scalar(select(Document).where(Document.source_key == document.related_key))
        if older is not None:
            title = f"Replaces {older.title} of {told(older.authored_at)}"
            steps.append(Step(title, word_changes(older.text, after)))
    return steps
