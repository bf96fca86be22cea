"""Hospital-acquired conditions: when a CC or MCC that arose in the hospital stops counting.

Source: CMS, Hospital-Acquired Conditions (Social Security Act, section 1886(d)(4)(D)), and the MS-DRG
Definitions Manual, appendix I. The engine takes any code of a condition with POA N or U out, but some
conditions are met only together with a procedure or with another diagnosis. What follows states only what is
*necessary* for them, by the part of ICD-10-PCS the procedure must come from: where that is missing, the
condition cannot be met and the code counts. Where it is there, the exact list of CMS decides, which is not
here; the grouping then says both outcomes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

HOSPITAL_ACQUIRED = ("N", "U")


@dataclass(frozen=True)
class Condition:
    """One hospital-acquired condition. `needs` are the beginnings of codes, one of which it takes."""

    title: str
    needs: tuple[str, ...] = ()  # ICD-10-PCS
    needs_diagnosis: tuple[str, ...] = ()  # ICD-10-CM without dot


# Surgical site infections share their codes (K68.11, T81.4-): bariatric, orthopedic and cardiac devices.
_SURGICAL_SITE = ("0D", "0R", "0S", "02", "0J")
CONDITIONS = {
    "01": Condition("foreign object retained after surgery"),
    "02": Condition("air embolism"),
    "03": Condition("blood incompatibility"),
    "04": Condition("stage III and IV pressure ulcers"),
    "05": Condition("falls and trauma"),
    "06": Condition("catheter-associated urinary tract infection", needs_diagnosis=("T83511A", "T83518A")),
    "07": Condition("vascular catheter-associated infection"),
    "08": Condition("mediastinitis after coronary artery bypass graft", needs=("021",)),
    "09": Condition("manifestations of poor glycemic control"),
    "10": Condition("deep vein thrombosis or pulmonary embolism after knee or hip replacement", needs=("0S",)),
    "11": Condition("surgical site infection after bariatric surgery", needs=_SURGICAL_SITE),
    "12": Condition("surgical site infection after certain orthopedic procedures", needs=_SURGICAL_SITE),
    "13": Condition("surgical site infection after a cardiac implantable device", needs=_SURGICAL_SITE),
    "14": Condition("iatrogenic pneumothorax with venous catheterization", needs=("02", "05", "06", "0J")),
}
_ASKED_FOR = tuple(code for condition in CONDITIONS.values() for code in condition.needs_diagnosis)


def is_possible(hac: str, poa: str, diagnoses: Collection[str], procedures: Collection[str]) -> bool:
    """Return whether a code of a condition may be hospital-acquired here. Codes come without dots."""
    if not hac or poa not in HOSPITAL_ACQUIRED:
        return False
    condition = CONDITIONS[hac]
    if condition.needs:
        return any(code.startswith(condition.needs) for code in procedures)
    if condition.needs_diagnosis:
        return any(code.startswith(condition.needs_diagnosis) for code in diagnoses)
    return True


def is_certain(hac: str) -> bool:
    """Return whether a possible condition is met for sure, with no further list of CMS to ask."""
    return not CONDITIONS[hac].needs


def is_asked_for(diagnosis: str) -> bool:
    """Return whether a condition of other codes depends on this diagnosis."""
    return diagnosis.startswith(_ASKED_FOR)
