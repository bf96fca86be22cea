"""What somebody names who may not document a diagnosis, and what nobody links to the procedure before it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.clinical.assertions import AFFIRMED
from query_mgr.clinical.requirements.chart import ChartFact
from query_mgr.clinical.requirements.matching import look
from query_mgr.clinical.requirements.wording import pattern
from query_mgr.queries.opportunities.gap import UNDOCUMENTED, UNSPECIFIED, Gap
from query_mgr.queries.opportunities.judgement import Unlinked
from query_mgr.queries.opportunities.quoting import facts_named, of_statements, ordered, quoted
from query_mgr.queries.opportunities.record import Record, said_in

_GRADE = re.compile(r"\b(?:grade|stage)\b", re.I)
_MEASURED = ("finding", "vital")
_OTHERS = ("nurse", "dietitian", "therapist", "radiologist", "pathologist")
_BY_PROVIDER = "A diagnosis counts when a provider documents it; others' findings call for a query."
_BY_PROVIDER_SOURCE = "ICD-10-CM Official Guidelines, section I.B.14 and III.B"
_LINK = "A complication is coded where the provider documents that the procedure caused it."
_LINK_SOURCE = "ICD-10-CM Official Guidelines, section I.B.16"


def of_others(condition: str, record: Record) -> Iterator[Gap]:
    """Yield the gap of a condition that a nurse, dietitian, radiologist or pathologist names and no provider mentions."""
    said = [one for one in record.statements(condition) if one.document.author_role in _OTHERS]
    named = [one for one in said if one.said.state == AFFIRMED]
    graded = [fact for fact in record.chart.facts if fact.kind in _MEASURED and _is_graded(fact, condition)]
    if not named and not graded:
        return
    denied = record.denied(condition)
    yield Gap(
        UNDOCUMENTED,
        condition,
        f"others:{condition}",
        ordered([*of_statements(named[-4:]), *facts_named(record.chart, (one.ref for one in graded))]),
        criteria=_BY_PROVIDER,
        criteria_source=_BY_PROVIDER_SOURCE,
        suppressed_because=record.documented(condition)
        or (f"a provider addressed it: “{denied.quote}”" if denied else "")
        or ("" if record.latest(condition) is None else "a provider mentions it"),
    )


def _is_graded(fact: ChartFact, condition: str) -> bool:
    """Say whether a fact grades a condition as there ("Oral mucositis grade: 3")."""
    if not _GRADE.search(fact.name) or not any(one.condition == condition for one in said_in(fact.name)):
        return False
    grade = re.match(r"\d+", fact.value_text.strip())
    return grade is not None and int(grade[0]) > 0


def of_unlinked(row: Unlinked, record: Record) -> Iterator[Gap]:
    """Yield the gap of a documented condition that follows a procedure, with no word on whether it came of it."""
    affirmed = [one for one in record.statements(row.condition) if one.by_provider and one.said.state == AFFIRMED]
    evidence, missing = look(row.after, record.chart)
    if not affirmed or missing:
        return
    procedures = quoted(evidence, record.chart)
    if not any(one.at and one.at <= affirmed[0].at for one in procedures):
        return
    linked = next((one.quote for one in affirmed if pattern(row.linked).search(one.quote)), "")
    yield Gap(
        UNSPECIFIED,
        row.condition,
        f"unlinked:{row.condition}",
        ordered([*of_statements(affirmed[:3]), *procedures]),
        criteria=_LINK,
        criteria_source=_LINK_SOURCE,
        suppressed_because=f"its cause is documented: “{linked}”" if linked else "",
    )
