"""The order of the list: clinical weight, then kind, then how old the evidence is. Nothing here knows of payment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from query_mgr.queries.opportunities.gap import (
    CONFLICT,
    POA,
    PROCEDURE,
    TREATMENT,
    UNDOCUMENTED,
    UNSPECIFIED,
    VALIDATION,
    Gap,
)  # fmt: skip
from query_mgr.queries.opportunities.judgement import judgement

#: among gaps of one weight: what is missing or wrong before what is only less exact
KIND_RANK = {UNDOCUMENTED: 0, CONFLICT: 1, VALIDATION: 2, POA: 3, TREATMENT: 4, UNSPECIFIED: 5, PROCEDURE: 6}
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def ranked(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return gaps in the order in which to ask them: the open ones, heaviest first, the newest evidence first."""
    return tuple(sorted(gaps, key=_place))


def _place(gap: Gap) -> tuple[bool, int, int, float, str]:
    at = gap.latest or _LONG_AGO
    return (
        bool(gap.suppressed_because),
        -judgement().weight(gap.condition),
        KIND_RANK[gap.kind],
        -at.timestamp(),
        gap.probe,
    )
