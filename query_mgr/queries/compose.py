"""From a chart to a draft: which templates fit, and a draft with its evidence already picked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from itertools import chain, zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.charts.reader import indicator_from_fact, indicator_from_text, indicator_from_trend, names_of
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact, Source
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.matching import holds, may_ask, reads_documents
from query_mgr.coding.reader import codes_of
from query_mgr.platform.db import db, rows, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions
from query_mgr.queries.answers import ALWAYS, Answer
from query_mgr.queries.library.fitting import Match, fits, suggest
from query_mgr.queries.library.reasons import Suggestion, ranked, search
from query_mgr.queries.library.render import render
from query_mgr.queries.models import Query
from query_mgr.queries.sending import findings_of
from query_mgr.queries.site_templates import in_force


def chart_of(encounter: Encounter, asked: Collection[Requirement] | None = None) -> ChartContext:
    """Return an encounter as templates see it; with `asked`, no more than these requirements can look at."""
    # A chart has thousands of facts: their columns are read, and no objects made of them.
    documents = select(
        Document.ref, Document.text, Document.author_role, Document.kind, Document.authored_at
    ).where(Document.encounter_id == encounter.id, Document.status.not_in(NOT_EVIDENCE))
    stands = Fact.encounter_id == encounter.id, Fact.status.not_in(NOT_EVIDENCE)
    facts = rows(
        select(
            Fact.ref, Fact.kind, Fact.name, Fact.code, Fact.value_number, Fact.value_text, Fact.unit, Fact.flag,
            Fact.observed_at,
        ).where(*stands, *(() if asked is None else _only_asked(encounter, asked)))
    )  # fmt: skip
    problems = select(Fact.code).where(*stands, Fact.kind == "problem", Fact.code_system == "icd10cm")
    problem_codes = list(db.session.scalars(problems))
    return ChartContext(
        documents=tuple(ChartDocument(*one) for one in rows(documents))
        if asked is None or any(map(reads_documents, asked)) else (),
        facts=tuple(ChartFact(*one) for one in facts),
        codes=tuple(dict.fromkeys([row.code for row in codes_of(encounter)] + problem_codes)),
        documented_codes=tuple(problem_codes),
        encounter_class=encounter.encounter_class,
        admitted_at=encounter.admitted_at,
        sex=encounter.patient.sex,
        age_years=_age(encounter),
        discharged_at=encounter.discharged_at,
    )  # fmt: skip


def _only_asked(encounter: Encounter, asked: Collection[Requirement]) -> tuple[ColumnElement[bool], ...]:
    named = [one for one in names_of(encounter) if any(may_ask(each, *one) for each in asked)]
    return Fact.kind.in_({kind for kind, _, _ in named}), Fact.name.in_({name for _, name, _ in named})


def _age(encounter: Encounter) -> float | None:
    """Return the age at admission in years, None where it is not known."""
    born = encounter.patient.birth_on
    return None if born is None else (encounter.admitted_at.date() - born).days / 365.25


def suggestions(encounter: Encounter) -> list[Match]:
    """Return the templates whose requirements this chart meets, best first."""
    return suggest(chart_of(encounter), in_force().values())


def suggested(encounter: Encounter, words: str = "") -> list[Suggestion]:
    """Return why templates fit this chart, best first; with `words`, all templates that speak of them and what they lack."""
    chart, templates = chart_of(encounter), in_force().values()
    return search(words, chart, templates) if words else ranked(suggest(chart, templates), chart)


@dataclass(frozen=True)
class Place:
    """A place in a chart: a passage of a document, a fact, or several readings that make a trend.

    kind: document | fact | trend; refs: of the document, the fact, or the facts; start, end: of a passage, in characters.
    """

    kind: str
    refs: tuple[str, ...]
    start: int | None = None
    end: int | None = None


def _indicator(place: Place, encounter: Encounter) -> actions.IndicatorInput:
    """Return a place in the patient's chart as evidence. Raises QueryError where it cannot be."""
    try:
        if place.kind == "document":
            document = db.session.scalar(select(Document).where(Document.ref == _only(place.refs)))
            if (
                document is None
                or document.patient_id != encounter.patient_id
                or place.start is None
                or place.end is None
            ):
                raise ValueError("this document is no longer in the chart")
            found = indicator_from_text(document, place.start, place.end, encounter)
        else:
            facts = db.session.scalars(select(Fact).where(Fact.ref.in_(place.refs))).all()
            if len(facts) != len(set(place.refs)) or any(one.patient_id != encounter.patient_id for one in facts):
                raise ValueError("this value is no longer in the chart")
            if place.kind == "trend":
                found = indicator_from_trend(facts, ZoneInfo(current_settings().time_zone), encounter)
            else:
                _only(place.refs)
                found = indicator_from_fact(facts[0], encounter)
    except ValueError as error:
        raise actions.QueryError(f"This cannot be a clinical indicator: {error}") from None
    return actions.IndicatorInput(**{each.name: getattr(found, each.name) for each in fields(found)})


def _only(refs: tuple[str, ...]) -> str:
    if len(refs) != 1:
        raise ValueError("choose one place of the chart")
    return refs[0]


def _picked(match: Match, encounter: Encounter, limit: int = 10) -> tuple[actions.IndicatorInput, ...]:
    """Return the evidence that made the template fit, nothing twice: first one of every requirement, then more."""
    by_requirement = [[one for one in evidence.sources if one.kind != "code"][:3] for evidence in match.met]
    chosen: dict[tuple[str, ...], Source] = {}
    for source in filter(None, chain.from_iterable(zip_longest(*by_requirement))):
        # A value is its own evidence each time; a sentence that is repeated in the notes says it once.
        key = ("fact", source.ref) if source.kind == "fact" else ("said", source.text.casefold())
        chosen.setdefault(key, source)
    places = (Place(one.kind, (one.ref,), one.start, one.end) for one in list(chosen.values())[:limit])
    found = [_indicator(place, encounter) for place in places]
    return tuple(sorted(found, key=lambda one: one.observed_at))


def start(actor: Actor, encounter: Encounter, provider: Provider, template_id: str) -> Query:
    """Start a draft from a template, its evidence picked; an empty `template_id` starts a blank one.

    Raises QueryError for an unknown template or one whose text this chart cannot fill.
    """
    if not template_id:
        blank = actions.QueryInput(
            title="Documentation clarification",
            question="Based on your clinical judgment, please clarify the following.",
            query_type="open_ended",
            purpose="specificity",
        )
        return actions.save_draft(actor, encounter, provider, blank)
    template = in_force().get(template_id)
    if template is None:
        raise actions.QueryError("There is no such template; choose one from the list.")
    chart = chart_of(encounter)
    match = fits(template, chart)
    if not match.fits:
        raise actions.QueryError(
            f"“{template.title}” does not fit this chart. It lacks: {'; '.join(match.missing)}."
        )
    try:
        text = render(template, chart, ZoneInfo(current_settings().time_zone))
    except ValueError as error:
        raise actions.QueryError(str(error)) from None
    content = actions.QueryInput(
        title=text.title,
        body=text.body,
        question=text.question,
        purpose=template.purpose,
        query_type=template.query_type,
        condition=template.condition,
        template_key=template.id,
        template_version=template.version,
        options=tuple(option.as_json() for option in text.options),
        indicators=_picked(match, encounter),
    )
    with unit_of_work():
        query = actions.save_draft(actor, encounter, provider, content)
        query.options = _credible(query)
    return query


def _credible(query: Query) -> list[dict[str, Any]]:
    """Return the answers of a new draft without those of the template that nothing of this chart supports (Q09)."""
    against = {one.field for one in findings_of(query) if one.rule == "unsupported_option"}
    kept = [dict(one) for number, one in enumerate(query.options) if f"options[{number}]" not in against]
    return kept if any(one["kind"] == "clinical" for one in kept) else [dict(one) for one in query.options]


def attach(actor: Actor, query: Query, place: Place) -> Query:
    """Add a clinical indicator to a draft. The same place twice stays one. Raises QueryError."""
    actor.must("query.compose")
    picked = _indicator(place, query.encounter)
    with unit_of_work():
        query = actions.open_draft(query)
        places = {(one.source_ref, one.start, one.end, one.text) for one in query.indicators}
        if (picked.source_ref, picked.start, picked.end, picked.text) not in places:
            query.indicators.append(picked.row(len(query.indicators) + 1))
            audit.record(actor.email, "query.drafted", "query", query.ref, indicators=len(query.indicators))
    return query


def known_answers(query: Query) -> tuple[Answer, ...]:
    """Return the answers of a draft, and those of its template that were taken off and that this chart supports."""
    template, now = in_force().get(query.template_key), {one["key"]: dict(one) for one in query.options}
    if template is None or template.version != query.template_version:
        return tuple(now.values())
    off = [one for one in template.options if one.key not in now]
    asked = [one.shown_when for one in off if one.shown_when]
    chart = chart_of(query.encounter, asked) if asked else ChartContext()
    gone = {one.key for one in off if one.shown_when and not holds(one.shown_when, chart)}
    may_return = [one for one in template.options if one.key not in gone]
    of_template = {one.key: now.get(one.key) or one.as_json() for one in may_return}
    own = [one for key, one in now.items() if key not in of_template]
    last = [one for one in of_template.values() if one["kind"] in ALWAYS]
    return (*(one for one in of_template.values() if one["kind"] not in ALWAYS), *own, *last)
