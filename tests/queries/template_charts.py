"""The charts that the shipped templates are tried on, and the queries they become there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.platform import yamls
from query_mgr.queries.library.definition import Template
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.fitting import fits
from query_mgr.queries.library.render import render
from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption

CHARTS = Path(__file__).parent / "library_charts"
ADMITTED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def chart_from(side: dict[str, Any]) -> ChartContext:
    """Build a chart from one side of a file in library_charts."""
    documents = tuple(
        ChartDocument(f"doc{number}", text, role, kind, ADMITTED + timedelta(hours=hours))
        for number, (hours, role, kind, text) in enumerate(side.get("notes", []))
    )
    facts = tuple(
        ChartFact(
            f"fact{number}",
            kind,
            name,
            "",
            value if isinstance(value, int | float) else None,
            str(value),
            unit,
            "",
            ADMITTED + timedelta(hours=hours),
        )
        for number, (hours, kind, name, value, unit) in enumerate(side.get("facts", []))
    )
    return ChartContext(documents, facts, tuple(side.get("codes", [])), "inpatient", ADMITTED)


def chart(template: str, side: str) -> ChartContext:
    """Return the chart that `template` fits, or refuses."""
    return chart_from(yamls.load(CHARTS / f"{template}.yaml")[side])


@cache
def draft_on_its_chart(name: str) -> Draft:
    """Return the query that a template becomes on the chart it fits, as the lint reads it."""
    template, one = shipped()[name], chart(name, "fits")
    text = render(template, one)
    return Draft(
        title=text.title,
        body=text.body,
        question=text.question,
        query_type=template.query_type,
        purpose=template.purpose,
        condition=template.condition,
        options=tuple(DraftOption(option.key, option.label, option.kind) for option in text.options),
        indicators=_indicators(template, one),
        documentation=tuple(document.text for document in one.documents if document.is_by(("provider",))),
        admitted_at=ADMITTED,
    )


def _indicators(template: Template, one: ChartContext) -> tuple[DraftIndicator, ...]:
    """Return the evidence of the match as the composer would quote it: the value, or the whole short note."""
    documents = {document.ref: document for document in one.documents}
    facts = {fact.ref: fact for fact in one.facts}
    found = {}
    for evidence in fits(template, one).met:
        for source in evidence.sources:
            if source.kind == "document":
                document = documents[source.ref]
                text, at, role = document.text, document.authored_at, document.author_role
                found[source.ref] = DraftIndicator(text, at, document.kind, role, "current", "document")
            elif source.kind == "fact":
                found[source.ref] = DraftIndicator(source.text, facts[source.ref].observed_at, "Results")
    return tuple(found.values())
