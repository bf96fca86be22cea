"""Over a chart: which documentation gaps are worth a query, all of them or after a change. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.queries.library.definition import Template
from query_mgr.queries.opportunities.gap import Gap
from query_mgr.queries.opportunities.probes import probes
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.settling import settle
from query_mgr.queries.opportunities.touching import Index

#: raised with every change of what the finder finds, so that stored gaps are worked out anew
EDITION = "3"


class Finder:
    """All probes with the templates of a site, and what each depends on."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._probes = {one.key: one for one in probes(templates)}
        self._index = Index(self._probes.values())
        self.stamp = stamp_of(templates)

    def scan(self, record: Record) -> tuple[Gap, ...]:
        """Return what all probes find in a chart, not yet weighed against each other."""
        return self._found(record, self._probes)

    def rescan(self, record: Record, before: Iterable[Gap], touched: Collection[str]) -> tuple[Gap, ...]:
        """Return what `scan` would, asking only the probes that a change touched; the others found `before`."""
        kept = tuple(one for one in before if one.probe not in touched)
        return kept + self._found(record, [key for key in self._probes if key in touched])

    def touched(self, facts: Iterable[ChartFact], documents: Iterable[ChartDocument]) -> frozenset[str]:
        """Return the keys of the probes that new or changed facts, or new documents, can move."""
        by_facts = (self._index.touched_by_fact(one) for one in facts)
        by_documents = (self._index.touched_by_document(one) for one in documents)
        return frozenset().union(*by_facts, *by_documents)

    def _found(self, record: Record, keys: Iterable[str]) -> tuple[Gap, ...]:
        return tuple(gap for key in keys for gap in self._probes[key].find(record))


def stamp_of(templates: Mapping[str, Template]) -> str:
    """Return what a scan depends on besides the chart, as a short hash."""
    versions = "".join(f"{one.id} {one.version}\n" for one in templates.values())
    return hashlib.sha256(f"{EDITION}\n{versions}".encode()).hexdigest()[:16]


_finders: dict[str, Finder] = {}


def finder_of(templates: Mapping[str, Template]) -> Finder:
    """Return the finder for these templates; the last one is remembered."""
    stamp = stamp_of(templates)
    if stamp not in _finders:
        found = Finder(templates)
        _finders.clear()
        _finders[stamp] = found
    return _finders[stamp]


def opportunities(chart: ChartContext, templates: Mapping[str, Template]) -> tuple[Gap, ...]:
    """Return the gaps of a chart, those worth asking first, heaviest first; the others say why they are not."""
    record = Record(chart)
    return settle(finder_of(templates).scan(record), record)
