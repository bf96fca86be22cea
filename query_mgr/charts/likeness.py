"""Whether two identities may be one person, and why, in words. Pure: it never decides."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Person:
    """What is known of who somebody is."""

    family_name: str
    given_names: str
    birth_on: date | None
    sex: str
    mrn: str = ""


@dataclass(frozen=True)
class Likeness:
    """How much alike two people are, from 0 to 100, and what speaks for and against it."""

    score: int
    reasons: tuple[str, ...]


def folded(name: str) -> str:
    """Return a name without case, accents, hyphens and blanks: "O'Brien-Núñez" is obriennunez."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def likeness(one: Person, other: Person) -> Likeness | None:
    """Return how alike two people are, or None where family name, birth date or sex differ or nobody knows them."""
    family = folded(one.family_name)
    is_known = family not in ("", folded("(no name)")) and one.birth_on is not None and one.sex != "unknown"
    same = (family, one.birth_on, one.sex) == (folded(other.family_name), other.birth_on, other.sex)
    if not is_known or not same:
        return None
    points, given = _given_names(one.given_names, other.given_names)
    reasons = ["same family name, birth date and sex", given]
    if one.mrn and one.mrn.lstrip("0") == other.mrn.lstrip("0"):
        points += 10
        reasons.append("same number, assigned by another authority")
    return Likeness(min(60 + points, 100), tuple(reasons))


def _given_names(one: str, other: str) -> tuple[int, str]:
    first, second = [folded(name) for name in one.split()], [folded(name) for name in other.split()]
    if not first or not second:
        return 0, "the given name is missing on one side"
    if first == second:
        return 30, "same given names"
    if first[0] == second[0]:
        return 25, "same first given name, the others differ"
    if first[0][:1] == second[0][:1] and 1 in (len(first[0]), len(second[0])):
        return 15, "the given name of one is the initial of the other's"
    return -30, "different given names: twins have the same birth date too"
