"""The diagnoses of a case, found by the beginning of their code, and the checks that are built on that. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.registry import Hit, hit
from query_mgr.platform import yamls

Prefixes = frozenset[str]
Check = Callable[[Case], Iterable[Hit]]

_NONE: Prefixes = frozenset()
_RANGE = re.compile(r"([A-Z])([0-9A][0-9AB])-([A-Z])([0-9A][0-9AB])")
_TABLES = Path(__file__).parent / "tables"


def codes(*written: str) -> Prefixes:
    """Return beginnings of codes: "I50" and "E11.2" as they stand, "C00-C96" as every category between."""
    found: set[str] = set()
    for one in written:
        between = _RANGE.fullmatch(one)
        found.update(_categories(*between.groups()) if between else [one])
    return frozenset(found)


def _categories(first: str, low: str, last: str, high: str) -> Iterator[str]:
    letters = [chr(at) for at in range(ord(first), ord(last) + 1)]
    tails = [a + b for a in "0123456789A" for b in "0123456789AB"]
    return (
        letter + tail for letter in letters for tail in tails if first + low <= letter + tail <= last + high
    )  # fmt: skip


@cache
def table(name: str) -> Any:
    """Return the content of `tables/NAME.yaml`."""
    return yamls.load(_TABLES / f"{name}.yaml")


class Claim:
    """An index of a case's diagnoses: every beginning of every code, in the order of the claim."""

    __slots__ = ("at", "diagnoses", "index")

    def __init__(self, diagnoses: tuple[Diagnosis, ...]) -> None:
        self.diagnoses = diagnoses
        self.at = {id(one): place for place, one in enumerate(diagnoses)}
        self.index: dict[str, list[Diagnosis]] = {}
        for one in diagnoses:
            for length in range(1, len(one.code) + 1):
                self.index.setdefault(one.code[:length], []).append(one)

    def under(self, prefixes: Prefixes) -> list[Diagnosis]:
        """Return the diagnoses whose code begins with one of `prefixes`, in the order of the claim."""
        met = prefixes & self.index.keys()
        if len(met) == 1:
            return self.index[next(iter(met))]
        found = {id(one): one for prefix in met for one in self.index[prefix]}
        return sorted(found.values(), key=lambda one: self.at[id(one)])

    def first(self, prefixes: Prefixes) -> Diagnosis | None:
        """Return the first of `under`, or None."""
        return next(iter(self.under(prefixes)), None)

    def has(self, prefixes: Prefixes) -> bool:
        """Return whether a code begins with one of `prefixes`."""
        return not self.index.keys().isdisjoint(prefixes)

    def is_before(self, one: Diagnosis, other: Diagnosis) -> bool:
        """Return whether `one` stands before `other`."""
        return self.at[id(one)] < self.at[id(other)]


#: the case that was asked about last with its index: all edits look at one case before the next
_latest: tuple[tuple[Diagnosis, ...], Claim] = ((), Claim(()))


def claim_of(case: Case) -> Claim:
    """Return the index of a case, made once for all edits that look at it."""
    global _latest
    seen, claim = _latest
    if seen is not case.diagnoses:
        claim = Claim(case.diagnoses)
        _latest = (case.diagnoses, claim)
    return claim


def pair(one: Prefixes, other: Prefixes, message: str, *, unless: Prefixes = _NONE, place: str = "") -> Check:
    """Return a check that finds codes of `one` and `other` together and none of `unless`.

    message: with {0} for the code of `one`, {1} for the code of `other`. One hit: the first of each.
    """

    def check(case: Case) -> Iterator[Hit]:
        claim = claim_of(case)
        if claim.has(other) and claim.has(one) and not claim.has(unless):
            line, second = claim.under(one)[0], claim.under(other)[0]
            if second is not line:
                yield hit(line, message.format(line.code, second.code), place, second.code)

    return check


def alone(one: Prefixes, wanted: Prefixes, message: str, *, place: str = "add") -> Check:
    """Return a check that finds each code of `one` on a claim without any of `wanted`; {0} is its code."""

    def check(case: Case) -> Iterator[Hit]:
        claim = claim_of(case)
        if claim.has(one) and not claim.has(wanted):
            for line in claim.under(one):
                yield hit(line, message.format(line.code), place)

    return check


def not_first(one: Prefixes, message: str) -> Check:
    """Return a check that finds a code of `one` as principal or first-listed diagnosis; {0} is its code."""

    def check(case: Case) -> Iterator[Hit]:
        principal = case.principal
        if principal is not None and principal in claim_of(case).under(one):
            yield hit(principal, message.format(principal.code), "sequence")

    return check


def each(*checks: Check) -> Check:
    """Return a check that finds what any of `checks` finds."""
    return lambda case: (found for check in checks for found in check(case))


class Rows:
    """The rows of a table, found by the codes under one of their keys, so that a claim asks few of them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], key: str, *others: str) -> None:
        """Index `rows` by `key`; `others` are the further keys that hold codes, "" where a row lacks one."""
        self._rows = [(prefixes_of(row, key), *(prefixes_of(row, other) for other in others)) for row in rows]
        self._words = [dict(row) for row in rows]
        self._at: dict[str, list[int]] = {}
        for number, (first, *_) in enumerate(self._rows):
            for prefix in first:
                self._at.setdefault(prefix, []).append(number)

    def on(self, claim: Claim) -> Iterator[tuple[Mapping[str, Any], tuple[Prefixes, ...]]]:
        """Yield each row whose codes are on the claim, with the codes of its keys, in the order of the table."""
        met = self._at.keys() & claim.index.keys()
        for number in sorted({number for prefix in met for number in self._at[prefix]}) if met else ():
            yield self._words[number], self._rows[number]


def pairs(rows: Rows, message: str) -> Check:
    """Return `pair` for every row of a table whose keys are two codes that stand together and what makes it right.

    message: with {0} and {1} for the codes, {meant} for what the row says.
    """

    def check(case: Case) -> Iterator[Hit]:
        claim = claim_of(case)
        for row, (one, other, unless) in rows.on(claim):
            if claim.has(other) and not claim.has(unless):
                line, second = claim.under(one)[0], claim.under(other)[0]
                if second is not line:
                    yield hit(line, message.format(line.code, second.code, meant=row["meant"]), "", second.code)

    return check


def prefixes_of(row: Mapping[str, Any], key: str) -> Prefixes:
    """Return the codes of a table's row under `key`: one, or a list."""
    written = row.get(key, ())
    return codes(*([written] if isinstance(written, str) else written))
