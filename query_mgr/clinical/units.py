"""Units as people write them. Source systems send UCUM, which is exact and reads like code. Pure."""

from __future__ import annotations

import re

_WRITTEN = {
    "Cel": "°C", "degC": "°C", "[degF]": "°F", "degF": "°F", "mm[Hg]": "mm Hg", "mmHg": "mm Hg", "cm[H2O]": "cm H₂O",
    "cmH2O": "cm H₂O", "10*3/uL": "×10³/µL", "10*6/uL": "×10⁶/µL", "10*9/L": "×10⁹/L", "10*12/L": "×10¹²/L", "[pH]": "",
    "pH": "", "ratio": "", "kg/m2": "kg/m²", "L/min/m2": "L/min/m²", "mL/min/1.73m2": "mL/min/1.73 m²",
    "mosm/kg": "mOsm/kg", "[lb_av]": "lb", "[in_i]": "in", "wk": "weeks",
}  # fmt: skip
_ANNOTATION = re.compile(r"\{([^{}]*)\}")
_ARBITRARY = re.compile(r"\[(IU|arb'U)\]")
_MICRO = re.compile(r"(?<![A-Za-z])u(?=[A-Za-z])")


def shown_unit(unit: str) -> str:
    """Return a UCUM unit as people write it: `Cel` is °C, `mL/min/{1.73_m2}` is mL/min/1.73 m², `{INR}` nothing.

    What is not known stays as it is.
    """
    if unit in _WRITTEN:
        return _WRITTEN[unit]
    if _ANNOTATION.fullmatch(unit):
        return ""
    plain = _ANNOTATION.sub(lambda found: found[1].replace("_", " ").replace("m2", "m²"), unit)
    plain = _ARBITRARY.sub(lambda found: "IU" if found[1] == "IU" else "U", plain)
    return _MICRO.sub("µ", plain)


def amount(value: str, unit: str) -> str:
    """Return a value with its unit: "38.1 °C", "22/min", "94 %", "12.4 ×10³/µL"."""
    written = shown_unit(unit)
    return f"{value}{'' if written.startswith('/') else ' '}{written}".strip()
