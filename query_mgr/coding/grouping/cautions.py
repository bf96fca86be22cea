"""What to know about a DRG beside its number: each caution is one sentence, and none is left unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from query_mgr.coding.grouping import hac
from query_mgr.coding.grouping.question import UNGROUPABLE, Question
from query_mgr.coding.grouping.stay import CodeSeverity
from query_mgr.coding.grouping.versions import Version

_NEWBORN = "15"


def stale(version: Version, discharged_on: date) -> str:
    """Say that a stay ended after the newest version."""
    return (
        f"discharged after the newest MS-DRG version here: version {version.name} holds until {version.last_day}, "
        f"and this stay ended on {discharged_on}. It was grouped with {version.name} all the same; the version in "
        "force may differ"
    )


def unknown_principal(name: str, version: Version) -> str:
    """Say why a principal diagnosis that the version lacks gives no DRG."""
    return (
        f"{name} is not in the diagnosis tables of MS-DRG version {version.name}: it is an external cause, or not "
        "valid on this date. No DRG without a valid principal diagnosis"
    )


def cautions(asked: Question, drg: str, engine_drg: str, rows: Mapping[str, CodeSeverity]) -> Iterator[str]:
    """Yield what there is to say of a grouped stay.

    rows: the severity of each secondary diagnosis, by its code without a dot.
    """
    names, by_sex = asked.names, asked.by_sex
    if len(set(by_sex.values())) > 1:
        yield f"the sex is unknown and decides: DRG {by_sex['F']} for a female patient, {by_sex['M']} for a male one"
    elif drg == UNGROUPABLE:
        yield f"the tables have no DRG for {names[asked.principal]} as the principal diagnosis of this patient"
    if engine_drg != drg:
        yield from _completions(asked, engine_drg)
    yield from _conditions(asked, rows)
    if asked.engine.may_refuse(drg) and any(row.counts for row in rows.values()):
        yield (
            f"DRG {drg} refuses some CCs and MCCs (appendix C, part 3); the tables of version "
            f"{asked.engine.version.name} do not say which, and all were counted"
        )
    if _NEWBORN in asked.engine.categories(asked.principal):
        yield "a newborn's DRG is by codes alone here: age in days and birth weight are not known"


def _completions(asked: Question, engine_drg: str) -> Iterator[str]:
    names = asked.names
    alone = f"the engine alone says DRG {engine_drg}"
    for rule in dict.fromkeys(rule for decision in asked.decisions.values() for rule in decision.rules):
        yield f"{rule.title} ({rule.source}); {alone}"
    for code in asked.diagnoses[1:]:
        row = asked.engine.severity(code)
        if row and asked.engine.is_added(code):
            level = "an MCC" if row.level == "MCC" else "a CC"
            yield f"{names[code]} is {level} (appendix C, no exclusions), which the engine's list lacks; {alone}"
    for code, number in asked.not_acquired.items():
        condition = hac.CONDITIONS[number]
        yield (
            f"{names[code]} with POA {asked.poa[code]} is no hospital-acquired condition here: {number} "
            f"({condition.title}) takes {'a procedure' if condition.needs else 'a code'} that is not on this stay; "
            f"{alone}"
        )


def _conditions(asked: Question, rows: Mapping[str, CodeSeverity]) -> Iterator[str]:
    """Yield what is open about hospital-acquired conditions."""
    names = asked.names
    for code, row in rows.items():
        severity, poa = asked.engine.severity(code), asked.poa[code]
        if severity is None or asked.engine.is_excluded(severity.exclusion, asked.principal):
            continue
        if code in asked.acquired and not hac.is_certain(severity.hac):
            title = hac.CONDITIONS[severity.hac].title
            yield (
                f"{names[code]} is taken as hospital-acquired condition {severity.hac} ({title}). It is one only if a "
                "procedure of this stay is on CMS' list for it, which is not checked here; if none is, the DRG is "
                f"{asked.with_poa(code, 'Y').drg}"
            )
        elif not poa and (severity.hac or not asked.engine.has_acquired_conditions()):
            yield (
                f"{names[code]} has no POA indicator and counts here as present on admission; where it may be a "
                "hospital-acquired condition, a claim without the indicator is DRG 999"
            )
        elif row.counts and poa in hac.HOSPITAL_ACQUIRED and not asked.engine.has_acquired_conditions():
            yield (
                f"{names[code]} has POA {poa}; the tables of version {asked.engine.version.name} do not say which "
                "codes are hospital-acquired conditions. If it is one, it does not count and the DRG is "
                f"{asked.without(code).drg}"
            )
