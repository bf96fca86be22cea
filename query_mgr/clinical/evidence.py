"""Whether clinical indicators point to a condition: by words, or by a measured value beyond a threshold."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Iterator

from query_mgr.clinical.labs import Lab, labs
from query_mgr.clinical.library import Condition, LabIndicator, load

_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
#: dates, times, "(ref 0.6-1.3)", the numbers of ×10³/µL and of mL/min/1.73 m², and fractions such as 88/52 are not the value
_NOISE = re.compile(
    r"\d{4}-\d{2}-\d{2}t?|\d{1,2}:\d{2}(?::\d{2})?|\((?:ref|nl|normal|range)[^()\n]{0,40}\)|\bref\b[^;,\n]{0,30}|"
    r"(?<!\d)[x×]? ?10(?:[*^]\d\d?|[³⁶⁹]|¹²|[369](?=/))(?=/)|/1\.73 ?m[²2]|\d{1,4}/\d{1,4}(?:/\d{2,4})?"
)
_VALUE = re.compile(
    r"(?<![\w.])(?<!\d,)(-?\d{1,3}(?:,\d{3})+(?!\d)|-?\d+(?:\.\d+)?)\s?(%|(?:[^\W\d]+)?/[^\W\d]+|[^\W\d]+)?"
)
_VALUE_END = re.compile(r"[;\n]|[.,]\s+[a-z]")
_REACH = 70
#: cells that are counted in thousands and written in full ("platelets 42,000")
_THOUSANDS, _CELLS = "10*3/uL", 1500
_FEW = {"anc": 30}  # from here on a count of these is not in thousands


def supports(condition: Condition, texts: Iterable[str]) -> bool:
    """Say whether at least one indicator text points to the condition (relevance, not number, decides)."""
    told = tuple(texts)
    return any(points_to(condition.id, text) for text in told) or any(
        _changed(rise, told) for rise in condition.rises
    )


def _changed(rise: LabIndicator, texts: tuple[str, ...]) -> bool:
    """Say whether the values in all texts lie that far apart. When each was measured is the reader's to judge."""
    found = [value for text in texts for value in values(labs()[rise.lab], text.lower())]
    # Rounded, because 1.3 - 1.0 is a hair more than 0.3 and 1.2 - 0.9 a hair less.
    return bool(found) and _COMPARE[rise.op](round(max(found) - min(found), 6), rise.value)


@functools.lru_cache(maxsize=4096)
def points_to(condition: str, text: str) -> bool:
    """Say whether one indicator text points to the condition with this id."""
    entry, lowered = load()[condition], text.lower()
    words = _words(condition)
    if words is not None and words.search(lowered):
        return True
    return any(_meets(lab, lowered) for lab in entry.labs)


@functools.cache
def _words(condition: str) -> re.Pattern[str] | None:
    patterns = load()[condition].words
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


@functools.cache
def _names() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    """Return a pattern for the names of all measurements, longest first, and whose each is."""
    owners: dict[str, tuple[str, ...]] = {}
    for lab in labs().values():
        for name in lab.names:
            owners[name] = (*owners.get(name, ()), lab.key)
    names = "|".join(re.escape(name) for name in sorted(owners, key=len, reverse=True))
    return re.compile(rf"(?<![\w/-])(?:{names})(?![\w/-])"), owners


@functools.lru_cache(maxsize=4096)
def _named(text: str) -> dict[str, tuple[int, ...]]:
    """Return where the names of each measurement end in a text. "Urine sodium" names no sodium, "venous pH" no pH."""
    pattern, owners = _names()
    found: dict[str, tuple[int, ...]] = {}
    for name in pattern.finditer(text):
        for lab in owners[name[0]]:
            found[lab] = (*found.get(lab, ()), name.end())
    return found


def named_at(text: str, lab: str) -> tuple[int, ...]:
    """Return where the names of a measurement (its key) end in lower-case text."""
    return _named(text).get(lab, ())


def _meets(indicator: LabIndicator, text: str) -> bool:
    compare = _COMPARE[indicator.op]
    return any(compare(value, indicator.value) for value in values(labs()[indicator.lab], text))


def values(lab: Lab, text: str) -> Iterator[float]:
    """Yield a measurement's values in lower-case text, in the unit of the library.

    A value in a unit that cannot be turned into that one is left out.
    """
    for end in _named(text).get(lab.key, ()):
        piece = text[end : end + _REACH]
        stop = _VALUE_END.search(piece)
        piece = _NOISE.sub(" ", piece[: stop.start()] if stop else piece)
        for number, unit in _VALUE.findall(piece):
            yield from _converted(lab, float(number.replace(",", "")), unit)


def _converted(lab: Lab, number: float, unit: str) -> Iterator[float]:
    unit = unit.replace("μ", "u").replace("µ", "u")
    if lab.key == "temperature":
        yield (number - 32) / 1.8 if number > 60 else number
    elif lab.key == "troponin" and unit == "ng/ml":
        yield number * 1000
    elif not unit and lab.unit == _THOUSANDS and number >= _FEW.get(lab.key, _CELLS):
        yield number / 1000
    elif unit in lab.factors:
        yield number * lab.factors[unit]
    else:
        yield number
