"""Code sets of one encounter side by side: working, final, billed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

KINDS = ("diagnosis", "procedure", "service")


@dataclass(frozen=True)
class Line:
    """One code of a set. `code` is compared without its dot; what is "" or None is not compared."""

    kind: str  # diagnosis | procedure | service
    code: str
    title: str = ""
    sequence: int | None = None
    poa: str = ""
    modifiers: str = ""
    units: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes two lines of different sets the same code."""
        return self.kind, self.code.replace(".", "").upper()


@dataclass(frozen=True)
class CodeSet:
    """One set with its heading, such as "Final, version 2". name: how sentences call it, such as "final"."""

    name: str
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Row:
    """One code with what each set has of it. changes: in words, from each set to the one before it in time."""

    kind: str
    code: str
    title: str
    cells: tuple[Line | None, ...]
    changes: tuple[str, ...]


def compare(sets: Sequence[CodeSet]) -> tuple[Row, ...]:
    """Return one row for each code of any set, in the order of the first set that has it.

    sets: newest first (working, final, billed): a change is told from an older set to the newer one beside it.
    """
    rows: dict[tuple[str, str, int], list[Line | None]] = {}
    for column, one in enumerate(sets):
        for key, line in _numbered(one.lines):
            rows.setdefault(key, [None] * len(sets))[column] = line
    ordered = sorted(rows, key=lambda key: KINDS.index(key[0]))
    return tuple(_row(rows[key], sets) for key in ordered)


def _numbered(lines: Iterable[Line]) -> Iterable[tuple[tuple[str, str, int], Line]]:
    """Yield lines with a key that tells the same code on two lines of one set apart."""
    seen: dict[tuple[str, str], int] = {}
    for line in sorted(lines, key=lambda one: (one.sequence is None, one.sequence or 0)):
        seen[line.key] = seen.get(line.key, 0) + 1
        yield (*line.key, seen[line.key]), line


def _row(cells: Sequence[Line | None], sets: Sequence[CodeSet]) -> Row:
    first = next(one for one in cells if one is not None)
    changes = [
        words
        for newer, older, new_set, old_set in zip(cells, cells[1:], sets, sets[1:], strict=False)
        for words in _changes(newer, older, new_set, old_set)
    ]
    title = next((one.title for one in cells if one is not None and one.title), "")
    return Row(first.kind, first.code, title, tuple(cells), tuple(changes))


def _changes(newer: Line | None, older: Line | None, new_set: CodeSet, old_set: CodeSet) -> Iterable[str]:
    if newer is None and older is None:
        return
    if older is None:
        yield f"not in the {old_set.name} set"
    elif newer is None:
        yield f"in the {old_set.name} set, not in the {new_set.name} one"
    else:
        yield from _differences(newer, older, old_set.name)


def _differences(newer: Line, older: Line, name: str) -> Iterable[str]:
    if newer.poa != older.poa and newer.poa and older.poa:
        yield f"POA {newer.poa}, {name} {older.poa}"
    became = newer.sequence == 1 and older.sequence not in (1, None)
    stopped = older.sequence == 1 and newer.sequence not in (1, None)
    if newer.kind == "diagnosis" and (became or stopped):
        yield f"{'first' if became else 'no longer first'}, {name} number {older.sequence}"
    if sorted(newer.modifiers.split()) != sorted(older.modifiers.split()):
        yield f"modifiers {newer.modifiers or 'none'}, {name} {older.modifiers or 'none'}"
    if newer.units is not None and older.units is not None and newer.units != older.units:
        yield f"{newer.units:g} units, {name} {older.units:g}"


def summary(rows: Iterable[Row]) -> Mapping[str, int]:
    """Return how many codes are the same in all sets, and how many are not."""
    changed = [bool(row.changes) for row in rows]
    return {"same": changed.count(False), "changed": changed.count(True)}
