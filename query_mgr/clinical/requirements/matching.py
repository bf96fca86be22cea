"""Whether a chart holds what a requirement asks, and where. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from query_mgr.clinical.requirements import measures
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact, Evidence, Source
from query_mgr.clinical.requirements.definition import CHANGES, Requirement, bare
from query_mgr.clinical.requirements.wording import may_hold, mentions, pattern, sentence

_MOST_SOURCES = 8
#: kind of requirement -> the kinds of fact that can meet it
FACT_KINDS_OF = {
    "lab": ("lab",),
    "vital": ("vital", "finding"),
    "medication": ("medication",),
    "procedure": ("procedure",),
}

_OF_DOCUMENTS = ("mention", "document", "conflict")


def holds(requirement: Requirement, chart: ChartContext) -> bool:
    """Return whether `chart` holds what `requirement` asks, and look no further than it takes to know."""
    match requirement.kind:
        case "all":
            return all(holds(part, chart) for part in requirement.parts)
        case "any":
            return any(holds(part, chart) for part in requirement.parts)
        case "none":
            return not any(holds(part, chart) for part in requirement.parts)
        case "some":
            found = (True for part in requirement.parts if holds(part, chart))
            return sum(itertools.islice(found, requirement.at_least)) >= requirement.at_least
        case "patient":
            return _is_such(requirement, chart)
    return len(_FINDERS[requirement.kind](requirement, chart)) >= requirement.at_least


def look(requirement: Requirement, chart: ChartContext) -> tuple[list[Evidence], list[str]]:
    """Return the evidence found, and in words what is missing: nothing where the requirement is met."""
    if requirement.kind == "all":
        looked = [look(part, chart) for part in requirement.parts]
        return [item for met, _ in looked for item in met], [item for _, missing in looked for item in missing]
    if requirement.kind == "any":
        looked = [look(part, chart) for part in requirement.parts]
        met = [item for found, missing in looked if not missing for item in found]
        return met, [] if any(not missing for _, missing in looked) else [requirement.label]
    if requirement.kind == "some":
        held = [met for met, missing in (look(part, chart) for part in requirement.parts) if not missing]
        if len(held) < requirement.at_least:
            return [], [requirement.label]
        return [item for met in held for item in met], []
    if requirement.kind == "patient":
        return [], [] if _is_such(requirement, chart) else [requirement.label]
    if requirement.kind == "none":
        return [], [requirement.label] if any(holds(part, chart) for part in requirement.parts) else []
    sources = _FINDERS[requirement.kind](requirement, chart)
    if len(sources) < requirement.at_least:
        return [], [requirement.label]
    return [Evidence(requirement, tuple(sources[:_MOST_SOURCES]))], []


def may_ask(requirement: Requirement, kind: str, name: str, code: str) -> bool:
    """Return whether `requirement` may look at facts called so: a chart without the others holds it just as well."""
    if requirement.kind == "measure":
        return measures.lab_of(name) == requirement.lab
    if requirement.kind in FACT_KINDS_OF:
        return is_named(requirement, kind, name, code)
    return any(may_ask(part, kind, name, code) for part in requirement.parts)


def reads_documents(requirement: Requirement) -> bool:
    """Return whether `requirement` looks at documents."""
    return requirement.kind in _OF_DOCUMENTS or any(map(reads_documents, requirement.parts))


def _is_such(requirement: Requirement, chart: ChartContext) -> bool:
    """Return whether the patient has the sex and age. What is not known does not hold."""
    if requirement.sex and chart.sex != requirement.sex:
        return False
    if requirement.age_from or requirement.age_to:
        age = chart.age_years
        return (
            age is not None
            and requirement.age_from <= age
            and (not requirement.age_to or age < requirement.age_to)
        )
    return True


def _measures(requirement: Requirement, chart: ChartContext) -> list[Source]:
    """Return the readings of a measurement that meet the comparison, newest first."""
    rows = [
        one
        for one in chart.measured.get(requirement.lab, ())
        if _is_early(requirement, chart, one.fact.observed_at)
    ]
    if requirement.op in CHANGES:
        pair = measures.change(requirement.op, rows, requirement.threshold, requirement.window_hours)
        return [_source(one.fact) for one in pair] if pair else []
    holds = [_compares(requirement, one.value) for one in rows]
    if requirement.for_hours:
        found = measures.lasting(rows, holds, requirement.for_hours)
    else:
        found = [one for one, is_so in zip(rows, holds, strict=True) if is_so]
    return [_source(one.fact) for one in reversed(found)]


def _codes(requirement: Requirement, chart: ChartContext) -> list[Source]:
    prefixes = tuple(map(bare, requirement.codes))
    documents = requirement.fills == "documented" and chart.documented_codes is not None
    codes = (chart.documented_codes or ()) if documents else chart.codes
    return [Source("code", "", code) for code in codes if bare(code).startswith(prefixes)]


def _is_early(requirement: Requirement, chart: ChartContext, at: datetime) -> bool:
    """Return whether `at` lies in the first hours of the stay, where the requirement asks for that."""
    if not requirement.within_hours_of_admission:
        return True
    limit = timedelta(hours=requirement.within_hours_of_admission)
    return chart.admitted_at is not None and at <= chart.admitted_at + limit


def _documents(requirement: Requirement, chart: ChartContext) -> list[ChartDocument]:
    """Return the documents the requirement looks at, newest first."""
    return [
        document
        for document in chart.newest_first
        if (not requirement.in_documents or document.kind in requirement.in_documents)
        and document.is_by(requirement.by)
        and _is_early(requirement, chart, document.authored_at)
    ]


def _whole_documents(requirement: Requirement, chart: ChartContext) -> list[Source]:
    """Return documents by their first line, so that each can be quoted."""
    found = []
    for document in _documents(requirement, chart):
        line = (document.text.strip().splitlines() or [""])[0][:200]
        start = document.text.find(line)
        found.append(Source("document", document.ref, line, start, start + len(line)))
    return found


def _mentions(requirement: Requirement, chart: ChartContext) -> list[Source]:
    found: list[Source] = []
    if not may_hold(chart.all_text, requirement.words):
        return found
    for document in _documents(requirement, chart):
        for (start, end), assertion in mentions(document.text, requirement.words, requirement.excluding):
            if assertion in requirement.assertions:
                found.append(_quote(document, (start, end)))
        found = list(dict.fromkeys(found))
        if len(found) >= max(_MOST_SOURCES, requirement.at_least):
            break
    return found


def _quote(document: ChartDocument, span: tuple[int, int]) -> Source:
    """Return the sentence that holds the words at `span`."""
    start, end = sentence(document.text, span)
    return Source("document", document.ref, document.text[start:end], start, end, document.text[slice(*span)])


def _conflict(requirement: Requirement, chart: ChartContext) -> list[Source]:
    """Return where one provider affirms, and another denies, the same word; the affirming place first.

    The latest statement of each author role counts, so that a diagnosis ruled out later by the one who
    raised it is no conflict.
    """
    for word in requirement.words:
        latest: dict[str, tuple[str, Source]] = {}
        for document in _documents(requirement, chart):
            for (start, end), assertion in mentions(document.text, (word,), requirement.excluding):
                source = _quote(document, (start, end))
                if assertion in ("affirmed", "negated") and document.is_by(("provider",)):
                    latest.setdefault(document.author_role, (assertion, source))
        by_assertion = dict(latest.values())
        if len(by_assertion) == 2:
            return [by_assertion["affirmed"], by_assertion["negated"]]
    return []


def _facts(requirement: Requirement, chart: ChartContext) -> list[Source]:
    """Return the facts of the asked kind and name whose value meets the comparison, newest first."""
    kinds = FACT_KINDS_OF[requirement.kind]
    named = [
        fact
        for kind in kinds
        for fact in chart.by_kind.get(kind, ())
        if is_named(requirement, fact.kind, fact.name, fact.code)
        and _is_early(requirement, chart, fact.observed_at)
    ]
    if len(kinds) > 1:
        named.sort(key=lambda fact: (fact.observed_at, fact.ref))
    if requirement.op:
        units = {unit.casefold() for unit in requirement.units}
        named = [fact for fact in named if fact.value_number is not None and fact.unit.casefold() in units]
    if requirement.op in CHANGES:
        return _changes(requirement, named)
    found = [fact for fact in named if _compares(requirement, fact.value_number)]
    if requirement.value_words:
        found = [
            fact
            for fact in found
            if any(assertion == "affirmed" for _, assertion in mentions(fact.value_text, requirement.value_words))
        ]
    return [_source(fact) for fact in reversed(found)]


def is_named(requirement: Requirement, kind: str, name: str, code: str) -> bool:
    """Return whether a fact is of the kind, and has a name or code, that a requirement asks for."""
    if kind not in FACT_KINDS_OF[requirement.kind]:
        return False
    if code and code in requirement.codes:
        return True
    return _has_name(requirement.words, requirement.excluding, name)


@lru_cache(maxsize=200_000)  # a few hundred requirements, and the few hundred names that a hospital's facts have
def _has_name(words: tuple[str, ...], excluding: tuple[str, ...], name: str) -> bool:
    name = name.replace("_", " ")
    if excluding and pattern(excluding).search(name):
        return False
    return bool(pattern(words).search(name))


def _compares(requirement: Requirement, value: float | None) -> bool:
    if not requirement.op:
        return True
    assert value is not None
    threshold = requirement.threshold
    return {
        ">=": value >= threshold,
        ">": value > threshold,
        "<=": value <= threshold,
        "<": value < threshold,
        "=": value == threshold,
        "between": threshold <= value < requirement.high,
    }[requirement.op]


def _changes(requirement: Requirement, ordered: list[ChartFact]) -> list[Source]:
    """Return the pair of readings, later one first, whose change within the window is largest and enough."""
    best: tuple[float, ChartFact, ChartFact] | None = None
    window = timedelta(hours=requirement.window_hours)
    for position, later in enumerate(ordered):
        for earlier in ordered[:position]:
            if (
                later.observed_at - earlier.observed_at > window
                or later.unit.casefold() != earlier.unit.casefold()
            ):
                continue
            change = measures.moved(requirement.op, earlier.value_number or 0.0, later.value_number or 0.0)
            if change >= requirement.threshold and (best is None or change > best[0]):
                best = (change, later, earlier)
    return [_source(best[1]), _source(best[2])] if best else []


def _source(fact: ChartFact) -> Source:
    return Source("fact", fact.ref, f"{fact.name} {fact.value_text} {fact.unit}".strip())


_FINDERS: dict[str, Callable[[Requirement, ChartContext], list[Source]]] = {
    "code": _codes,
    "mention": _mentions,
    "document": _whole_documents,
    "conflict": _conflict,
    "measure": _measures,
    "lab": _facts,
    "vital": _facts,
    "medication": _facts,
    "procedure": _facts,
}
