"""What the MS-DRG Definitions Manual decides and drgpy 0.2.1 leaves out, as a table of rules.

drgpy carries CMS' lists whole, but its rules never return some of the DRGs those lists name, and take a few
conditions otherwise than the manual words them. Each rule below reads the same features and says which DRG
comes first; it is left out again when drgpy has it. docs/grouping.md lists them; the tests hold each against a
second grouper. `NO_EXCLUSION` completes the list of CCs and MCCs in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Features = Mapping[str, int]

# Appendix C prints "No Excl" where no principal diagnosis cancels a code; from version 41 on drgpy passes over
# those lines. By the first version in which the code is a CC or MCC there (FY2021 to FY2025 tables 6I and 6J).
NO_EXCLUSION: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (41, "MCC", ("J1282",)),
    (41, "CC", ("D89833", "D89834", "D89835", "K77", "L493", "L494", "L495", "L496", "L497", "L498", "L499")),
    (
        41,
        "CC",
        ("Z1610", "Z1611", "Z1612", "Z1613", "Z1619", "Z1620", "Z1621", "Z1622", "Z1623", "Z1624", "Z1629"),
    ),
    (41, "CC", ("Z1630", "Z1631", "Z1632", "Z1633", "Z16341", "Z16342", "Z1635", "Z1639")),
    (41, "CC", ("Z5900", "Z5901", "Z5902")),
    (42, "CC", ("Z5910", "Z5911", "Z5912", "Z5919", "Z59811", "Z59812", "Z59819")),
)
_HIV = "974&975&976|PSDX OF HIV INFECTION"
_MAJOR = "974&975&976|AND PSDX OF MAJOR RELATED CONDITION"
_UNRELATED = frozenset({"981", "982", "983", "987", "988", "989"})
# A newborn who died or went to another acute care hospital, also with a planned readmission.
_DIED_OR_TRANSFERRED = ("02", "05", "20", "66", "82", "85", "94")


class Order(Protocol):
    """What a rule may ask the tables for."""

    def rank(self, drg: str) -> tuple[int, int]:
        """Return a DRG's place among others; the lowest is assigned."""

    def mdc_of(self, drg: str) -> str:
        """Return the category of a DRG, "" where it has none."""


@dataclass(frozen=True)
class Rule:
    """One decision of the manual. `decide` returns the DRG that comes first, or "" where the rule is not met."""

    id: str
    title: str
    source: str
    needs: str  # the feature without which the rule is not met, "" where there is none such
    decide: Callable[[Features, Sequence[str], Order], str]


def admitted(x: Counter[str], principal: Collection[str]) -> tuple[Counter[str], tuple[Rule, ...]]:
    """Return the features as category 25 takes them, and the rule that did it where it takes them otherwise.

    principal: what the tables say of the principal diagnosis. The list of the category holds related conditions
    too, which are of it only beside HIV; and of HIV and a major related condition, one is principal.
    """
    gone: set[str] = set()
    if x["_MDC25"] and x["_ORPCS_EXTENSIVE"] and not x[_HIV]:
        gone.add("_MDC25")
    if x["_MDC25"] and x[_HIV] and x[_MAJOR] and not {_HIV, _MAJOR} & set(principal):
        gone.add(_MAJOR)
    if not gone:
        return x, ()
    return Counter({feature: count for feature, count in x.items() if feature not in gone}), (_HIV_RULE,)


def completed(results: Sequence[str], x: Features, order: Order) -> tuple[str, tuple[Rule, ...]]:
    """Return the DRG of a stay and the rules that decided otherwise than the engine's first result.

    results: the engine's DRGs, the one it assigns first. Returns "" where there is none.
    """
    found = list(results)
    fired: list[Rule] = []
    for rule in RULES:
        drg = "" if rule.needs and rule.needs not in x else rule.decide(x, found, order)
        if drg and drg != (found[0] if found else ""):
            found = [drg, *(other for other in found if other != drg)]
            fired.append(rule)
    return (found[0] if found else ""), tuple(fired)


def _by_severity(x: Features, mcc: str, cc: str, neither: str) -> str:
    return mcc if x["_MCC"] else cc if x["_CC"] else neither


def _first(results: Sequence[str]) -> str:
    return results[0] if results else ""


def _is_before_categories(drg: str) -> bool:
    return "" < drg < "020"


def _best(candidate: str, results: Sequence[str], mdc: str, order: Order) -> str:
    """Return `candidate` unless an operation of the same category ranks above the unrelated ones and it."""
    rivals = [drg for drg in results if order.mdc_of(drg) == mdc and order.rank(drg) < order.rank(candidate)]
    return "" if rivals or _is_before_categories(_first(results)) else candidate


def _before_categories(x: Features, results: Sequence[str], order: Order) -> str:
    found = []
    if x["018|T-CELL IMMUNOTHERAPY ORPCS"] + x["018|T-CELL IMMUNOTHERAPY NON-ORPCS"] + x["018|NON-ORPCS"]:
        found.append("018")
    if x["019|ORPCS"] * x["019|AND NON-ORPCS"] * x["019|AND PSDX"] * x["019|AND PSDX*"]:
        found.append("019")
    rivals = [drg for drg in results if _is_before_categories(drg)]
    return min([*found, *rivals], key=lambda drg: order.rank(drg)[1]) if found else ""


def _hiv(x: Features, results: Sequence[str], order: Order) -> str:
    first = _first(results)
    if not x[_HIV] or _is_before_categories(first) or order.mdc_of(first) == "24":
        return ""
    if not x["974&975&976|PSDX OF HIV INFECTION"]:
        return (
            next((drg for drg in results if order.mdc_of(drg) != "25"), "") if order.mdc_of(first) == "25" else ""
        )
    if x["_ORPCS_EXTENSIVE"]:
        return "969" if x["_MCC"] else "970"
    if x[_MAJOR]:
        return _by_severity(x, "974", "975", "976")
    return "977"


def _head_and_neck(x: Features, results: Sequence[str], order: Order) -> str:
    if x["140&141&142|ORPCS"]:
        return _best(_by_severity(x, "140", "141", "142"), results, "03", order)
    if x["143&144&145|ORPCS"]:
        return _best(_by_severity(x, "143", "144", "145"), results, "03", order)
    return ""


def _valve(x: Features, results: Sequence[str], order: Order) -> str:
    if not x["_MDC05"]:
        return ""
    return _best("319" if x["_MCC"] else "320", results, "05", order)


def _pregnancy(x: Features, results: Sequence[str], order: Order) -> str:
    if _first(results) not in _UNRELATED:
        return ""
    if x["817&818&819|PDX"]:
        return _by_severity(x, "817", "818", "819")
    if x["769|PDX"]:
        return "769"
    return _related(results)


def _newborn(x: Features, results: Sequence[str], order: Order) -> str:
    if _is_before_categories(_first(results)):
        return ""
    if any(x[f"_STATUS{status}"] for status in _DIED_OR_TRANSFERRED):
        return "789"
    return _related(results) if _first(results) in _UNRELATED else ""


def _mental_illness(x: Features, results: Sequence[str], order: Order) -> str:
    return "876" if _first(results) in _UNRELATED else ""


def _burns(x: Features, results: Sequence[str], order: Order) -> str:
    first = _first(results)
    if _is_before_categories(first):
        return ""
    ventilated = x["927&933|MECHANICAL VENTILATION >96 HOURS NON-ORPCS"]
    if x["927&933|EXTENSIVE BURNS PSDX"] + x["927&933|FULL THICKNESS BURNS PSDX"] * ventilated:
        if x["927&933|SKIN GRAFT PROCEDURE ORPCS"]:
            return "927"
        return next((drg for drg in results if drg in {"928", "929"}), "933")
    return _related(results) if first in _UNRELATED else ""


def _other_contact(x: Features, results: Sequence[str], order: Order) -> str:
    return _by_severity(x, "939", "940", "941") if _first(results) in _UNRELATED else ""


def _aftercare(x: Features, results: Sequence[str], order: Order) -> str:
    return "949" if _first(results) == "950" and x["_CC"] else ""


def _related(results: Sequence[str]) -> str:
    return next((drg for drg in results if drg not in _UNRELATED), "")


_MANUAL = "MS-DRG Definitions Manual"
_HIV_RULE = Rule(
    "hiv",
    "HIV goes before other categories, as principal or as secondary diagnosis, and never without an HIV code",
    f"{_MANUAL}, MDC 25",
    "_MDC25",
    _hiv,
)
RULES = (
    Rule(
        "before-categories",
        "Cell and gene therapies are DRG 018, and a kidney and pancreas transplant with hemodialysis DRG 019",
        f"{_MANUAL}, Pre-MDC, DRG 018 and 019",
        "",
        _before_categories,
    ),
    _HIV_RULE,
    Rule(
        "head-and-neck",
        "Head and neck operations are DRG 140 to 145",
        f"{_MANUAL}, MDC 3, DRG 140 to 145",
        "_MDC03",
        _head_and_neck,
    ),
    Rule(
        "valve",
        "Other endovascular cardiac valve procedures are DRG 319 and 320",
        f"{_MANUAL}, MDC 5, DRG 319 and 320",
        "319&320|ORPCS",
        _valve,
    ),
    Rule(
        "pregnancy",
        "Any operation with an antepartum diagnosis is DRG 817 to 819, with a postpartum one DRG 769",
        f"{_MANUAL}, MDC 14, DRG 769 and 817 to 819",
        "_MDC14",
        _pregnancy,
    ),
    Rule(
        "newborn",
        "A newborn who died or was transferred to acute care is DRG 789, and no operation changes a newborn's DRG",
        f"{_MANUAL}, MDC 15, DRG 789",
        "_MDC15",
        _newborn,
    ),
    Rule(
        "mental-illness",
        "Any operation with a principal diagnosis of mental illness is DRG 876",
        f"{_MANUAL}, MDC 19, DRG 876",
        "_MDC19",
        _mental_illness,
    ),
    Rule(
        "burns",
        "Extensive burns need no mechanical ventilation for DRG 927 and 933; full thickness burns do",
        f"{_MANUAL}, MDC 22, DRG 927 and 933",
        "_MDC22",
        _burns,
    ),
    Rule(
        "other-contact",
        "Any operation with another contact with health services is DRG 939 to 941",
        f"{_MANUAL}, MDC 23, DRG 939 to 941",
        "_MDC23",
        _other_contact,
    ),
    Rule(
        "aftercare",
        "Aftercare with a CC is DRG 949, as with an MCC",
        f"{_MANUAL}, MDC 23, DRG 949",
        "_MDC23",
        _aftercare,
    ),
)
