"""What the finder finds: a gap, its evidence, and why it may not be worth asking. Pure."""

from __future__ import annotations

from collections.abc import Mapping
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


class Indicator(NamedTuple):
    """A piece of evidence. kind, ref, start and end say where it stands; `source` says it in words."""

    text: str
    source: str
    at: datetime | None
    kind: str  # document | fact | code
    ref: str
    start: int | None = None
    end: int | None = None


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
