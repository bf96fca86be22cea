"""Services of one patient against the edits of the National Correct Coding Initiative. Pure.

Source: National Correct Coding Initiative Policy Manual for Medicare Services, chapter I, sections E (modifiers and
modifier indicators), R and W (add-on codes) and V (medically unlikely edits).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

MANUAL = "NCCI Policy Manual for Medicare Services, chapter I"
#: modifiers that may set aside a pair whose indicator is 1 (chapter I, section E)
ANATOMIC = frozenset(
    {"E1", "E2", "E3", "E4", "LT", "RT", "LC", "LD", "LM", "RC", "RI", "FA", "TA"}
    | {f"{side}{digit}" for side in "FT" for digit in range(1, 10)}
)
GLOBAL_SURGERY = frozenset({"24", "25", "57", "58", "78", "79"})
OTHERS = frozenset({"27", "59", "91", "XE", "XS", "XP", "XU"})
BYPASSING = ANATOMIC | GLOBAL_SURGERY | OTHERS
_SETTINGS = {"facility": "hospital", "professional": "practitioner"}


@dataclass(frozen=True)
class ServiceLine:
    """One service of a claim. `units` may be a fraction; `provider` is whoever bills it; `claim` says on which form."""

    ref: str
    code: str
    modifiers: tuple[str, ...]
    units: float
    service_on: date
    provider: str
    claim: str  # facility | professional

    @property
    def setting(self) -> str:
        """Which of CMS's tables judges the line."""
        return _SETTINGS[self.claim]


@dataclass(frozen=True)
class Pair:
    """A pair of codes and the days on which it holds, both included."""

    column1: str
    column2: str
    modifier: int  # 0: never together; 1: with a modifier, where it is right; 9: no longer applies
    setting: str  # practitioner | hospital
    since: date
    until: date
    rationale: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class UnitLimit:
    """The most units of a code, and the days on which it holds, both included."""

    code: str
    units: int
    indicator: int  # 1: per claim line; 2: per day, absolute; 3: per day, may be appealed
    setting: str  # practitioner | hospital | dme
    since: date
    until: date
    rationale: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class AddOn:
    """A code that goes with another, and one code that it goes with; "" where the contractor defines them."""

    code: str
    type: int  # 1: only with the listed; 2: the contractor lists them; 3: some listed, the contractor adds more
    primary: str
    since: date
    until: date
    is_sample: bool = False


@dataclass(frozen=True)
class Tables:
    """What may hold for the service lines of an encounter: edits, and why modifiers cannot be reported on a day."""

    pairs: tuple[Pair, ...] = ()
    limits: tuple[UnitLimit, ...] = ()
    addons: tuple[AddOn, ...] = ()
    wrong_modifiers: Mapping[tuple[str, date], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Conflict:
    """Two lines of a pair. `bypassed_by` are the modifiers that set it aside; empty: column 2 is denied."""

    column1: ServiceLine
    column2: ServiceLine
    pair: Pair
    bypassed_by: tuple[str, ...]

    @property
    def is_denied(self) -> bool:
        """Whether the column 2 code is denied."""
        return not self.bypassed_by


@dataclass(frozen=True)
class TooManyUnits:
    """Lines of one code that together, or alone where the limit is per line, have more units than the limit."""

    lines: tuple[ServiceLine, ...]
    units: float
    limit: UnitLimit


@dataclass(frozen=True)
class Alone:
    """An add-on code without a code that it goes with.

    `is_certain` is False where a contractor may accept what is there, or where a primary stands on another day.
    """

    line: ServiceLine
    type: int
    primaries: tuple[str, ...]
    on_another_day: tuple[ServiceLine, ...]
    is_certain: bool
    is_sample: bool = False


def ptp_conflicts(lines: Sequence[ServiceLine], pairs: Iterable[Pair]) -> list[Conflict]:
    """Return every pair of codes that one provider reports for the patient on one day.

    With indicator 0 nothing sets the edit aside. With 1 an NCCI-associated modifier on either of the two codes does,
    and the chart must show why; 76, 77, 22 and the like do not. With 9 there is no edit any more. On a facility claim
    all lines are the facility's.
    Source: NCCI Policy Manual, chapter I, section E; Claims Processing Manual, chapter 23, section 20.9.
    """
    found = list[Conflict]()
    by_codes = defaultdict[tuple[str, str], list[Pair]](list)
    for pair in pairs:
        if pair.modifier != 9:
            by_codes[pair.column1, pair.column2].append(pair)
    for group in _together(lines):
        for first in group:
            for second in group:
                held = by_codes.get((first.code, second.code), ()) if first is not second else ()
                one = next((pair for pair in held if _holds(pair, first)), None)
                if one is not None:
                    found.append(Conflict(first, second, one, _bypassing(one, first, second)))
    return found


def mue_exceeded(lines: Sequence[ServiceLine], limits: Iterable[UnitLimit]) -> list[TooManyUnits]:
    """Return where more units of a code are reported than the medically unlikely edits allow.

    Indicator 1: each claim line alone. Indicators 2 and 3: all lines of the code, whatever their modifiers, of one
    provider on one day; 2 is absolute, 3 is denied and may be appealed with documentation.
    Source: NCCI Policy Manual, chapter I, section V.
    """
    by_code = defaultdict[str, list[UnitLimit]](list)
    for limit in limits:
        by_code[limit.code].append(limit)
    found = list[TooManyUnits]()
    for group in _together(lines):
        for code in dict.fromkeys(line.code for line in group):
            same = tuple(line for line in group if line.code == code)
            held = next((one for one in by_code.get(code, ()) if _holds(one, same[0])), None)
            if held is not None:
                found += _over(same, held)
    return found


def addon_without_primary(lines: Sequence[ServiceLine], addons: Iterable[AddOn]) -> list[Alone]:
    """Return the add-on codes of which the same provider reports no primary code on the same day.

    Type 1: one of the listed codes must be there. Type 2: the contractor defines them, so that any other code may
    be one, and only an add-on with nothing else is certainly alone. Type 3: some are listed; another code is
    possible. Source: NCCI Policy Manual, chapter I, sections R and W.
    """
    by_code = defaultdict[str, list[AddOn]](list)
    for addon in addons:
        by_code[addon.code].append(addon)
    found = list[Alone]()
    for group in _together(lines):
        for line in group:
            held = [one for one in by_code.get(line.code, ()) if one.since <= line.service_on <= one.until]
            if held and (alone := _alone(line, held, group, lines, by_code.keys())):
                found.append(alone)
    return found


def _together(lines: Iterable[ServiceLine]) -> Iterator[list[ServiceLine]]:
    """Yield the lines of one provider on one day: on a facility claim the facility is the provider."""
    groups = defaultdict[tuple[str, str, date], list[ServiceLine]](list)
    for line in lines:
        whose = line.provider if line.claim == "professional" else ""
        groups[line.claim, whose, line.service_on].append(line)
    yield from groups.values()


def _holds(edit: Pair | UnitLimit, line: ServiceLine) -> bool:
    return edit.setting == line.setting and edit.since <= line.service_on <= edit.until


def _bypassing(pair: Pair, *lines: ServiceLine) -> tuple[str, ...]:
    if pair.modifier != 1:
        return ()
    return tuple(dict.fromkeys(one for line in lines for one in line.modifiers if one in BYPASSING))


def _over(same: tuple[ServiceLine, ...], limit: UnitLimit) -> Iterator[TooManyUnits]:
    if limit.indicator == 1:
        for line in same:
            if line.units > limit.units:
                yield TooManyUnits((line,), line.units, limit)
    elif (total := sum(line.units for line in same)) > limit.units:
        yield TooManyUnits(same, total, limit)


def _alone(
    line: ServiceLine, held: Sequence[AddOn], group: Sequence[ServiceLine], lines: Sequence[ServiceLine],
    addon_codes: Iterable[str],
) -> Alone | None:  # fmt: skip
    listed = {one.primary for one in held} - {""}
    others = {other.code for other in group} - {line.code}
    kind = held[0].type
    if others & listed:
        return None
    may_be_primary = bool(others - set(addon_codes)) and kind != 1
    if kind == 2 and may_be_primary:
        return None
    elsewhere = tuple(
        other for other in lines
        if other.code in listed and other.service_on != line.service_on and other.claim == line.claim
        and (line.claim == "facility" or other.provider == line.provider)
    )  # fmt: skip
    is_certain = not may_be_primary and not elsewhere
    return Alone(line, kind, tuple(sorted(listed)), elsewhere, is_certain, any(one.is_sample for one in held))
