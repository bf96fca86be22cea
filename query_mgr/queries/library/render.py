"""A template made into the text of a query for one chart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from jinja2.exceptions import SecurityError, UndefinedError

from query_mgr.clinical.requirements.chart import ChartContext, Evidence, Source
from query_mgr.clinical.requirements.matching import holds
from query_mgr.queries.library.definition import Option, Template, TemplateError
from query_mgr.queries.library.fitting import fits
from query_mgr.queries.library.placeholders import check_placeholders, environment

_LONGEST_VALUE = 200
_LONGEST_TEXT = 8000

_ROLES = {
    "attending": "the attending provider",
    "consultant": "a consulting provider",
    "resident": "a resident",
    "advanced_practice": "an advanced practice provider",
    "nurse": "a nurse",
    "dietitian": "a dietitian",
    "therapist": "a therapist",
}


@dataclass(frozen=True)
class Rendered:
    """The text of a query, and the options that are fair on this chart."""

    title: str
    body: str
    question: str
    options: tuple[Option, ...]


def render(template: Template, chart: ChartContext, zone: tzinfo = UTC) -> Rendered:
    """Return the query text for `chart`, dates as read in `zone`.

    Raises TemplateError naming a placeholder that this chart cannot fill. Values from the chart are inserted
    once, as plain text: what looks like a placeholder in them stays what it is.
    """
    values = values_for(template, chart, zone)
    shown = tuple(
        option for option in template.options if option.shown_when is None or holds(option.shown_when, chart)
    )
    return Rendered(
        title=template.title,
        body=_fill(template.body, values, template.id),
        question=_fill(template.question, values, template.id),
        options=shown,
    )


def values_for(template: Template, chart: ChartContext, zone: tzinfo = UTC) -> dict[str, dict[str, str]]:
    """Return what this chart offers for the placeholders; what it lacks is left out."""
    found: dict[str, dict[str, str]] = {"documented": {}, "second": {}, "encounter": {}}
    for group in ("documented", "second"):
        found[group] = _statement(template, fits(template, chart).met, chart, zone, group)
    encounter = found["encounter"]
    if chart.admitted_at:
        encounter["admitted_on"] = _day(chart.admitted_at, zone)
    if chart.discharged_at:
        encounter["discharged_on"] = _day(chart.discharged_at, zone)
    encounter["kind"] = chart.encounter_class
    return found


def _statement(
    template: Template, met: tuple[Evidence, ...], chart: ChartContext, zone: tzinfo, group: str
) -> dict[str, str]:
    """Return term, by, on and source of the first statement that fills `group`; of a bare code, only the term."""
    sources = [source for evidence in met for source in _filling(evidence, group)]
    documents = {document.ref: document for document in chart.documents}
    for source in sources:
        if source.kind == "document":
            document = documents[source.ref]
            return {
                "term": _term(template, _plain(source.term or source.text)),
                "by": _ROLES.get(document.author_role, "a provider"),
                "on": _day(document.authored_at, zone),
                "source": document.kind.replace("_", " "),
            }
    return {"term": template.term} if sources and template.term else {}


def _term(template: Template, found: str) -> str:
    """Return the documented words, in the template's spelling where only capitals differ: a list's "Heart failure"."""
    return template.term if found.casefold() == template.term.casefold() else found


def _filling(evidence: Evidence, group: str) -> tuple[Source, ...]:
    """Return the sources that fill `group`; of a conflict, the affirming one fills the first, the other the second."""
    if evidence.requirement.kind == "conflict":
        return evidence.sources[:1] if group == "documented" else evidence.sources[1:2]
    return evidence.sources if evidence.requirement.fills == group else ()


def _day(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%B} {local.day}, {local.year}"


def _plain(value: str) -> str:
    """Return `value` in one line, without control signs, at most 200 characters."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", value).strip()[:_LONGEST_VALUE]


def _fill(text: str, values: dict[str, dict[str, str]], name: str) -> str:
    check_placeholders(text, name)
    try:
        filled = environment().from_string(text).render(values)
    except (UndefinedError, SecurityError) as error:
        missing = re.search(r"has no attribute '(\w+)'", str(error))
        field = _placeholder(text, values) if missing else ""
        problem = "this chart has no value for the placeholder; write that part yourself, or use another template"
        raise TemplateError(name, problem, field=field or "placeholder") from None
    if len(filled) > _LONGEST_TEXT:
        raise TemplateError(name, f"the text is longer than {_LONGEST_TEXT} characters; shorten the template")
    return filled.strip()


def _placeholder(text: str, values: dict[str, dict[str, str]]) -> str:
    """Return the first placeholder of `text` without a value."""
    for group, name in re.findall(r"\{\{-?\s*(\w+)\.(\w+)\s*-?\}\}", text):
        if name not in values.get(group, {}):
            return f"{group}.{name}"
    return ""
