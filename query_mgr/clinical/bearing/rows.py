"""The table: of each diagnosis what shows it and what speaks against it, read once from the files of this folder.

A row of a file:

    hypernatremia:
      of: [hypernatremia]                     # diagnoses it is about; its own id where neither this nor `says` stands
      says: 'chronic'                         # words the answer must hold as well (a regular expression)
      shows: [sodium > 145 mmol/L]            # told, it speaks for the diagnosis
      against: [sodium < 140 mmol/L]          # told while nothing of `shows` is, it speaks against the diagnosis
      hints: [free water]                     # speaks for the diagnosis while nothing speaks against it
      axis: true                              # about what narrows a diagnosis: silence leaves it open
      source: "…"                             # whose criteria

Where nothing of all that is told, nothing points to the diagnosis. A sign is a threshold of labs.yaml ("sodium > 145 mmol/L", "egfr 30 to 59 mL/min/1.73m2"), a list of shared.yaml
("=fever"), or a regular expression over lower-case text that stands at the start of a word.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from query_mgr.clinical.labs import labs
from query_mgr.platform import yamls

FOLDER = Path(__file__).parent
_SHARED = "shared"
_FIELDS = frozenset({"of", "says", "shows", "hints", "against", "axis", "source"})
_NUMBER = r"-?\d+(?:\.\d+)?"
_LEVEL = re.compile(rf"(\w+) (<=|>=|<|>) ({_NUMBER}) (\S+)")
_RANGE = re.compile(rf"(\w+) ({_NUMBER}) to ({_NUMBER}) (\S+)")
_INFINITE = float("inf")


@dataclass(frozen=True)
class Level:
    """Values of a measurement from `low` to `high`, in the unit of labs.yaml; the ends belong to it where `closed`."""

    lab: str
    low: float
    high: float
    closed: bool

    def holds(self, value: float) -> bool:
        """Say whether a value lies in it."""
        return self.low <= value <= self.high if self.closed else self.low < value < self.high


@dataclass(frozen=True)
class Signs:
    """What may be told: values, or words by a regular expression (None for none)."""

    levels: tuple[Level, ...]
    words: re.Pattern[str] | None


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    id: str
    of: frozenset[str]
    says: re.Pattern[str] | None
    shows: Signs
    hints: Signs
    against: Signs
    is_axis: bool
    source: str


@dataclass(frozen=True)
class Table:
    """The rows by the diagnosis they are about, and those that any answer may call up by its words."""

    of: Mapping[str, tuple[Row, ...]]
    by_words: tuple[Row, ...]


@functools.cache
def rows() -> Table:
    """Return the table. Raises ValueError naming file, row and field of what cannot be used."""
    return _table(read(FOLDER))


def read(folder: Path) -> tuple[Row, ...]:
    """Return the rows of every file in a folder. Raises ValueError naming file, row and field of what cannot be used."""
    shared: Mapping[str, list[str]] = yamls.load(folder / f"{_SHARED}.yaml")
    found: dict[str, Row] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.stem == _SHARED:
            continue
        for key, raw in yamls.load(path).items():
            if key in found:
                raise ValueError(f"{path.name}: {key} stands twice")
            found[key] = _row(key, raw, shared, f"{path.name}: {key}")
    return tuple(found.values())


def _table(all_rows: tuple[Row, ...]) -> Table:
    of: dict[str, list[Row]] = defaultdict(list)
    for row in all_rows:
        for concept in row.of:
            of[concept].append(row)
    return Table(
        {concept: tuple(some) for concept, some in of.items()}, tuple(row for row in all_rows if not row.of)
    )


def _row(key: str, raw: Any, shared: Mapping[str, list[str]], place: str) -> Row:
    if unknown := set(raw) - _FIELDS:
        raise ValueError(f"{place}: {', '.join(sorted(unknown))} is no field of a row")
    if not raw.get("source"):
        raise ValueError(f"{place}: source is missing")
    says = raw.get("says")
    of = raw.get("of", [] if says else [key])
    return Row(
        id=key,
        of=frozenset(of),
        says=_pattern([says], place, "says") if says else None,
        shows=_signs(raw.get("shows", []), shared, f"{place}: shows"),
        hints=_signs(raw.get("hints", []), shared, f"{place}: hints"),
        against=_signs(raw.get("against", []), shared, f"{place}: against"),
        is_axis=bool(raw.get("axis", False)),
        source=raw["source"],
    )


def _signs(items: list[str], shared: Mapping[str, list[str]], place: str) -> Signs:
    levels, words = [], []
    for item in _spelled_out(items, shared, place):
        level = _level(item, place)
        if level:
            levels.append(level)
        else:
            words.append(item)
    return Signs(tuple(levels), _pattern(words, place, "a sign") if words else None)


def _spelled_out(items: list[str], shared: Mapping[str, list[str]], place: str) -> Iterator[str]:
    for item in map(str, items):
        if item.startswith("="):
            if item[1:] not in shared:
                raise ValueError(f"{place}: {item} is no list of shared.yaml")
            yield from _spelled_out(shared[item[1:]], shared, place)
        else:
            yield item


def _level(item: str, place: str) -> Level | None:
    """Return a threshold in the unit of labs.yaml, None for a sign in words."""
    if found := _LEVEL.fullmatch(item):
        lab, op, value, unit = found.groups()
        low, high = (float(value), _INFINITE) if ">" in op else (-_INFINITE, float(value))
        level = Level(lab, low, high, closed="=" in op)
    elif found := _RANGE.fullmatch(item):
        lab, least, most, unit = found.groups()
        level = Level(lab, float(least), float(most), closed=True)
    else:
        return None
    known = labs().get(lab)
    if known is None or known.unit != unit:
        raise ValueError(f"{place}: {item!r} names {lab if known is None else unit}, which labs.yaml does not")
    return level


def _pattern(words: list[str], place: str, what: str) -> re.Pattern[str]:
    try:
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})") if what != "says" else re.compile(words[0])
    except re.error as wrong:
        raise ValueError(f"{place}: {what} is no regular expression: {wrong}") from None
