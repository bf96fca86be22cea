"""The labelled charts of tests/data/opportunities, in two halves: rules are written on one and judged on the other."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.platform import yamls
from query_mgr.queries.library.files import shipped
from query_mgr.queries.opportunities.finding import opportunities

FOLDER = Path(__file__).parents[2] / "data" / "opportunities"
Label = tuple[str, str]  # kind, condition


@dataclass(frozen=True)
class Labelled:
    """A chart, and the gaps that a CDI specialist would ask about."""

    id: str
    chart: ChartContext
    gaps: frozenset[Label]

    @property
    def is_held_back(self) -> bool:
        """True for the half that no rule was written on."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0

    def found(self) -> frozenset[Label]:
        """Return what the finder would have asked."""
        gaps = opportunities(self.chart, shipped())
        return frozenset((one.kind, one.condition) for one in gaps if not one.suppressed_because)


@functools.cache
def charts() -> list[Labelled]:
    """Return every labelled chart."""
    return [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]


def scores(some: Iterable[Labelled]) -> tuple[float, float, Counter[str]]:
    """Return recall, precision and the counts behind them."""
    count: Counter[str] = Counter()
    for one in some:
        found = one.found()
        count["hit"] += len(found & one.gaps)
        count["missed"] += len(one.gaps - found)
        count["false"] += len(found - one.gaps)
    return count["hit"] / (count["hit"] + count["missed"]), count["hit"] / (count["hit"] + count["false"]), count


def _read(path: Path) -> Labelled:
    raw = yamls.load(path)
    facts = tuple(_fact(one) for one in raw["facts"])
    chart = ChartContext(
        documents=tuple(
            ChartDocument(one["ref"], one["text"], one["author_role"], one["kind"], _at(one["at"]))
            for one in raw["documents"]
        ),
        facts=facts,
        codes=tuple(raw["codes"]),
        documented_codes=tuple(one.code for one in facts if one.kind == "problem"),
        encounter_class=raw["class"],
        admitted_at=_at(raw["admitted_at"]),
        discharged_at=raw["discharged_at"] and _at(raw["discharged_at"]),
        sex=raw["sex"],
        age_years=raw["age_years"],
    )
    return Labelled(raw["id"], chart, frozenset((one["kind"], one["condition"]) for one in raw["gaps"]))


def _fact(one: dict[str, Any]) -> ChartFact:
    value = one.get("value", "")
    number = float(value) if isinstance(value, int | float) else None
    return ChartFact(
        one["ref"], one["kind"], one["name"], one.get("code", ""), number, str(value), one.get("unit", ""),
        one.get("flag", ""), _at(one["at"]),
    )  # fmt: skip


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
