"""The demo's clinical scenarios: read from `scenarios/*.yaml`, one YAML document each, and checked on reading.

A gap scenario is a stay whose record leaves something open that a query would ask; a clean one leaves nothing open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from query_mgr.platform import yamls

FOLDER = Path(__file__).parent / "scenarios"


class ScenarioError(ValueError):
    """A scenario file holds something that this module does not know; the message names file and field."""


@dataclass(frozen=True)
class NotePlan:
    """A note besides the attending's own: who writes what, so many hours after admission."""

    hour: float
    by: str  # provider key, or nurse | dietitian | wound_nurse | therapist
    kind: str
    title: str
    sections: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Event:
    """A finding or procedure, so many hours after admission."""

    hour: float
    kind: str  # finding | procedure
    name: str
    value: str = ""
    number: float | None = None
    unit: str = ""
    loinc: str = ""
    is_evidence: bool = False


@dataclass(frozen=True)
class Drug:
    """A medication: day started and day stopped (None: with discharge)."""

    name: str
    dose: str
    first_day: float
    last_day: float | None = None
    is_evidence: bool = False


@dataclass(frozen=True)
class Scenario:
    """One kind of stay. Texts are templates of `notes`; series are one value per day (labs) or half day (vitals)."""

    id: str
    title: str
    service: str  # provider key of the attending, or "hospitalist" for any of them
    reason: str
    hpi: str
    plan: str
    initial_codes: tuple[tuple[str, str], ...]
    template: str = ""  # key of the query template that asks; empty where the library has none, or nothing is open
    encounter_class: str = "inpatient"
    copies: int = 2
    age: tuple[int, int] = (48, 84)
    sex: str = ""
    los: int = 4  # days; 0 = same day
    undocumented: tuple[str, ...] = ()
    final_option: str = ""
    ed: str = ""
    pmh: str = "{None|Noncontributory}."
    home: str = ""
    allergies: str = "No known drug allergies."
    social: str = ""
    exam: str = ""
    progress: tuple[tuple[str, str], ...] = ()
    nursing: Mapping[int, str] | None = None
    notes: tuple[NotePlan, ...] = ()
    diagnoses: str = ""
    course: str = ""
    labs: Mapping[str, tuple[Any, ...]] | None = None
    vitals: Mapping[str, tuple[float, ...]] | None = None
    oxygen: tuple[str, ...] = ("room air",)
    evidence_labs: Mapping[str, tuple[int, ...]] | None = None
    evidence_vitals: Mapping[str, tuple[int, ...]] | None = None
    meds: tuple[Drug, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Whether the record leaves something open."""
        return bool(self.final_option)


_NAMES = {field.name for field in fields(Scenario)}


def _event(raw: Mapping[str, Any]) -> Event:
    values = dict(raw)
    return Event(hour=values.pop("h"), is_evidence=values.pop("ev", False), **values)


def _drug(raw: list[Any]) -> Drug:
    marked = raw[-1] == "ev"
    name, dose, *days = raw[:-1] if marked else raw
    return Drug(name, dose, days[0] if days else 0, days[1] if len(days) > 1 else None, marked)


def _note(raw: Mapping[str, Any]) -> NotePlan:
    return NotePlan(raw["h"], raw["by"], raw["kind"], raw["title"], tuple(raw["s"].items()))


_READERS: dict[str, Any] = {
    "events": lambda raw: tuple(_event(each) for each in raw),
    "meds": lambda raw: tuple(_drug(each) for each in raw),
    "notes": lambda raw: tuple(_note(each) for each in raw),
    "progress": lambda raw: tuple((each[0], each[1]) for each in raw),
    "initial_codes": lambda raw: tuple((code, str(poa)) for code, poa in raw),
    "problems": lambda raw: tuple((code, name) for code, name in raw),
    "labs": lambda raw: {name: tuple(values) for name, values in raw.items()},
    "vitals": lambda raw: {name: tuple(values) for name, values in raw.items()},
    "evidence_labs": lambda raw: {name: tuple(values) for name, values in raw.items()},
    "evidence_vitals": lambda raw: {name: tuple(values) for name, values in raw.items()},
    "age": tuple,
    "undocumented": tuple,
    "oxygen": tuple,
}


def _scenario(raw: Mapping[str, Any], where: str) -> Scenario:
    """Return the scenario of one YAML document. Raises ScenarioError for an unknown, missing or misshapen field."""
    if unknown := set(raw) - _NAMES:
        raise ScenarioError(f"{where}: unknown field {sorted(unknown)[0]!r}; the fields are those of Scenario")
    values: dict[str, Any] = {}
    for name, value in raw.items():
        try:
            values[name] = _READERS[name](value) if name in _READERS else value
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ScenarioError(f"{where}: field {name!r} cannot be read ({error!r})") from error
    try:
        return Scenario(**values)
    except TypeError as error:
        raise ScenarioError(f"{where}: {error}") from error


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return every scenario, in file order. Raises ScenarioError where a file is wrong."""
    found: dict[str, Scenario] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, raw in enumerate(yamls.load_all(path), start=1):
            scenario = _scenario(raw, f"{path.name}, document {number} ({raw.get('id', 'no id')})")
            if scenario.id in found:
                raise ScenarioError(f"{path.name}: the id {scenario.id!r} stands twice")
            found[scenario.id] = scenario
    return tuple(found.values())


#: ids of the scenarios that leave something open
GAP_SCENARIOS: frozenset[str] = frozenset(each.id for each in scenarios() if each.is_gap)
#: gap scenario id -> key of the query template that asks its question; the others are written without a template
SCENARIO_TEMPLATE: dict[str, str] = {each.id: each.template for each in scenarios() if each.template}
