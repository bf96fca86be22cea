"""Stored gaps as pages show them: the worklist in a site's order, and those of one chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.queries.opportunities.asked_already import AskedQuery, asking, queries_on
from query_mgr.queries.opportunities.gap import Gap
from query_mgr.queries.opportunities.models import Opportunity
from query_mgr.queries.opportunities.ranking import KIND_RANK
from query_mgr.queries.opportunities.store import gap_of

PAGE = 40

_WEIGHT, _NEWEST, _OLDEST = (
    Opportunity.weight.desc(),
    Opportunity.evidence_at.desc(),
    Opportunity.evidence_at.asc(),
)
#: the orders of the worklist: name, what it is called, and by what it sorts. None of them knows what a gap pays
ORDERS: Mapping[str, tuple[str, tuple[ColumnElement[Any], ...]]] = {
    "weight": ("Clinical weight, then newest evidence", (_WEIGHT, _NEWEST)),
    "newest": ("Newest evidence first", (_NEWEST, _WEIGHT)),
    "waiting": ("Longest waiting first", (_OLDEST, _WEIGHT)),
}


@dataclass(frozen=True)
class Listed:
    """A stored gap, read, with the query that asks about it already, if one does."""

    row: Opportunity
    gap: Gap
    query: AskedQuery | None


def worklist(order: str, kind: str = "", page: int = 1) -> tuple[list[Listed], bool]:
    """Return a page of the gaps that nobody asked about or dismissed, and whether more follow."""
    asked = exists().where(
        Query.encounter_id == Opportunity.encounter_id,
        Query.status != "cancelled",
        or_(
            Query.condition == Opportunity.condition,
            and_(Opportunity.template != "", Query.template_key == Opportunity.template),
        ),
    )
    wanted = select(Opportunity).where(Opportunity.is_open, ~asked).options(joinedload(Opportunity.encounter))
    if kind:
        wanted = wanted.where(Opportunity.kind == kind)
    wanted = wanted.order_by(*ORDERS[order][1], Opportunity.id).offset((page - 1) * PAGE).limit(PAGE + 1)
    found = _listed(db.session.scalars(wanted).all())
    return [one for one in found[:PAGE] if one.query is None], len(found) > PAGE


def of_encounter(encounter: Encounter) -> list[Listed]:
    """Return all gaps of a chart: those worth asking first, heaviest first; then what was dismissed or is answered."""
    found = _listed(db.session.scalars(select(Opportunity).where(Opportunity.encounter_id == encounter.id)).all())
    return sorted(
        found, key=lambda one: (not one.row.is_open, -one.row.weight, KIND_RANK[one.row.kind], one.row.id)
    )


def _listed(rows: Sequence[Opportunity]) -> list[Listed]:
    queries = queries_on({one.encounter_id for one in rows})
    return [
        Listed(one, gap_of(one), asking(one.condition, one.template, queries.get(one.encounter_id, ())))
        for one in rows
    ]
