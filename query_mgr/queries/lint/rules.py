"""The rules as a table, and the lint that walks it.

What each rule rests on stands in editions/: the ACDIS/AHIMA brief "Guidelines for Achieving a Compliant Query Practice" and
the ICD-10-CM Official Guidelines for Coding and Reporting (OCG).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from query_mgr.queries.lint import (
    charted,
    directive,
    emphasis,
    identity,
    impact,
    indicators,
    names,
    options,
    steering,
    support,
    tone,
    urging,
    vague,
)
from query_mgr.queries.lint.draft import Draft, Finding
from query_mgr.queries.lint.editions import Edition, edition
from query_mgr.queries.lint.reading import Hit, Reading
from query_mgr.queries.lint.spans import original_span


@dataclass(frozen=True)
class Rule:
    """One row of the table. A check may lower or raise the severity of a single hit."""

    id: str
    title: str
    severity: str  # error | warning
    check: Callable[[Reading], Iterator[Hit]]
    fix: str


# fmt: off
RULES: tuple[Rule, ...] = (
    Rule("no_indicators", "Shows clinical indicators from the record", "error",
         indicators.without_indicators, "Cite at least one relevant finding with value, time and place in the chart."),
    Rule("evidence_withdrawn", "Rests on nothing that the chart took back", "error",
         charted.withdrawn, "Take it off, or pick it anew from the chart as it stands now."),
    Rule("indicator_not_in_chart", "Shows values as they stand in the chart", "error",
         charted.not_in_chart, "Write the value as the chart has it, or take the indicator off."),
    Rule("leading_title", "The title gives no answer away", "error",
         names.title_names_undocumented, "Title the query by topic, such as “Documentation clarification: kidney function”."),
    Rule("leading_question", "The wording steers to no answer", "error",
         steering.steers, "Ask openly: “Please clarify the condition being monitored and treated.”"),
    Rule("undocumented_diagnosis_in_question", "Names no diagnosis that is not documented", "error",
         names.names_undocumented,
         "Describe the findings; offer the diagnosis only as one of the options."),
    Rule("financial_or_quality_impact", "Says nothing of payment, quality scores, denials or audits", "error",
         impact.names_impact, "Leave it out; keep impact in the staff-only fields."),
    Rule("too_few_options", "Offers a real choice", "error",
         options.too_few, "Offer each option that the indicators make reasonable; do not pad with ones they do not."),
    Rule("missing_other", "Offers “Other”", "error",
         options.no_other, "Add “Other (please specify)”."),
    Rule("missing_undetermined", "Offers “Clinically undetermined”", "error",
         options.no_undetermined, "Add “Clinically undetermined”."),
    Rule("unsupported_option", "Offers only what the indicators support", "error",
         support.unsupported, "Cite the indicator that points to it, or remove the option."),
    Rule("yes_no_new_diagnosis", "Asks yes/no only about what is documented", "error",
         support.asks_new_diagnosis, "Make it multiple choice or open-ended."),
    Rule("directive_language", "Orders no answer", "error",
         directive.orders, "Ask what the provider's judgement is instead of what to write."),
    Rule("prior_encounter_misuse", "Uses prior encounters only where they bear on this one", "error",
         indicators.from_elsewhere,
         "Mark it as a prior encounter and say how it bears on this one, or remove it."),
    Rule("urging_severity", "Urges no higher severity", "error",
         urging.urges_severity, "Ask for the severity as the provider judges it, without a direction."),
    Rule("emphasis_or_preselect", "Sets no answer apart", "error",
         emphasis.emphasises, "Write all options alike; select none."),
    Rule("missing_ruled_out", "Lets a validation rule the diagnosis out", "warning",
         options.no_ruled_out, "Add “Ruled out” or “Not confirmed”."),
    Rule("judgmental_tone", "Blames and presses nobody", "error",
         tone.judges, "Describe what the record says and what is unclear."),
    Rule("vague_question", "Says what it asks", "error",
         vague.is_vague, "Name the finding, treatment or entry that needs clarification."),
    Rule("identity_in_title", "The title tells nobody who the patient is", "warning",
         identity.in_title, "Take the name or number out; the page shows the patient above the title."),
)
# fmt: on


#: the ids of all rules, which an edition of the brief must cite
RULE_IDS = tuple(rule.id for rule in RULES)
#: what is cited where a site says nothing else
DEFAULT_EDITION = edition("2022", RULE_IDS)


def lint(draft: Draft, brief: Edition = DEFAULT_EDITION) -> tuple[Finding, ...]:
    """Return what stands in the way of sending the draft, in the order of the table.

    brief: the edition that findings cite.
    """
    reading = Reading(draft)
    return tuple(
        Finding(rule.id, hit.severity or rule.severity, hit.field, hit.excerpt, hit.message, rule.fix,
                brief.citations[rule.id], _span(reading, hit))
        for rule in RULES
        for hit in dict.fromkeys(rule.check(reading))
    )  # fmt: skip


def _span(reading: Reading, hit: Hit) -> tuple[int, int]:
    written = reading.draft.text_of(hit.field)
    return original_span(written, hit.span) if hit.span and written else (0, len(written))
