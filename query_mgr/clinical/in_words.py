"""What points to a condition and what its criteria ask, as a person would say it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from query_mgr.clinical.labs import labs
from query_mgr.clinical.library import LabIndicator
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.short import WORDED
from query_mgr.clinical.units import amount

#: measurements whose first name in labs.yaml, in lower case, is not how one writes it
_WRITTEN = {
    "abi": "ankle-brachial index", "ahi": "apnea-hypopnea index", "anc": "absolute neutrophils", "alt": "ALT",
    "ast": "AST", "bmi": "BMI", "bmi_z": "BMI z-score", "bnp": "BNP", "bun": "BUN", "ciwa": "CIWA-Ar",
    "cord_ph": "cord pH", "cows": "COWS", "egfr": "eGFR", "fena": "fractional excretion of sodium",
    "fev1_fvc": "FEV1/FVC", "free_t4": "free T4", "gad7": "GAD-7", "gcs": "Glasgow coma scale", "hba1c": "HbA1c",
    "icdsc": "ICDSC", "inr": "INR", "ldh": "LDH", "lvef": "LVEF", "map": "mean arterial pressure", "mcv": "MCV",
    "muac_z": "mid-upper arm circumference z-score", "nihss": "NIHSS", "nt_probnp": "NT-proBNP", "paco2": "PaCO2",
    "pao2": "PaO2", "peep": "PEEP", "pf_ratio": "PaO2/FiO2", "ph": "arterial pH", "phq9": "PHQ-9", "spo2": "SpO2",
    "tsat": "transferrin saturation", "tsh": "TSH", "vitamin_b12": "vitamin B12", "vitamin_d": "25-hydroxyvitamin D",
    "ogtt_75g_2h": "glucose 2 hours after 75 g", "ogtt_100g_fasting": "fasting glucose before 100 g",
    "ogtt_100g_1h": "glucose 1 hour after 100 g", "ogtt_100g_2h": "glucose 2 hours after 100 g",
    "ogtt_100g_3h": "glucose 3 hours after 100 g", "venous_pco2": "venous PCO2", "venous_ph": "venous pH", "venous_po2": "venous PO2", "wbc": "white blood cells",
}  # fmt: skip
_COMPARED = {">=": "{} or more", ">": "above {}", "<=": "{} or less", "<": "below {}", "=": "exactly {}"}
_SAID = {
    "said": "a provider documents", "noted": "the notes say", "imaging": "imaging reports", "medication": "given",
    "procedure": "done", "finding": "found",
}  # fmt: skip
_HEADS = {"all": "All of", "any": "Any of", "none": "None of"}


@dataclass(frozen=True)
class Line:
    """A line of a criterion; `parts` stand below it."""

    text: str
    parts: tuple[Line, ...] = ()


def measured(one: LabIndicator, *, changes: bool = False) -> str:
    """Return a threshold in words: "creatinine 1.5 mg/dL or more", or by how much a value changes."""
    told = _COMPARED[one.op].format(_amount(one.value, one.lab))
    return f"{_lab(one.lab)} changes by {told}" if changes else f"{_lab(one.lab)} {told}"


def asked(one: Requirement) -> Line:
    """Return a requirement in words, its parts as lines below it."""
    if len(one.parts) == 1 and one.kind in ("all", "any"):
        return asked(one.parts[0])
    if one.parts:
        head = f"At least {one.at_least} of" if one.kind == "some" else _HEADS[one.kind]
        return Line(head, tuple(asked(part) for part in one.parts))
    if one.kind == "measure":
        return Line(_measure(one))
    if one.kind == "patient":
        return Line(_patient(one))
    key = one.label.partition(":")[0]
    return Line(f"{_SAID[key]}: {', '.join(map(_word, one.words))}" if key in WORDED else one.label)


def _measure(one: Requirement) -> str:
    least, name, within = _amount(one.threshold, one.lab), _lab(one.lab), f"within {_hours(one.window_hours)}"
    if one.op in ("rise", "fall"):
        return f"{name} {'up' if one.op == 'rise' else 'down'} by {least} or more {within}"
    if one.op == "ratio":
        return f"{name} up to {one.threshold:g} times an earlier value or more {within}"
    if one.op == "recovery":
        return f"{name} down from {one.threshold:g} times a later value or more {within}"
    if one.op == "between":
        text = f"from {one.threshold:g} to below {_amount(one.high, one.lab)}"
    else:
        text = _COMPARED[one.op].format(least)
    lasting = f" for {_hours(one.for_hours)} or longer" if one.for_hours else ""
    return f"{name} {text}{lasting}"


def _patient(one: Requirement) -> str:
    ages = [f"from {one.age_from:g}"] * bool(one.age_from) + [f"below {one.age_to:g}"] * bool(one.age_to)
    age = f"aged {' to '.join(ages)} years" if ages else ""
    return " ".join(filter(None, (f"{one.sex} patient" if one.sex else "patient", age)))


def _lab(key: str) -> str:
    return _WRITTEN.get(key) or labs()[key].names[0]


def _amount(value: float, lab: str) -> str:
    unit = labs()[lab].unit
    return f"{value:g}%" if unit == "%" else amount(f"{value:g}", unit)


def _hours(hours: float) -> str:
    if hours >= 48 and hours % 24 == 0:
        return f"{hours / 24:g} days"
    return f"{hours:g} hour{'s' if hours != 1 else ''}"


def _word(text: str) -> str:
    return f"{text[:-1]}…" if text.endswith("*") else text


_GAP = re.compile(r"(?:\[\^[^\]]*\]|\\[DSW]|\.|\(\?:\\w\+ \))(?:\{[\d,]+\}|[*+]\??)")
_COUNTS = re.compile(r"\{[\d,]+\}|(?<=\])[*+]")
_OPTIONAL = re.compile(r"\(\?:[^()]*\)\?|(?:\[[^\]]*\]|\\?[^\\()\]])\?")
_DIGITS = re.compile(r"(?:(?:\\d|\[[\d-]+\])(?:\{[\d,]+\}|[*+])?)+")
_ENDING = re.compile(r"\\w[*+]")
_INNER = re.compile(r"(?<!\\)\((?:\?:)?([^()]*)\)")


def phrases(pattern: str) -> tuple[str, ...]:
    """Return what a pattern of a condition's `words` looks for, in words: "pulmonary edema / congestion".

    Good for reading, not for matching: endings are left open, and "…" stands for words or numbers between.
    """
    text = _GAP.sub(" … ", re.sub(r"\(\?[=!<][^()]*\)|\\b", "", pattern))
    text = _COUNTS.sub("", _DIGITS.sub("…", _ENDING.sub("", text)))
    while (shorter := _OPTIONAL.sub("", text)) != text:
        text = shorter
    text = re.sub(r"\[([^\]])[^\]]*\]", r"\1", text).replace("[-", "-")
    while _INNER.search(text):  # innermost first; the choices inside a group read with a stroke
        text = _INNER.sub(lambda found: found[1].replace("|", " / "), text)
    found = (" ".join(re.sub(r"\\(.)", r"\1", part).split()) for part in text.split("|"))
    return tuple(dict.fromkeys(part for part in found if part.strip(" …")))
