"""What each code adds to a DRG: its severity, and the DRG without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from query_mgr.coding.grouping import hac
from query_mgr.coding.grouping.engine import TRAUMA, is_alive
from query_mgr.coding.grouping.question import Question
from query_mgr.coding.grouping.stay import CodeSeverity, WhatIf

Trait = tuple[str, frozenset[str]]
_ALWAYS: frozenset[str] = frozenset()


def severity(asked: Question, code: str, drg: str, names: Mapping[str, str]) -> CodeSeverity:
    """Return a secondary diagnosis' level on a stay with that DRG, and why it does not count."""
    engine = asked.engine
    row = engine.severity(code)
    if row is None:
        return CodeSeverity(names[code], "")
    why = ""
    if engine.is_excluded(row.exclusion, asked.principal):
        why = f"excluded by the principal diagnosis {names[asked.principal]} (PDX collection {row.exclusion})"
    elif drg in engine.excluding_drgs(code):
        why = f"does not count in DRG {drg} (appendix C, part 3)"
    elif row.is_alive_only and not is_alive(asked.disposition):
        why = "counts only where the patient was discharged alive"
    elif code in asked.acquired:
        why = f"hospital-acquired condition {row.hac} ({hac.CONDITIONS[row.hac].title}) with POA {asked.poa[code]}"
    return CodeSeverity(names[code], row.level, why)


def what_ifs(
    asked: Question, drg: str, severities: Mapping[str, CodeSeverity], names: Mapping[str, str]
) -> Iterator[WhatIf]:
    """Yield the DRG without each secondary diagnosis and without each procedure."""
    counts = Counter(row.level for row in severities.values() if row.counts)
    lost, known = _lost(asked), {frozenset[Trait](): drg}
    for code, row in severities.items():
        kind = row.level if row.counts else "diagnosis"
        if lost[code] not in known:
            known[lost[code]] = asked.without(code).drg
        other = known[lost[code]]
        yield WhatIf(names[code], kind, other, asked.engine.title(other), counts[kind])
    for code in asked.procedures:
        other = asked.without(code).drg if asked.engine.is_procedure_heard(code) else drg
        yield WhatIf(names[code], "procedure", other, asked.engine.title(other), 0)


def _lost(asked: Question) -> dict[str, frozenset[Trait]]:
    """Return per secondary diagnosis what the tables would miss without it; nothing means the DRG stays.

    Codes that leave the same gap leave the same DRG, so one grouping answers for all of them.
    """
    categories = asked.engine.categories(asked.principal)
    traits = {code: _traits(asked, code, categories) for code in asked.diagnoses[1:]}
    held = Counter(trait for found in traits.values() for trait in found)
    held.update((label, _ALWAYS) for label in asked.engine.traits(asked.principal, categories))
    return {code: frozenset(t for t in found if _is_lost(t, held)) for code, found in traits.items()}


def _traits(asked: Question, code: str, categories: frozenset[str]) -> list[Trait]:
    """Return what a secondary diagnosis adds, each with the DRGs that do not take it."""
    engine = asked.engine
    found = [(label, _ALWAYS) for label in dict.fromkeys(engine.traits(code, categories))]
    row = engine.severity(code)
    if (
        row
        and code not in asked.acquired
        and (not row.is_alive_only or is_alive(asked.disposition))
        and not engine.is_excluded(row.exclusion, asked.principal)
    ):
        found.append((f"_{row.level}", engine.excluding_drgs(code)))
    if hac.is_asked_for(code) or any(label.startswith(TRAUMA) for label, _ in found):
        found.append((code, _ALWAYS))  # what it does depends on other codes too: never taken for another's double
    return found


def _is_lost(trait: Trait, held: Mapping[Trait, int]) -> bool:
    label, excluding = trait
    if held[trait] > 1:
        return False
    return not (excluding and any(name == label and fewer < excluding for name, fewer in held))
