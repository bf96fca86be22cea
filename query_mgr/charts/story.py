"""A stay in one sentence. It says nothing that the chart does not know. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

_ICU = re.compile(r"\b(?:[cmnpst]{0,2}icu|ccu|intensive|critical care)\b", re.IGNORECASE)
_CLASSES = {
    "inpatient": "Admitted as an inpatient",
    "emergency": "Came to the emergency department",
    "observation": "Placed in observation",
    "ambulatory": "Seen as an outpatient",
}
_MOST_NAMED = 3


@dataclass(frozen=True)
class Happening:
    """Something with a time: a place where the patient was, or a procedure."""

    name: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Stay:
    """What is known of a stay. now: for one that is not over."""

    encounter_class: str
    admitted_at: datetime
    discharged_at: datetime | None
    now: datetime
    reason: str = ""
    service_line: str = ""
    places: Sequence[Happening] = ()
    procedures: Sequence[Happening] = ()
    deceased_at: datetime | None = None


def story(stay: Stay, zone: tzinfo) -> str:
    """Return the stay as one sentence, dates as the hospital's clocks showed them."""
    parts = [_arrival(stay, zone), *_places(stay, zone)]
    if stay.procedures:
        parts.append(_procedures(stay.procedures, zone))
    parts.append(_end(stay, zone))
    return "; ".join(parts) + "."


def _arrival(stay: Stay, zone: tzinfo) -> str:
    text = f"{_CLASSES.get(stay.encounter_class, 'Here')} on {_on(stay.admitted_at, zone)}"
    if stay.service_line:
        text += f" under {stay.service_line}"
    reason = " ".join(stay.reason.split()).rstrip(".;")
    return f"{text} for {reason}" if reason else text


def _places(stay: Stay, zone: tzinfo) -> list[str]:
    """Return the stays in intensive care, and through how many other places the patient went."""
    intensive = [one for one in stay.places if _ICU.search(one.name)]
    parts = [f"{one.name} {_span(one, zone)}" for one in intensive[:_MOST_NAMED]]
    if len(intensive) > _MOST_NAMED:
        parts.append(f"{len(intensive) - _MOST_NAMED} more stays in intensive care")
    others = list(dict.fromkeys(one.name for one in stay.places if one not in intensive))
    if others:
        named = ", ".join(others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED} more places" if len(others) > _MOST_NAMED else ""
        parts.append(f"{'also ' if intensive else ''}in {named}{more}")
    return parts


def _span(one: Happening, zone: tzinfo) -> str:
    if one.end is None:
        return f"from {_on(one.start, zone)}"
    if _on(one.start, zone) == _on(one.end, zone):
        return f"on {_on(one.start, zone)}"
    return f"{_on(one.start, zone)} to {_on(one.end, zone)}"


def _procedures(procedures: Sequence[Happening], zone: tzinfo) -> str:
    first: dict[str, Happening] = {}
    for one in sorted(procedures, key=lambda each: each.start):
        first.setdefault(one.name.casefold(), one)
    named = [f"{one.name} ({_on(one.start, zone)})" for one in list(first.values())[:_MOST_NAMED]]
    left = len(first) - len(named)
    more = f" and {left} more {'procedure' if left == 1 else 'procedures'}" if left else ""
    return ", ".join(named) + more


def _end(stay: Stay, zone: tzinfo) -> str:
    died = stay.deceased_at is not None and stay.deceased_at >= stay.admitted_at
    if stay.discharged_at is None:
        return f"still here on day {_days(stay.admitted_at, stay.now, zone) + 1}"
    if died and stay.deceased_at is not None and stay.deceased_at <= stay.discharged_at:
        return f"died on {_on(stay.deceased_at, zone)}"
    days = _days(stay.admitted_at, stay.discharged_at, zone)
    length = "the same day" if days < 1 else f"after {days} {'day' if days == 1 else 'days'}"
    return f"discharged on {_on(stay.discharged_at, zone)}, {length}"


def _days(start: datetime, end: datetime, zone: tzinfo) -> int:
    return (end.astimezone(zone).date() - start.astimezone(zone).date()).days


def _on(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%b} {local.day}"
