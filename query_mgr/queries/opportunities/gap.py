"""What the finder finds: a gap, its evidence, and why it may not be worth asking. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

UNDOCUMENTED, VALIDATION, UNSPECIFIED = "undocumented_diagnosis", "validation", "unspecified"
TREATMENT, CONFLICT = "treatment_without_diagnosis", "conflict"
POA, PROCEDURE = "poa_unclear", "procedure_detail"

#: the kinds of gap, as pages name them
KINDS: Mapping[str, str] = {
    UNDOCUMENTED: "Criteria met, diagnosis not documented",
    VALIDATION: "Diagnosis documented, criteria not met",
    UNSPECIFIED: "Less specific than the chart",
    TREATMENT: "Treatment without a diagnosis",
    CONFLICT: "Providers differ",
    POA: "Presence on admission unclear",
    PROCEDURE: "Detail of a procedure missing",
}


#: "Troponin I 412 ng/L": a name, a number and its unit
_MEASURED = re.compile(r"(?P<name>.*\D) (?P<value>-?\d+(?:\.\d+)?)(?P<unit>(?:[^\d\s]| )\S{0,14}(?: \S{1,6})?|)")


class Indicator(NamedTuple):
    """A piece of evidence. kind, ref, start and end say where it stands; `source` says it in words."""

    text: str
    source: str
    at: datetime | None
    kind: str  # document | fact | code
    ref: str
    start: int | None = None
    end: int | None = None


class Course(NamedTuple):
    """Pieces of evidence that read as one: the values of one measurement in the order of time, or one piece alone.

    values: what each says after `name` and before `unit`, in step with `pieces`; empty for a piece alone.
    """

    pieces: tuple[Indicator, ...]
    name: str = ""
    values: tuple[str, ...] = ()
    unit: str = ""


def courses(evidence: Iterable[Indicator]) -> tuple[Course, ...]:
    """Return evidence with the values of one measurement together, in the place of the first."""
    found: dict[tuple[str, str, str], list[tuple[Indicator, str]]] = {}
    for number, one in enumerate(evidence):
        told = _MEASURED.fullmatch(one.text) if one.kind == "fact" else None
        key = (told["name"], told["unit"], one.source) if told else ("", "", str(number))
        found.setdefault(key, []).append((one, told["value"] if told else ""))
    return tuple(_course(name, unit, rows) for (name, unit, _), rows in found.items())


def _course(name: str, unit: str, rows: list[tuple[Indicator, str]]) -> Course:
    pieces = tuple(one for one, _ in rows)
    return Course(pieces, name, tuple(value for _, value in rows), unit) if len(rows) > 1 else Course(pieces)


@dataclass(frozen=True)
class Gap:
    """A documentation gap of one chart.

    probe: what found it (`probes.py`); template: the id of the query template that fits, "" for none.
    suppressed_because: why it is not worth asking, "" where it is.
    """

    kind: str
    condition: str
    probe: str
    evidence: tuple[Indicator, ...]
    criteria: str = ""
    criteria_source: str = ""
    template: str = ""
    suppressed_because: str = ""

    @property
    def courses(self) -> tuple[Course, ...]:
        """Its evidence as a page shows it."""
        return courses(self.evidence)

    @property
    def latest(self) -> datetime | None:
        """When the newest piece of its evidence is from."""
        return max((one.at for one in self.evidence if one.at), default=None)

    def as_json(self) -> dict[str, Any]:
        """Return the gap as the command line and the API give it."""
        return {
            "kind": self.kind,
            "condition": self.condition,
            "evidence": [
                {"text": one.text, "source": one.source, "at": one.at.isoformat() if one.at else None}
                for one in self.evidence
            ],
            "criteria": self.criteria,
            "criteria_source": self.criteria_source,
            "template": self.template,
            "suppressed_because": self.suppressed_because or None,
        }

    def as_row(self) -> dict[str, Any]:
        """Return the gap with all that it needs to be read again by `from_row`."""
        evidence = [[*one._replace(at=None), one.at.isoformat() if one.at else None] for one in self.evidence]
        return vars(self) | {"evidence": evidence}


def from_row(row: Mapping[str, Any]) -> Gap:
    """Return a gap as `as_row` wrote it."""
    evidence = tuple(
        Indicator(*rest)._replace(at=datetime.fromisoformat(at) if at else None) for *rest, at in row["evidence"]
    )
    return Gap(**{**row, "evidence": evidence})
