"""Modifiers of one service line: what cannot stand together, and what does not belong on such a line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from query_mgr.coding.ncci.rules import MANUAL

_CLAIMS = "Medicare Claims Processing Manual"
_LEFT = frozenset({"LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"})
_RIGHT = frozenset({"RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"})
_VISIT_ONLY = ("24", "25", "57")
#: codes that are surely no visit: anesthesia, surgery, radiology and laboratory of CPT; goods and drugs of HCPCS
_NO_VISIT = re.compile(r"[0-8]\d{3}[0-9A-Z]|[ABCEJKLPQRV]\d{4}", re.ASCII)
_FACILITY_ONLY = ("73", "74")
_SURGERY_CENTER = "24"  # bills on the professional form, and may use them
_FIRST_NUMBER = 22
_OF_MEASURES = ("1P", "2P", "3P", "8P")
#: chapters whose codes have a side that a service has, too: eye and ear, skin, muscles and bones, injuries, breast
_SIDED = re.compile(r"[HLMS]|C50|D05|N6[0-4]")
_SIDE = re.compile(r"\b(left|right|bilateral)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Contradiction:
    """Modifiers of which the first set does not stand on one line with the second."""

    one: frozenset[str]
    other: frozenset[str]
    why: str
    source: str


CONTRADICTIONS = (
    Contradiction(frozenset({"50"}), frozenset({"LT", "RT"}), "50 says that both sides were done, LT and RT one side",
                  f"{_CLAIMS}, chapter 4, section 20.6.2"),
    Contradiction(frozenset({"26"}), frozenset({"TC"}),
                  "each stands for a part of the service; the whole is billed with neither",
                  f"{_CLAIMS}, chapter 13, sections 20.1 and 20.2"),
    Contradiction(frozenset({"59"}), frozenset({"XE", "XP", "XS", "XU"}),
                  "XE, XP, XS and XU are narrower forms of 59, and a line takes one of them",
                  "CMS, MLN Matters MM8863"),
    Contradiction(frozenset({"JW"}), frozenset({"JZ"}), "JW bills what was discarded, JZ says that nothing was",
                  f"{_CLAIMS}, chapter 17, section 40"),
    Contradiction(frozenset({"GA"}), frozenset({"GZ"}), "GA says that a notice was signed, GZ that none was",
                  f"{_CLAIMS}, chapter 30, section 50"),
    Contradiction(frozenset({"73"}), frozenset({"74"}), "73 is before anesthesia began, 74 after it",
                  f"{_CLAIMS}, chapter 4, section 20.6.4"),
    Contradiction(frozenset({"76"}), frozenset({"77"}), "76 is a repeat by the same practitioner, 77 by another",
                  f"{_CLAIMS}, chapter 4, section 20.6.5"),
)  # fmt: skip


@dataclass(frozen=True)
class Misuse:
    """What is wrong with the modifiers of a line: which, why, and the rule."""

    modifiers: tuple[str, ...]
    text: str
    source: str


def never_one(word: str) -> str:
    """Return why no list has such a modifier, "" where one may.

    Numbers of CPT begin with 22; of those that begin with a digit and end in a letter there are four, for measures of
    quality. All others of two letters, or a letter and a digit, are judged by the list that is loaded.
    """
    if word.isdecimal() and int(word) < _FIRST_NUMBER:
        return f"no modifier has a number below {_FIRST_NUMBER}"
    if word[0].isdecimal() and not word[1].isdecimal() and word not in _OF_MEASURES:
        return f"no modifier is written like it but {', '.join(_OF_MEASURES)}; was a number meant?"
    return ""


def repeated(modifiers: Sequence[str]) -> tuple[str, ...]:
    """Return the modifiers that stand on a line more than once."""
    return tuple(dict.fromkeys(one for one in modifiers if modifiers.count(one) > 1))


def contradictions(modifiers: Iterable[str]) -> Iterator[Misuse]:
    """Yield the modifiers of a line that contradict each other.

    LT with RT is no contradiction: some payers take both sides of equipment on one line.
    """
    there = frozenset(modifiers)
    for rule in CONTRADICTIONS:
        if there & rule.one and (others := there & rule.other):
            found = (*sorted(rule.one), *sorted(others))
            yield Misuse(found, f"{' with '.join(found)}: {rule.why}", rule.source)
    if len(there & {"LT", "RT"}) == 1:
        side, opposite = ("LT", _RIGHT) if "LT" in there else ("RT", _LEFT)
        if against := sorted(there & opposite):
            text = f"{side} with {', '.join(against)}: the second names the other side"
            yield Misuse((side, *against), text, f"{_CLAIMS}, chapter 4, section 20.6.3")


def misplaced(code: str, modifiers: Iterable[str], claim: str, place: str = "") -> Iterator[Misuse]:
    """Yield modifiers that do not belong on such a line: those of visits on what is none, the facility's elsewhere.

    claim: facility or professional. place: place of service, "24" an ambulatory surgery center.
    """
    for one in modifiers:
        if one in _VISIT_ONLY and _NO_VISIT.fullmatch(code):
            text = f"{one} belongs on an evaluation and management service, and {code} is none"
            yield Misuse((one,), text, f"{MANUAL}, sections D and E")
        if one in _FACILITY_ONLY and claim == "professional" and place != _SURGERY_CENTER:
            text = f"{one} is for facilities; a practitioner who stops a procedure reports 53"
            yield Misuse((one,), text, f"{_CLAIMS}, chapter 4, section 20.6.4")


def side_of(modifiers: Iterable[str]) -> str:
    """Return the side that the modifiers of a line name: left, right, or "" where none or both."""
    there = frozenset(modifiers)
    if bool(there & _LEFT) == bool(there & _RIGHT):
        return ""
    return "left" if there & _LEFT else "right"


def wrong_side(modifiers: Sequence[str], diagnoses: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the side of a line's modifiers and the code of a linked diagnosis of the other side, or None.

    diagnoses: code and title. Only where all linked diagnoses that have a side have the other one.
    Source: ICD-10-CM Official Guidelines, section I.B.13 (laterality).
    """
    side = side_of(modifiers)
    sided = [(code, _side_in(title)) for code, title in diagnoses if _SIDED.match(code)]
    named = [(code, found) for code, found in sided if found]
    if not side or not named or any(found in (side, "bilateral") for _, found in named):
        return None
    return side, named[0][0]


def _side_in(title: str) -> str:
    """Return the side that a title names; "" where none, bilateral where both."""
    found = {word.lower() for word in _SIDE.findall(title)}
    return "bilateral" if len(found) > 1 else next(iter(found), "")
