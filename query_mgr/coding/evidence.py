"""Where a code is documented: a place in this encounter's chart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from query_mgr.charts.evidence import indicator_from_fact, indicator_from_text
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.charts.reader import problems_of
from query_mgr.platform.db import db


def evidence_in_document(encounter: Encounter, ref: str, start: int | None, end: int | None) -> dict[str, Any]:
    """Return a document, or the passage from `start` to `end` (characters), as evidence.

    Raises ValueError where the encounter has no such document, or the passage lies outside it.
    """
    document = db.session.scalar(
        select(Document).where(Document.ref == ref, Document.encounter_id == encounter.id)
    )
    if document is None:
        raise ValueError("this document is not in the chart of this stay")
    if start is None or end is None:
        start, end, whole = 0, len(document.text), True
    else:
        whole = False
    found = indicator_from_text(document, start, end)
    place = {} if whole else {"start": found.start, "end": found.end, "text": found.text}
    return {"kind": "document", "ref": ref, "label": found.source_label, **place}


def evidence_in_fact(encounter: Encounter, ref: str) -> dict[str, Any]:
    """Return a value or a problem-list entry as evidence. Raises ValueError where the chart has none such."""
    fact = db.session.scalar(select(Fact).where(Fact.ref == ref))
    if fact is None or (fact.encounter_id != encounter.id and fact not in problems_of(encounter)):
        raise ValueError("this value is not in the chart of this stay")
    found = indicator_from_fact(fact)
    return {"kind": "fact", "ref": ref, "label": found.source_label, "text": found.text}
