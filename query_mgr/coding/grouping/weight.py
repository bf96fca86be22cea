"""What each code adds to a DRG: its severity, and the DRG without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from query_mgr.coding.grouping import hac
from query_mgr.coding.grouping.engine import TRAUMA, Severity, is_alive
from query_mgr.coding.grouping.question import Question, Trait
from query_mgr.coding.grouping.stay import CodeSeverity, WhatIf

_NOTHING: frozenset[str] = frozenset()
_NO_GAP: frozenset[Trait] = frozenset()


def severities(asked: Question, drg: str) -> dict[str, CodeSeverity]:
    """Return by secondary diagnosis its level on a stay with that DRG, and why it does not count."""
    return {code: _severity(asked, code, drg) for code in asked.diagnoses[1:]}


def _severity(asked: Question, code: str, drg: str) -> CodeSeverity:
    row = asked.engine.severity(code)
    if row is None:
        return CodeSeverity(asked.names[code], "")
    why = _why_not(asked, code, row)
    if not why and drg in asked.engine.excluding_drgs(code):
        why = f"does not count in DRG {drg} (appendix C, part 3)"
        return CodeSeverity(asked.names[code], row.level, why, is_refused=True)
    return CodeSeverity(asked.names[code], row.level, why)


def _why_not(asked: Question, code: str, row: Severity) -> str:
    """Return why a code does not count on a stay, whatever its DRG."""
    if asked.engine.is_excluded(row.exclusion, asked.principal):
        return (
            f"excluded by the principal diagnosis {asked.names[asked.principal]} (PDX collection {row.exclusion})"
        )
    if row.is_alive_only and not is_alive(asked.disposition):
        return "counts only where the patient was discharged alive"
    if code in asked.acquired:
        return (
            f"hospital-acquired condition {row.hac} ({hac.CONDITIONS[row.hac].title}) with POA {asked.poa[code]}"
        )
    return ""


def what_ifs(asked: Question, drg: str, rows: Mapping[str, CodeSeverity]) -> Iterator[WhatIf]:
    """Yield the DRG without each secondary diagnosis and without each procedure.

    rows: what `severities` returned for the stay.
    """
    categories = asked.engine.categories(asked.principal, asked.procedures)
    counts = Counter(row.level for row in rows.values() if row.counts)
    lost, known = _lost(asked, rows, categories), {_NO_GAP: drg}
    for code, row in rows.items():
        kind = row.level if row.counts else "diagnosis"
        gap = lost.get(code, _NO_GAP)
        if gap not in known:
            is_alone = any(label == code for label, _ in gap)
            known[gap] = asked.without(code).drg if is_alone else asked.drg_with_gap(gap)
        yield WhatIf(row.code, kind, known[gap], asked.engine.title(known[gap]), counts[kind])
    for code in asked.procedures:
        other = asked.without(code).drg if asked.engine.is_procedure_heard(code, categories) else drg
        yield WhatIf(asked.names[code], "procedure", other, asked.engine.title(other), 0)


def _lost(
    asked: Question, rows: Mapping[str, CodeSeverity], categories: frozenset[str]
) -> dict[str, frozenset[Trait]]:
    """Return by secondary diagnosis what the tables would miss without it; where they miss nothing, it is not here.

    Codes that leave the same gap leave the same DRG, so one grouping answers for all of them.
    """
    traits = {code: found for code, row in rows.items() if (found := _traits(asked, code, row, categories))}
    held = Counter(trait for found in traits.values() for trait in found)
    held.update((label, _NOTHING) for label in asked.engine.traits(asked.principal, categories))
    return {code: frozenset(t for t in found if _is_lost(t, held)) for code, found in traits.items()}


def _traits(asked: Question, code: str, row: CodeSeverity, categories: frozenset[str]) -> list[Trait]:
    """Return what a secondary diagnosis adds, each with the DRGs that do not take it."""
    labels = asked.engine.traits(code, categories)
    found = [(label, _NOTHING) for label in dict.fromkeys(labels)] if labels else []
    if row.counts or row.is_refused:
        found.append((f"_{row.level}", asked.engine.excluding_drgs(code)))
    if hac.is_asked_for(code) or (labels and any(label.startswith(TRAUMA) for label in labels)):
        found.append((code, _NOTHING))  # what it does depends on other codes too: never taken for another's double
    return found


def _is_lost(trait: Trait, held: Mapping[Trait, int]) -> bool:
    label, excluding = trait
    if held[trait] > 1:
        return False
    return not (excluding and any(name == label and fewer < excluding for name, fewer in held))
