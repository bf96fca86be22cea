"""Where a patient lay during a stay, from its admissions and transfers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from query_mgr.charts.records import FactRecord


@dataclass(frozen=True)
class Step:
    """One event of a stay that bears on where the patient is; event: of events.ADT."""

    event: str
    at: datetime
    unit: str


def locations_of(
    steps: list[Step], visit_key: str, patient_key: str, *, is_cancelled: bool
) -> tuple[FactRecord, ...]:
    """Return the units of a stay as facts that end where the next begins.

    steps: in the order of events. An arrival that was cancelled, or in the unit where the patient lay already, stays
    as a cancelled fact: which facts there are depends on no order of coming.
    """
    every: dict[str, FactRecord] = {}
    arrivals: list[str] = []  # keys, the last being where the patient is
    ended: datetime | None = None
    for one in steps:
        match one.event:
            case "admit" | "transfer" if one.unit:
                key = f"{visit_key}|PV1-3|{one.at:%Y%m%d%H%M%S}|{one.unit}"[:200]
                every.setdefault(key, _location(key, one, visit_key, patient_key))
                arrivals.append(key)
                ended = None
            case "untransfer" if len(arrivals) > 1:
                arrivals.pop()
            case "discharge":
                ended = one.at
            case "undischarge":
                ended = None
    path = [] if is_cancelled else _without_beds(arrivals, every)
    ends = [every[key].observed_at for key in path[1:]] + [ended]
    for key, end in zip(path, ends, strict=False):
        every[key] = replace(every[key], status="final", ended_at=end)
    return tuple(every.values())


def _without_beds(arrivals: list[str], every: dict[str, FactRecord]) -> list[str]:
    """Return the arrivals that led to another unit: a change of beds is none."""
    return [key for n, key in enumerate(arrivals) if n == 0 or every[key].name != every[arrivals[n - 1]].name]


def _location(key: str, one: Step, visit_key: str, patient_key: str) -> FactRecord:
    return FactRecord(
        source_key=key,
        patient_key=patient_key,
        encounter_key=visit_key,
        kind="location",
        name=one.unit,
        observed_at=one.at,
        status="cancelled",
    )
