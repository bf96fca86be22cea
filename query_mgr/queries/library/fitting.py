"""Which templates fit a chart, and by what evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from query_mgr.clinical.requirements.chart import ChartContext, Evidence
from query_mgr.clinical.requirements.matching import holds, look
from query_mgr.queries.library.definition import Template


@dataclass(frozen=True)
class Match:
    """How a template meets a chart. `missing` says in words what is lacking or already documented."""

    template: Template
    fits: bool
    met: tuple[Evidence, ...]
    missing: tuple[str, ...]


def fits(template: Template, chart: ChartContext) -> Match:
    """Return whether `chart` meets all that `template` requires, and none of what makes it needless.

    Evidence for the requirements comes first, then evidence for the options that this chart is offered: a query
    must show what supports each of its options (field.md Q08).
    """
    met, missing = look(template.requires, chart)
    for requirement in template.unless:
        if holds(requirement, chart):
            missing.append(f"already in the record: {requirement.label}")
    for option in template.options if not missing else ():
        if option.shown_when:
            support, lacking = look(option.shown_when, chart)
            met += [evidence for evidence in support if not lacking and evidence not in met]
    return Match(template, not missing, tuple(met), tuple(missing))


def suggest(chart: ChartContext, templates: Iterable[Template]) -> list[Match]:
    """Return the templates that fit, those with most kinds of evidence first."""
    likely = (template for template in templates if holds(template.requires, chart))  # most fail at once
    found = [match for match in (fits(template, chart) for template in likely) if match.fits]
    return sorted(found, key=lambda match: (-len(match.met), match.template.id))
