"""Which probes a new fact or document can move: an index of what they read. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from query_mgr.clinical.requirements.chart import ChartDocument, ChartFact
from query_mgr.clinical.requirements.definition import FACT_KINDS, Requirement, bare
from query_mgr.clinical.requirements.matching import is_named
from query_mgr.clinical.requirements.measures import lab_of
from query_mgr.clinical.requirements.wording import may_hold
from query_mgr.queries.opportunities.probes import Probe
from query_mgr.queries.opportunities.record import narrower, said_in
from query_mgr.queries.opportunities.unmet import leaves

Keys = frozenset[str]
_MOST_NAMES = 5_000


class Index:
    """What probes read, the other way round."""

    def __init__(self, probes: Iterable[Probe]) -> None:
        self._labs: dict[str, set[str]] = defaultdict(set)
        self._named: dict[Requirement, set[str]] = defaultdict(set)  # requirements of facts by name or code
        self._codes: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._words: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._documents: dict[tuple[str, ...], set[str]] = defaultdict(set)  # kinds of document that must be there
        self._conditions: dict[str, set[str]] = defaultdict(set)
        self._known: dict[tuple[str, str, str], Keys] = {}
        for probe in probes:
            self._add(probe)

    def _add(self, probe: Probe) -> None:
        if probe.words:
            self._words[probe.words].add(probe.key)
        for condition in probe.conditions:
            for kind in narrower()[condition]:
                self._conditions[kind].add(probe.key)
        for requirement in probe.requirements:
            for leaf in leaves(requirement):
                if leaf.kind in FACT_KINDS:
                    self._named[leaf].add(probe.key)
                elif leaf.kind == "measure":
                    self._labs[leaf.lab].add(probe.key)
                elif leaf.kind == "code":
                    self._codes[tuple(map(bare, leaf.codes))].add(probe.key)
                elif leaf.kind == "document":
                    self._documents[leaf.in_documents].add(probe.key)
                elif leaf.words:
                    self._words[leaf.words].add(probe.key)

    def touched_by_fact(self, fact: ChartFact) -> Keys:
        """Return the keys of the probes that a new, changed or removed fact can move."""
        key = (fact.kind, fact.name, fact.code)
        if key not in self._known:
            if len(self._known) >= _MOST_NAMES:
                self._known.clear()
            self._known[key] = frozenset(self._of_fact(fact))
        return self._known[key]

    def _of_fact(self, fact: ChartFact) -> set[str]:
        found, key = set(self._labs.get(lab_of(fact.name), ())), (fact.kind, fact.name, fact.code)
        for leaf, keys in self._named.items():
            if is_named(leaf, *key):
                found |= keys
        if fact.kind == "problem":
            found |= self._of_problem(fact)
        else:
            for one in said_in(fact.name):
                found |= self._conditions.get(one.condition, set())
        return found

    def _of_problem(self, fact: ChartFact) -> set[str]:
        found = self._of_text(fact.name)
        code = bare(fact.code)
        for prefixes, keys in self._codes.items():
            if code.startswith(prefixes):
                found |= keys
        return found

    def touched_by_document(self, document: ChartDocument) -> Keys:
        """Return the keys of the probes that a new document can move."""
        found = self._of_text(document.text)
        for kinds, keys in self._documents.items():
            if not kinds or document.kind in kinds:
                found |= keys
        return frozenset(found)

    def _of_text(self, text: str) -> set[str]:
        found: set[str] = set()
        for words, keys in self._words.items():
            if not keys <= found and may_hold(text, words):
                found |= keys
        for condition in {one.condition for one in said_in(text)}:
            found |= self._conditions.get(condition, set())
        return found
