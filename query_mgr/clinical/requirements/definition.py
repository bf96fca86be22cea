"""What a condition's criteria and a query template may ask of a chart."""

from __future__ import annotations

from dataclasses import dataclass

COMPOSITES = ("all", "any", "some", "none")
FACT_KINDS = ("lab", "vital", "medication", "procedure")
REQUIREMENT_KINDS = (*FACT_KINDS, "measure", "mention", "code", "document", "conflict", "patient")
#: how two readings differ: ratio is later by earlier, recovery earlier by later
CHANGES = ("rise", "fall", "ratio", "recovery")
COMPARISONS = (">=", ">", "<=", "<", "=", "between", *CHANGES)
ASSERTIONS = ("affirmed", "negated", "uncertain", "historical", "family", "hypothetical")
#: author roles whose statement can establish a diagnosis (guideline I.A.19, I.B.14)
PROVIDER_ROLES = ("attending", "consultant", "resident", "advanced_practice")


@dataclass(frozen=True)
class Requirement:
    """Something a chart must hold.

    kind: one of REQUIREMENT_KINDS, or a composite of `parts`: all, any, none, or some, of which `at_least` so many hold.
    words: whole words or phrases, in any case; a final * stands for any ending. Of facts they match the name.
    codes: ICD-10-CM prefixes (kind code), else the codes of facts (LOINC, RxNorm ...), matched whole.
    op, threshold, high, units: a comparison of numbers; a value in a unit not listed never matches.
    window_hours: for rise, ratio and fall: how far apart the two readings may be.
    lab: for measure: a key of labs.yaml, whose names and units hold; `for_hours`: how long readings stay like this.
    sex, age_from, age_to: for patient; age in years, from inclusive, to exclusive (0: no limit).
    """

    kind: str
    label: str
    parts: tuple[Requirement, ...] = ()
    words: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    value_words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    in_documents: tuple[str, ...] = ()
    assertions: tuple[str, ...] = ("affirmed",)
    op: str = ""
    threshold: float = 0.0
    high: float = 0.0
    units: tuple[str, ...] = ()
    window_hours: float = 0.0
    within_hours_of_admission: float = 0.0
    at_least: int = 1
    lab: str = ""
    for_hours: float = 0.0
    sex: str = ""
    age_from: float = 0.0
    age_to: float = 0.0
    #: documented | second: which placeholder this requirement's first source fills
    fills: str = ""


def bare(code: str) -> str:
    """Return a code without its full stop and in capitals, as prefixes are compared."""
    return code.replace(".", "").upper()
