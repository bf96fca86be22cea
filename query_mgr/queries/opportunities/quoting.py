"""Evidence of criteria and templates as indicators: what was found, where, by whom and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from query_mgr.charts.evidence import named_value
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact, Evidence, Source
from query_mgr.queries.opportunities.gap import Indicator
from query_mgr.queries.opportunities.record import Statement

_MOST = 8
_PER_REQUIREMENT = 3
_FACTS = {"lab": "lab result", "vital": "vital sign"}


def quoted(evidence: Iterable[Evidence], chart: ChartContext) -> tuple[Indicator, ...]:
    """Return the evidence, oldest first, nothing twice: one piece of every requirement before a second of any."""
    by_requirement = [one.sources[:_PER_REQUIREMENT] for one in evidence]
    found: dict[object, Indicator] = {}
    for source in filter(None, chain.from_iterable(zip_longest(*by_requirement))):
        indicator = _indicator(source, chart)
        found.setdefault(indicator.ref if indicator.kind == "fact" else indicator.text.casefold(), indicator)
    return ordered(list(found.values())[:_MOST])


def of_statements(statements: Iterable[Statement]) -> tuple[Indicator, ...]:
    """Return what documents say of a condition, oldest first."""
    return ordered({one.quote.casefold(): _of_document(one.document, one.said.start, one.said.end, one.quote)
                    for one in statements}.values())  # fmt: skip


def ordered(indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """Return indicators by time; codes, which have none, last."""
    return tuple(sorted(indicators, key=lambda one: (one.at is None, one.at and one.at.timestamp(), one.ref)))


def _indicator(source: Source, chart: ChartContext) -> Indicator:
    if source.kind == "document":
        document = chart.documents_by_ref[source.ref]
        return _of_document(document, source.start or 0, source.end or 0, " ".join(source.text.split()))
    if source.kind == "fact":
        return _of_fact(chart.facts_by_ref[source.ref])
    return Indicator(source.text, "code", None, "code", "")


def _of_fact(fact: ChartFact) -> Indicator:
    text = named_value(fact.name, fact.value_text, fact.unit)
    return Indicator(text, _FACTS.get(fact.kind, fact.kind), fact.observed_at, "fact", fact.ref)


def _of_document(document: ChartDocument, start: int, end: int, text: str) -> Indicator:
    by = document.author_role.replace("_", " ") or "unknown author"
    label = f"{document.kind.replace('_', ' ')}, {by}"
    return Indicator(text, label, document.authored_at, "document", document.ref, start, end)


def facts_named(chart: ChartContext, refs: Iterable[str]) -> Iterator[Indicator]:
    """Yield facts as indicators."""
    wanted = set(refs)
    for fact in chart.facts:
        if fact.ref in wanted:
            yield _of_fact(fact)
