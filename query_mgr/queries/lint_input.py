"""A stored query in the form that the lint reads."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.charts.models import Document, Fact
from query_mgr.platform.db import db
from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption
from query_mgr.queries.models import Query

#: whose words document a diagnosis (ICD-10-CM Official Guidelines I.A.19 and I.B.14: the provider's)
DOCUMENTING_ROLES = ("attending", "consultant", "resident", "advanced_practice")


def documentation_of(encounter_id: int) -> tuple[str, ...]:
    """Return what providers wrote about this encounter: documents and problem-list names."""
    documents = select(Document.text).where(
        Document.encounter_id == encounter_id,
        Document.author_role.in_(DOCUMENTING_ROLES),
        Document.status != "entered_in_error",
    )
    problems = select(Fact.name).where(
        Fact.encounter_id == encounter_id, Fact.kind == "problem", Fact.status != "entered_in_error"
    )
    return (*db.session.scalars(documents), *db.session.scalars(problems))


def draft_of(query: Query) -> Draft:
    """Return `query` as the lint sees it."""
    return Draft(
        title=query.title,
        body=query.body,
        question=query.question,
        query_type=query.query_type,
        purpose=query.purpose,
        condition=query.condition,
        options=tuple(DraftOption(one["key"], one["label"], one["kind"]) for one in query.options),
        indicators=tuple(
            DraftIndicator(
                text=one.text,
                observed_at=one.observed_at,
                source_label=one.source_label,
                author_role=one.author_role,
                scope=one.encounter_scope,
                source_kind=one.source_kind,
            )
            for one in query.indicators
        ),
        documentation=documentation_of(query.encounter_id),
        admitted_at=query.encounter.admitted_at,
        discharged_at=query.encounter.discharged_at,
    )
