"""The encounter that a page is about, and the queries on it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort
from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import db
from query_mgr.queries.models import Query


def an_encounter(ref: str) -> Encounter:
    """Return the encounter with `ref`, or answer 404."""
    found = db.session.scalar(select(Encounter).where(Encounter.ref == ref))
    if found is None:
        abort(404)
    return found


def queries_of(encounter: Encounter) -> Sequence[Query]:
    """Return the queries on an encounter, newest first."""
    wanted = select(Query).where(Query.encounter_id == encounter.id)
    return db.session.scalars(wanted.order_by(Query.id.desc())).all()
