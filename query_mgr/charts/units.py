"""Units as charts print them. Source systems send UCUM, which is exact and reads like code. Pure."""

from __future__ import annotations

import re

_SHOWN = {
    "Cel": "°C",
    "[degF]": "°F",
    "mm[Hg]": "mmHg",
    "cm[H2O]": "cmH2O",
    "10*3/uL": "K/uL",
    "10*6/uL": "M/uL",
    "[pH]": "",
    "mosm/kg": "mOsm/kg",
    "[lb_av]": "lb",
    "[in_i]": "in",
}
_ANNOTATION = re.compile(r"\{([^{}]*)\}")
_ARBITRARY = re.compile(r"\[(IU|arb'U)\]")


def shown_unit(unit: str) -> str:
    """Return a UCUM unit as a chart prints it: `mm[Hg]` is mmHg, `mL/min/{1.73_m2}` is mL/min/1.73 m2, `{INR}` nothing.

    What is not known stays as it is.
    """
    if unit in _SHOWN:
        return _SHOWN[unit]
    if _ANNOTATION.fullmatch(unit):
        return ""
    plain = _ANNOTATION.sub(lambda found: found[1].replace("_", " "), unit)
    return _ARBITRARY.sub(lambda found: "IU" if found[1] == "IU" else "U", plain)
