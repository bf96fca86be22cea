"""The short forms of requirements: a line for a measurement, one key for words. `docs/interfaces/conditions.md` lists them.

creatinine >= 1.5 mg/dL            creatinine rises 0.3 mg/dL in 48 h       patient female
urine_output < 0.5 mL/kg/h for 6 h creatinine reaches 1.5 x in 168 h        patient age 18 to 65
creatinine recovers 1.5 x in 168 h
"""

from __future__ import annotations

import re

from query_mgr.clinical.labs import labs
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.nodes import Node

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_LEVEL = re.compile(rf"(\w+) (<=|>=|<|>|=) {_NUMBER} (\S+)(?: for {_NUMBER} h)?")
_CHANGE = re.compile(rf"(\w+) (rises|falls) {_NUMBER} (\S+) in {_NUMBER} h")
_RATIO = re.compile(rf"(\w+) (reaches|recovers) {_NUMBER} ?x in {_NUMBER} h")
_PATIENT = re.compile(r"patient (?:(female|male)|age (?:from )?(\d+(?:\.\d+)?)?(?: ?to (\d+(?:\.\d+)?))?)")
_OPS = {"rises": "rise", "falls": "fall", "reaches": "ratio", "recovers": "recovery"}

#: key of a one-key mapping -> the kind of requirement, by whom, and in which documents
WORDED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "said": ("mention", ("provider",), ()),  # a provider affirms it
    "noted": ("mention", (), ()),  # anybody's note affirms it
    "imaging": ("mention", (), ("imaging_report",)),
    "medication": ("medication", (), ()),
    "procedure": ("procedure", (), ()),
    "finding": ("vital", (), ()),
}


def worded(key: str, node: Node) -> Requirement:
    """Return what `key: [words]` means; `node` holds the words."""
    kind, by, documents = WORDED[key]
    words = node.texts()
    return Requirement(
        kind,
        f"{key}: {', '.join(words[:4])}{' …' if len(words) > 4 else ''}",
        words=words,
        by=by,
        in_documents=documents,
    )


def line(node: Node) -> Requirement:
    """Return what one line means. Raises PlacedError with the forms that there are."""
    text = " ".join(node.text().split())
    for pattern, make in ((_LEVEL, _level), (_CHANGE, _change), (_RATIO, _ratio), (_PATIENT, _patient)):
        found = pattern.fullmatch(text)
        if found:
            return make(found, text, node)
    raise node.error(
        f"{text[:60]!r} is no requirement; write it as 'creatinine >= 1.5 mg/dL', 'creatinine rises 0.3 mg/dL in 48 h', "
        "'creatinine reaches 1.5 x in 168 h' or 'patient age 18 to 65'"
    )


def _level(found: re.Match[str], text: str, node: Node) -> Requirement:
    lab, op, value, unit, hours = found.groups()
    _check(lab, unit, node)
    return Requirement("measure", text, lab=lab, op=op, threshold=float(value), for_hours=float(hours or 0))


def _change(found: re.Match[str], text: str, node: Node) -> Requirement:
    lab, verb, value, unit, hours = found.groups()
    _check(lab, unit, node)
    return Requirement("measure", text, lab=lab, op=_OPS[verb], threshold=float(value), window_hours=float(hours))


def _ratio(found: re.Match[str], text: str, node: Node) -> Requirement:
    lab, verb, value, hours = found.groups()
    _check(lab, None, node)
    return Requirement("measure", text, lab=lab, op=_OPS[verb], threshold=float(value), window_hours=float(hours))


def _patient(found: re.Match[str], text: str, node: Node) -> Requirement:
    sex, low, high = found.groups()
    return Requirement("patient", text, sex=sex or "", age_from=float(low or 0), age_to=float(high or 0))


def _check(lab: str, unit: str | None, node: Node) -> None:
    known = labs()
    if lab not in known:
        raise node.error(f"{lab!r} is no measurement of labs.yaml; one of {', '.join(sorted(known))}")
    if unit is not None and unit != known[lab].unit:
        raise node.error(f"{lab} is given in {unit!r}; write it in {known[lab].unit!r}")
