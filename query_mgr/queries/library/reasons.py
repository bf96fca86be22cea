"""Why a template fits a chart, or does not, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from query_mgr.charts.evidence import KINDS, named_value
from query_mgr.clinical.library import load
from query_mgr.clinical.requirements.chart import ChartContext, Source
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.queries.library.definition import Template
from query_mgr.queries.library.fitting import Match, fits

_MOST_FOUND = 20
_LONGEST_QUOTE = 160


@dataclass(frozen=True)
class Quote:
    """A place of the chart. before, term, after: the sentence and the words in it that matter; at: None for a code.

    document: its ref, and start and end of the sentence in it; "" for what is no text.
    """

    before: str
    term: str
    after: str
    source: str
    at: datetime | None
    document: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Reason:
    """A requirement that is met. quotes: what meets it, the newest first; more: how many others do."""

    label: str
    quotes: tuple[Quote, ...]
    more: int


@dataclass(frozen=True)
class Suggestion:
    """A template, why it fits, and what is missing or documented already where it does not."""

    template: Template
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    newest_at: datetime | None


def suggestion(match: Match, chart: ChartContext, most: int = 1) -> Suggestion:
    """Return a match in words, `most` quotes for each requirement."""
    by_label: dict[str, dict[Quote, None]] = {}
    for evidence in match.met:
        found = by_label.setdefault(_label(evidence.requirement), {})
        found.update(dict.fromkeys(_quote(source, chart) for source in evidence.sources))
    reasons = tuple(
        Reason(label, tuple(found)[:most], max(len(found) - most, 0)) for label, found in by_label.items()
    )
    times = [quote.at for found in by_label.values() for quote in found if quote.at]
    return Suggestion(match.template, reasons, match.missing, max(times, default=None))


def ranked(matches: Iterable[Match], chart: ChartContext) -> list[Suggestion]:
    """Return what fits: most kinds of evidence first, then the newest evidence."""
    found = [suggestion(match, chart) for match in matches if match.fits]

    def rank(one: Suggestion) -> tuple[int, float, str]:
        return -len(one.reasons), -(one.newest_at.timestamp() if one.newest_at else 0.0), one.template.id

    return sorted(found, key=rank)


def search(words: str, chart: ChartContext, templates: Iterable[Template]) -> list[Suggestion]:
    """Return the templates that all of `words` speak of, what fits first, then what lacks least."""
    wanted = words.casefold().split()
    named = [one for one in templates if wanted and _speaks_of(one, wanted)]
    found = [suggestion(fits(one, chart), chart) for one in named]
    return sorted(found, key=lambda one: (len(one.missing), -len(one.reasons), one.template.id))[:_MOST_FOUND]


def _speaks_of(template: Template, wanted: Sequence[str]) -> bool:
    condition = load().get(template.condition)
    names = (condition.name, *condition.mentions) if condition else ()
    texts = (template.title, template.when_to_use, template.purpose, template.condition, *names)
    told = " ".join(texts).replace("_", " ").casefold()
    return all(one in told for one in wanted)


def _label(requirement: Requirement) -> str:
    """Return what is required, in words: `heart_rate > 0 /min` asks only that it was measured."""
    plain = requirement.label.replace("_", " ")
    if requirement.kind == "measure" and requirement.op == ">" and not requirement.threshold:
        return f"{plain.partition(' > ')[0]} measured"
    return plain


def _quote(source: Source, chart: ChartContext) -> Quote:
    if source.kind == "code":
        return Quote("", source.text, "", "ICD-10-CM code of this encounter", None)
    if source.kind == "fact":
        fact = chart.facts_by_ref[source.ref]
        told = named_value(fact.name, fact.value_text, fact.unit)
        return Quote("", told, "", KINDS.get(fact.kind, fact.kind), fact.observed_at)
    document = chart.documents_by_ref[source.ref]
    role = document.author_role.replace("_", " ")
    told = document.kind.replace("_", " ") + (f" ({role})" if role not in ("", "other") else "")
    at = source.text.find(source.term) if source.term else -1
    before, term = (source.text[:at], source.term) if at >= 0 else (source.text, "")
    after = source.text[at + len(term) :] if at >= 0 else ""
    start, end = source.start or 0, source.end or 0
    return Quote(_tail(before), term, _head(after), told, document.authored_at, document.ref, start, end)


def _tail(text: str) -> str:
    plain = " ".join(text.split()) + (" " if text[-1:].isspace() else "")
    return plain if len(plain) <= _LONGEST_QUOTE else f"… {plain[-_LONGEST_QUOTE:]}"


def _head(text: str) -> str:
    plain = (" " if text[:1].isspace() else "") + " ".join(text.split())
    return plain if len(plain) <= _LONGEST_QUOTE else f"{plain[:_LONGEST_QUOTE]} …"
