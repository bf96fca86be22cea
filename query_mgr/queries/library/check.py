"""What can be said of a template without a chart: how it reads, and what the compliance lint finds in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.queries.library.definition import Template
from query_mgr.queries.library.placeholders import environment
from query_mgr.queries.library.render import Rendered
from query_mgr.queries.lint import Draft, DraftOption, Edition, Finding, lint
from query_mgr.queries.lint.rules import DEFAULT_EDITION

#: rules about evidence: they wait for a chart, and are applied to every query made from the template
OF_CHARTS = ("no_indicators", "unsupported_option", "prior_encounter_misuse")


def documented(template: Template) -> tuple[str, ...]:
    """Return what the template's own requirements make sure is documented wherever it is used."""
    words = [word.rstrip("*") for one in _singles(template.requires) if _documents(one) for word in one.words]
    return tuple(dict.fromkeys(filter(None, (template.term, *words))))


def _singles(requirement: Requirement) -> Iterator[Requirement]:
    if requirement.kind == "none":
        return
    if requirement.parts:
        yield from chain.from_iterable(_singles(part) for part in requirement.parts)
    else:
        yield requirement


def _documents(one: Requirement) -> bool:
    return one.kind == "conflict" or (one.kind == "mention" and "affirmed" in one.assertions)


def sample(template: Template) -> Rendered:
    """Return the template filled with invented values, as somebody who edits it reads it."""
    statement = {
        "term": next(iter(documented(template)), "the documented condition"),
        "by": "the attending provider",
        "on": "March 3, 2026",
        "source": "progress note",
    }
    values = {
        "documented": statement,
        "second": statement | {"by": "a consulting provider", "on": "March 4, 2026"},
        "encounter": {"admitted_on": "March 2, 2026", "discharged_on": "March 6, 2026", "kind": "inpatient"},
    }
    filled = (
        environment().from_string(text).render(values).strip() for text in (template.body, template.question)
    )
    return Rendered(template.title, next(filled), next(filled), template.options)


def findings(template: Template, brief: Edition = DEFAULT_EDITION) -> tuple[Finding, ...]:
    """Return what the compliance lint finds in the template's own words."""
    text = sample(template)
    draft = Draft(
        title=text.title,
        body=text.body,
        question=text.question,
        query_type=template.query_type,
        purpose=template.purpose,
        condition=template.condition,
        options=tuple(DraftOption(one.key, one.label, one.kind) for one in text.options),
        documentation=documented(template),
    )
    return tuple(one for one in lint(draft, brief) if one.rule not in OF_CHARTS)
