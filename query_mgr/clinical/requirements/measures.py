"""Measurements of a chart: which of its facts are which measurement, in one unit, and how they move. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from query_mgr.clinical.labs import Lab, labs

_KINDS = ("lab", "vital", "finding")
#: another material than blood, or another measurement, unless the measurement itself is named so
_ELSEWHERE = re.compile(
    r"\b(?:urine|urinary|csf|cerebrospinal|pleural|peritoneal|ascit\w+|synovial|fluid|stool|fecal|saliva|sweat|"
    r"clearance|cord|fetal|free|ionized|goal|target|24[ -]?h(?:our|r)?)\b"
)
#: the signs of UCUM, and those of units written out, in the letters that all units share
_WITHOUT_SIGNS = str.maketrans(
    {"μ": "u", "µ": "u", "×": "x", "²": "2", "₂": "2", "³": "3", "⁹": "9"} | dict.fromkeys("[]{}_ ")
)
_TEN_TO_THREE = re.compile(r"^(?:k|th|thou|x?10[*^e]?0?3|x?10\*3)/(?:ul|mm3|cmm)$|^x?10[*^]?0?9/l$")


class ChartFact(NamedTuple):
    """One measured or recorded thing: a lab, vital, medication, procedure, finding or problem."""

    ref: str
    kind: str
    name: str
    code: str
    value_number: float | None
    value_text: str
    unit: str
    flag: str
    observed_at: datetime


class Reading(NamedTuple):
    """A fact that is a measurement of the library; `value` is in the library's unit."""

    fact: ChartFact
    value: float


def readings(facts: Iterable[ChartFact]) -> Mapping[str, tuple[Reading, ...]]:
    """Return the readings by key of labs.yaml, oldest first. A value in a unit we cannot turn into ours is left out."""
    found: dict[str, list[Reading]] = {}
    for fact in facts:
        if fact.kind not in _KINDS or fact.value_number is None:
            continue
        key = lab_of(fact.name)
        value = in_unit(key, fact.value_number, fact.unit) if key else None
        if key and value is not None:
            found.setdefault(key, []).append(Reading(fact, value))
    return {
        key: tuple(sorted(rows, key=lambda one: (one.fact.observed_at, one.fact.ref)))
        for key, rows in found.items()
    }


@lru_cache(maxsize=8192)
def lab_of(name: str) -> str:
    """Return the key of the measurement that a fact's name means, or "". The longest name that fits decides."""
    low = " ".join(name.lower().replace("_", " ").split())
    best = ("", "")
    for key, found in ((key, pattern.search(low)) for key, pattern in _patterns()):
        if found and len(found[0]) > len(best[1]) and _ELSEWHERE.search(low.replace(found[0], "")) is None:
            best = (key, found[0])
    return best[0]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((key, _pattern(lab)) for key, lab in labs().items())


def _pattern(lab: Lab) -> re.Pattern[str]:
    names = sorted(lab.names, key=len, reverse=True)
    return re.compile(rf"(?<![\w/-])(?:{'|'.join(re.escape(name) for name in names)})(?![\w/-])")


def in_unit(key: str, value: float, unit: str) -> float | None:
    """Return a value in the unit of labs.yaml, or None for a unit that is not known to be the same measure."""
    lab, plain = labs()[key], _plain(unit)
    if plain in lab.factors:
        return value * lab.factors[plain]
    if key == "temperature" and plain in ("degf", "f"):
        return (value - 32) / 1.8
    if plain in (_plain(lab.unit), "") or (key == "temperature" and plain in ("cel", "c")):
        return value
    return None


@lru_cache(maxsize=1024)
def _plain(unit: str) -> str:
    low = unit.lower().translate(_WITHOUT_SIGNS)
    return "10*3/ul" if _TEN_TO_THREE.match(low) else low.replace("°", "deg")


def change(op: str, rows: Sequence[Reading], threshold: float, hours: float) -> tuple[Reading, Reading] | None:
    """Return the readings, later one first, of the largest rise, fall, ratio or recovery within `hours`, if it is enough.

    Rounded to 6 places: 1.3 - 1.0 is 0.3 and neither a hair more nor less. One pass: the extreme of the window that
    ends at each reading is kept in a queue.
    """
    sign = -1 if op in ("fall", "recovery") else 1
    window, queue = timedelta(hours=hours), deque[Reading]()
    best: tuple[float, Reading, Reading] | None = None
    for one in rows:
        while queue and one.fact.observed_at - queue[0].fact.observed_at > window:
            queue.popleft()
        if queue:
            by = moved(op, queue[0].value, one.value)
            if by >= threshold and (best is None or by > best[0]):
                best = (by, one, queue[0])
        while queue and sign * queue[-1].value >= sign * one.value:
            queue.pop()
        queue.append(one)
    return (best[1], best[2]) if best else None


def moved(op: str, earlier: float, later: float) -> float:
    """Return the change rounded to 6 places: 1.3 - 1.0 is 0.3, not 0.30000000000000004 or a hair less."""
    if op == "ratio":
        return round(later / earlier, 6) if earlier > 0 else 0.0
    if op == "recovery":
        return round(earlier / later, 6) if later > 0 else 0.0
    return round(later - earlier if op == "rise" else earlier - later, 6)


def lasting(rows: Sequence[Reading], holds: Sequence[bool], hours: float) -> list[Reading]:
    """Return the readings of the longest run in which `holds` is true throughout, if it lasts `hours` at least."""
    best: list[Reading] = []
    run: list[Reading] = []
    for one, is_so in zip(rows, holds, strict=True):
        run = [*run, one] if is_so else []
        if run and _length(run) >= timedelta(hours=hours) and (not best or _length(run) > _length(best)):
            best = run
    return best


def _length(run: Sequence[Reading]) -> timedelta:
    first: datetime = run[0].fact.observed_at
    return run[-1].fact.observed_at - first
