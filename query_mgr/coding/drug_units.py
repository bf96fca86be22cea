"""From the dose that was given to the units that are billed, by the unit that a drug code's descriptor names. Pure.

Source: Medicare Claims Processing Manual, chapter 17, section 10 (units are multiples of the descriptor's dose, rounded
up), section 40 (discarded drugs: JW, and JZ on claims since 1 July 2023).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

SOURCE = "Medicare Claims Processing Manual, chapter 17, sections 10 and 40"
JZ_REQUIRED_FROM = date(2023, 7, 1)
_THOUSAND, _MILLION = Fraction(1000), Fraction(1_000_000)
#: how a unit is written -> what it measures, and how many of the smallest unit it is
_UNITS: dict[str, tuple[str, Fraction]] = {
    "mcg": ("mass", Fraction(1)),
    "mg": ("mass", _THOUSAND),
    "g": ("mass", _MILLION),
    "ml": ("volume", Fraction(1)),
    "l": ("volume", _THOUSAND),
    "unit": ("activity in units", Fraction(1)),
    "meq": ("equivalents", Fraction(1)),
    "mci": ("radioactivity", _THOUSAND),
    "uci": ("radioactivity", Fraction(1)),
    "mmol": ("amount of substance", Fraction(1)),
    "sqcm": ("area", Fraction(1)),
    "dose": ("doses", Fraction(1)),
    "vial": ("vials", Fraction(1)),
    "treatment": ("treatments", Fraction(1)),
    "cell": ("cells", Fraction(1)),
}
_SPELLED = {
    "mcg": r"mcg|ug|micrograms?|µg|μg",
    "mg": r"mgs?|milligrams?",
    "g": r"gms?|grams?|g",
    "ml": r"mls?|milliliters?|cc",
    "l": r"liters?|l",
    "unit": r"(?:(?:international|usp|u\.s\.p\.|fda|amb?|antigen|ctlx|factor\s+\S+|bioequivalent|allergen(?:ic)?)\s+)?units?"
    r"|i\.?\s?u\.?|iu|u",
    "meq": r"meq|milliequivalents?",
    "mci": r"mci|millicuries?",
    "uci": r"uci|microcuries?",
    "mmol": r"mmol|millimoles?",
    "sqcm": r"square\s+(?:centimeters?|cm)|sq\.?\s*(?:cm|centimeters?)|cm2",
    "vial": r"(?:single[- ](?:dose|use)\s+)?vials?",
    "dose": r"(?:(?:study|therapeutic|treatment|unit|single)\s+)?doses?",
    "treatment": r"(?:(?:complete|therapeutic)\s+)?treatments?",
    "cell": r"(?:[a-z0-9+-]+\s+)*cells?",
}
_TIMES = {"million": _MILLION, "billion": Fraction(10**9), "thousand": _THOUSAND}
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+"
_ANY_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _SPELLED.items())
_AMOUNT = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<times>million|billion|thousand)?\s*(?:{_ANY_UNIT})(?![a-z0-9])", re.IGNORECASE
)
_PER_ONE = re.compile(rf"\b(?:per|each)\s+(?:{_ANY_UNIT})(?![a-z0-9/])", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\((?P<inside>[^()]*)\)")
#: what stands behind an amount that is not the billing unit: a strength or the size of what holds the drug
_STRENGTH = re.compile(
    r"\s*(?:/|per\s+ml\b|per\s+vial\b|(?:of\s+)?(?:iodine|elemental)\b|single|vial|strength|tablet)", re.IGNORECASE
)


#: a code for a range of doses, or for one piece: its unit is no amount
_RANGE = re.compile(r"\b(?:less|greater|more) than\b|,\s*each\s*$|\bper 24 hours\b", re.IGNORECASE)


class UnitError(ValueError):
    """A dose that cannot be turned into units: unreadable, or measured otherwise than the code's unit."""


@dataclass(frozen=True)
class Amount:
    """So much of something, in the smallest unit of what it measures."""

    quantity: Fraction
    measures: str
    written: str

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True)
class Billing:
    """What is billed for one drug: units given, units discarded, and the modifier of the first line (JZ or none)."""

    given: int
    discarded: int
    modifier: str

    @property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """The lines of the claim: units and modifier of each."""
        first = (self.given, self.modifier)
        return (first, (self.discarded, "JW")) if self.discarded else (first,)


@lru_cache(maxsize=4096)  # descriptors come again with every encounter
def billing_unit(descriptor: str) -> Amount | None:
    """Return the amount that one unit of a drug code stands for, or None where its descriptor does not say it plainly.

    "Injection, ondansetron hydrochloride, per 1 mg" -> 1 mg; "(500 ml = 1 unit)" -> 500 ml; "up to 20 mg" -> 20 mg.
    The last amount counts, other than of strengths and of what is said in brackets. Two drugs in one code, each with
    an amount of its own, have a single unit only where the descriptor gives their sum: "7.5 mg/2.5 mg (10 mg)".
    """
    if found := re.search(r"\(([^()]*?)\s*=\s*1\s+unit\)", descriptor, re.IGNORECASE):
        return _first(found[1])
    text = _IN_BRACKETS.sub(" ", descriptor)
    if _RANGE.search(text):
        return None
    if _names_two_drugs(text):
        return _sum_in_brackets(descriptor, text)
    amounts = [one for one in _amounts(text) if not _STRENGTH.match(text, one[1])]
    if amounts:
        return amounts[-1][0]
    if ones := list(_PER_ONE.finditer(text)):
        return _amount(ones[-1], Fraction(1))
    return None


def amount(text: str) -> Amount:
    """Return a dose as somebody wrote it: "4 mg", "0.5 ml", "1,000 units", "0". Raises UnitError where it is none."""
    plain = text.strip()
    found = _AMOUNT.fullmatch(plain)
    if found is not None:
        return _amount(found, _quantity(found))
    if re.fullmatch(r"0+(?:\.0+)?|none", plain, re.IGNORECASE):
        return Amount(Fraction(0), "", plain)
    raise UnitError(f"{plain[:30]!r} is no dose; write a number and its unit, such as 4 mg")


def units_of(given: Amount, discarded: Amount | None, unit: Amount, served_on: date) -> Billing:
    """Return the units to bill for what was given and, of a single-dose container, discarded.

    given and discarded as `amount` reads them, `unit` as `billing_unit` does. What was given is rounded up to the next
    unit. Of what was discarded only whole units beyond that rounding are billed, with JW: the rounding has paid for
    the rest of the unit. With nothing to bill as discarded, JZ says so on days since 1 July 2023; where nobody said what
    was discarded (None), the container is not known to hold a single dose, and neither is asked for.
    Raises UnitError for amounts that are measured otherwise than the unit.
    """
    units = math.ceil(_ratio(given, unit))
    if units < 1:
        raise UnitError("nothing was given: what was not given is not billed without a dose")
    if discarded is None:
        return Billing(units, 0, "")
    rest = _ratio(given, unit) + _ratio(discarded, unit) - units
    wasted = max(0, math.floor(rest))
    return Billing(units, wasted, "JZ" if not wasted and served_on >= JZ_REQUIRED_FROM else "")


def _ratio(one: Amount, unit: Amount) -> Fraction:
    if one.quantity == 0:
        return Fraction(0)
    if one.measures != unit.measures:
        raise UnitError(f"{one} is measured in {one.measures}, and the code's unit is {unit} ({unit.measures})")
    return one.quantity / unit.quantity


def _names_two_drugs(text: str) -> bool:
    """Return whether amounts are joined by "and", "/" or "with": acetaminophen 10 mg and ibuprofen 3 mg."""
    found = list(_AMOUNT.finditer(text))
    return any(
        re.search(r"\b(?:and|with|plus)\b|^\s*/", text[one.end() : two.start()], re.IGNORECASE)
        for one, two in pairwise(found)
    )


def _sum_in_brackets(descriptor: str, text: str) -> Amount | None:
    """Return the amount in brackets that is the sum of those outside, or None."""
    outside = [one for one, _ in _amounts(text)]
    inside = [one for found in _IN_BRACKETS.finditer(descriptor) for one, _ in _amounts(found["inside"])]
    total = sum(one.quantity for one in outside)
    same = len({one.measures for one in [*outside, *inside]}) == 1
    return next((one for one in inside if same and one.quantity == total), None)


def _amounts(text: str) -> Iterator[tuple[Amount, int]]:
    """Yield each amount of a text and where it ends."""
    for found in _AMOUNT.finditer(text):
        yield _amount(found, _quantity(found)), found.end()


def _first(text: str) -> Amount | None:
    return next((one for one, _ in _amounts(text)), None)


def _quantity(found: re.Match[str]) -> Fraction:
    number = Fraction(found["number"].replace(",", ""))
    return number * _TIMES.get((found["times"] or "").lower(), Fraction(1))


def _amount(found: re.Match[str], number: Fraction) -> Amount:
    name = next(name for name in _SPELLED if found[name] is not None)
    measures, size = _UNITS[name]
    return Amount(number * size, measures, " ".join(found[0].split()))
