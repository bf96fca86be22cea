"""Observation values, reference ranges and flags."""

from __future__ import annotations

from dataclasses import dataclass

from query_mgr.charts.fhir.elements import (
    Json,
    Times,
    codes,
    concept_text,
    dicts,
    first,
    number,
    words,
    written_number,
)

#: v3-ObservationInterpretation -> flag; normal and unknown ones mean no flag
FLAGS = {
    "L": "L", "H": "H", "LL": "LL", "HH": "HH", "LU": "LL", "HU": "HH", "<": "L", ">": "H",
    "A": "A", "AA": "A", "POS": "A", "R": "A", "DET": "A",
}  # fmt: skip
_NORMAL = {"N", "NEG", "ND", "S"}


@dataclass(frozen=True)
class Value:
    """A value as the chart shows it, and as a number where it is exactly one."""

    text: str
    number: float | None = None
    unit: str = ""


def read_value(resource: Json, times: Times | None) -> Value | None:
    """Return the value[x] of an Observation or component, or None where it has none. Raises EntryError."""
    name = next((key for key in resource if key.startswith("value") and not key.startswith("_")), "")
    value = resource.get(name)
    match name:
        case "valueQuantity":
            return _quantity(first(value))
        case "valueInteger":
            return Value(written_number(value), number(value, name))
        case "valueCodeableConcept":
            return Value(concept_text(value))
        case "valueString" | "valueTime":
            return Value(words(value))
        case "valueBoolean":
            return Value("yes" if value is True else "no")
        case "valueDateTime":
            if times:
                times.parse(value, name)
            return Value(words(value))
        case "valueRange":
            low, high = _quantity(first(first(value).get("low"))), _quantity(first(first(value).get("high")))
            return Value(f"{low.text}-{high.text}", None, high.unit or low.unit)
        case "valueRatio":
            parts = (
                _quantity(first(first(value).get("numerator"))),
                _quantity(first(first(value).get("denominator"))),
            )
            return Value(":".join(f"{part.text} {part.unit}".strip() for part in parts))
        case "valuePeriod":
            return Value(f"{words(first(value).get('start'))} to {words(first(value).get('end'))}")
    return None


def _quantity(quantity: Json) -> Value:
    text = written_number(quantity.get("value"))
    value = number(quantity.get("value"), "valueQuantity.value")
    comparator = words(quantity.get("comparator"))
    unit = words(quantity.get("unit")) or words(quantity.get("code"))
    # "<0.01" is no 0.01: criteria must not compute with it.
    return Value(comparator + text, None if comparator else value, unit)


def read_range(resource: Json) -> tuple[float | None, float | None]:
    """Return the low and high of the normal reference range, preferring the one that says so."""
    ranges = list(dicts(resource.get("referenceRange")))
    normal = [
        each for each in ranges if not each.get("type") or "normal" in {code for _, code in codes(each["type"])}
    ]
    chosen = (normal or [{}])[0]
    low, high = first(chosen.get("low")), first(chosen.get("high"))
    return number(low.get("value"), "referenceRange.low"), number(high.get("value"), "referenceRange.high")


def flag_of(resource: Json, value: float | None, low: float | None, high: float | None) -> str:
    """Return the sender's flag; where the sender gives none, L or H by the reference range."""
    given = [code for _, code in codes(resource.get("interpretation"))]
    for code in given:
        if code in FLAGS:
            return FLAGS[code]
    if value is None or set(given) & _NORMAL:
        return ""
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else ""
