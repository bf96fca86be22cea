"""Values, reference ranges and flags of observations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from query_mgr.charts.ccda.elements import code_of, codes_of, find, find_all, said, text_of, value_type, words
from query_mgr.charts.ccda.narrative import Narrative
from query_mgr.charts.fhir.values import FLAGS
from query_mgr.charts.problems import Warnings

_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?")
_WRITTEN_RANGE = re.compile(
    r"(?:(\d{1,9}(?:\.\d{1,9})?) ?- ?(\d{1,9}(?:\.\d{1,9})?)|([<>]=?) ?(\d{1,9}(?:\.\d{1,9})?)) ?(\S{0,20})(?: \(\w{1,12}\))?"
)
_UNITS_CODE = "246514001"  # SNOMED CT "units": the unit of a value that is no number
_NORMAL = {"N", "NEG", "ND", "S"}
#: HL7 NullFlavor -> why there is no value
NULL_FLAVORS = {
    "NI": "no information", "UNK": "unknown", "NA": "not applicable", "NASK": "not asked", "ASKU": "asked, not known",
    "NAV": "temporarily unavailable", "MSK": "masked", "OTH": "other", "TRC": "trace", "NP": "not present",
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """A value as the chart shows it, and as a number where it is exactly one."""

    text: str
    number: float | None = None
    unit: str = ""


def number_of(text: str) -> float | None:
    """Return a decimal as float; None for anything else, infinite ones too."""
    return float(text) if _NUMBER.fullmatch(text) else None


def _written(text: str) -> str:
    """Return a number as the sender wrote it; an overlong fraction is cut to six significant digits."""
    number = number_of(text)
    return text if number is None or len(text) <= 8 or "." not in text else f"{number:.6g}"


def read_value(observation: etree._Element, narrative: Narrative) -> Value:
    """Return the value of an observation; of several the first that says something. Empty where it has none."""
    found = [_value(one, narrative) for one in find_all(observation, "value")]
    value = next((one for one in found if one.text), Value(""))
    if value.text and not value.unit:
        unit = _stated_unit(observation)
        value = Value(value.text, value.number, unit)
    return value


def _value(value: etree._Element, narrative: Narrative) -> Value:
    kind = value_type(value)
    absent = NULL_FLAVORS.get(value.get("nullFlavor") or "", "")
    match kind:
        case "PQ" | "INT" | "REAL" | "MO":
            return _quantity(value, narrative) or Value(_absent(value, absent, narrative))
        case "IVL_PQ" | "IVL_INT" | "IVL_REAL":
            return _interval(value, narrative)
        case "RTO" | "RTO_PQ_PQ" | "RTO_QTY_QTY":
            ends = [part for name in ("numerator", "denominator") for part in find_all(value, name)]
            parts = [_quantity(part, narrative) or Value("") for part in ends]
            return Value(":".join(f"{part.text} {part.unit}".strip() for part in parts))
        case "BL":
            return Value({"true": "yes", "false": "no"}.get(said(value, "value"), ""))
        case "TS":
            return Value(said(value, "value"))
        case "CD" | "CE" | "CV" | "CO" | "CS" | "CR":
            name = narrative.name_of(value, code_of(value, ()))
            return Value(name or _absent(value, absent, narrative))
    if value.get("representation") == "B64":
        return Value("")
    text = narrative.referred(value) or said(value, "value")
    return Value(text or _absent(value, absent, narrative), number_of(text))


def _absent(value: etree._Element, absent: str, narrative: Narrative) -> str:
    """Return what stands in place of a value: the sender's own words, else why there is none."""
    words = narrative.referred(find(value, "originalText"))
    return words or (f"not available ({absent})" if absent else "")


def _quantity(value: etree._Element, narrative: Narrative) -> Value | None:
    """Return a quantity; one in a unit that UCUM does not know is in a translation, with the unit in words."""
    for one in (value, *find_all(value, "translation")):
        text = said(one, "value")
        if text:
            unit = said(one, "unit") or narrative.referred(find(one, "originalText"))
            return Value(_written(text), number_of(text), "" if unit == "1" else unit[:40])
    return None


def _interval(value: etree._Element, narrative: Narrative) -> Value:
    """Return "<5" or ">=100" where only one end is known: criteria must not compute with it.

    A low of 0 beside a high that says whether it is included is how "less than" is written.
    """
    low, high = find(value, "low"), find(value, "high")
    low_text, high_text = _end(low), _end(high)
    unit = next((said(one, "unit") for one in (high, low) if said(one, "unit")), "")
    is_below = high is not None and high.get("inclusive") is not None and number_of(low_text) == 0
    if low_text and high_text and not is_below:
        return Value(f"{low_text}-{high_text}", None, unit)
    if high_text:
        return Value(f"{'<' if _is_open(high) else '<='}{high_text}", None, unit)
    if low_text:
        return Value(f"{'>' if _is_open(low) else '>='}{low_text}", None, unit)
    return _quantity(value, narrative) or Value("")


def _end(end: etree._Element | None) -> str:
    if end is None:
        return ""
    told = (end, *find_all(end, "translation"))
    return next((_written(said(one, "value")) for one in told if said(one, "value")), "")


def _is_open(end: etree._Element | None) -> bool:
    return end is not None and end.get("inclusive") == "false"


def _stated_unit(observation: etree._Element) -> str:
    """Return the unit that a component gives because the value is no number with a unit of its own."""
    for one in find_all(observation, "entryRelationship/observation"):
        if said(find(one, "code"), "code") == _UNITS_CODE:
            value = find(one, "value")
            return said(value, "code") or text_of(value).strip() if value is not None else ""
    return ""


def read_range(
    observation: etree._Element, value: Value, warnings: Warnings, where: str
) -> tuple[float | None, float | None]:
    """Return the low and high of the normal range: the only one marked N, else the only unmarked one.

    Ranges that apply under conditions (age, sex) are not chosen from, and one in another unit than the value is none.
    """
    ranges = [
        one
        for one in find_all(observation, "referenceRange/observationRange")
        if _ends(one, value.unit) != (None, None)
    ]
    free = [one for one in ranges if find(one, "precondition") is None]
    normal = [one for one in free if said(find(one, "interpretationCode"), "code") == "N"]
    chosen = normal or [one for one in free if find(one, "interpretationCode") is None]
    if len({_ends(one, value.unit) for one in chosen}) != 1:
        if ranges:
            warnings.add("reference-range", where, "gives several ranges or only conditional ones; none was taken")
        return None, None
    units = {said(end, "unit") for name in ("low", "high") for end in find_all(chosen[0], f"value/{name}")} - {""}
    if value.unit and units and value.unit not in units:
        warnings.add("reference-range", where, "is in another unit than the value; it was not taken")
        return None, None
    return _ends(chosen[0], value.unit)


def _ends(one: etree._Element, unit: str) -> tuple[float | None, float | None]:
    value = find(one, "value")
    low, high = number_of(_end(find(value, "low"))), number_of(_end(find(value, "high")))
    if low is not None or high is not None:
        return low, high
    # Many senders write the range: "4-5.6 %", ">=40 mg/dL". What says more than that is not guessed at.
    found = _WRITTEN_RANGE.fullmatch(words(find(one, "text")) or words(value))
    if found is None or found[5].casefold() not in {"", unit.casefold()}:
        return None, None
    if found[1] is not None:
        return float(found[1]), float(found[2])
    bound = float(found[4])
    return (None, bound) if found[3].startswith("<") else (bound, None)


def flag_of(observation: etree._Element, value: float | None, low: float | None, high: float | None) -> str:
    """Return the sender's flag; where the sender gives none, L or H by the reference range."""
    given = [one.code for code in find_all(observation, "interpretationCode") for one in codes_of(code)]
    for code in given:
        if code in FLAGS:
            return FLAGS[code]
    if value is None or set(given) & _NORMAL:
        return ""
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else ""
