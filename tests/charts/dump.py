"""All that the chart tables hold, without what differs between two runs of the same story: ids, refs, versions, the clock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from query_mgr.accounts.models import Provider
from query_mgr.charts.models import (
    Attachment,
    Document,
    DocumentVersion,
    Encounter,
    Fact,
    Patient,
    PatientAlias,
    SentCode,
)
from query_mgr.platform.db import db

#: of each row's foreign keys, what is shown in its place
_SHOWN_AS = {
    "patient_id": Patient, "encounter_id": Encounter, "attending_id": Provider, "author_id": Provider,
    "document_id": Document,
}  # fmt: skip
_DIFFER = {
    "id", "ref", "facts_version", "created_at", "merged_at", "changed_at", "arrived_at", "first_seen_at", "last_seen_at",
}  # fmt: skip
_TABLES = (Patient, PatientAlias, Encounter, Document, DocumentVersion, Attachment, Fact, SentCode, Provider)


def dump(*left_out: str) -> dict[str, list[tuple[tuple[str, Any], ...]]]:
    """Return every row of the chart as (column, value) pairs, per table, in a fixed order.

    left_out: columns that the two sides of a comparison may differ in.
    """
    db.session.rollback()
    keys = {model: _source_keys(model) for model in set(_SHOWN_AS.values())}
    found = {}
    for model in _TABLES:
        table = model.__table__
        assert isinstance(table, Table)
        names = [each.name for each in table.columns if each.name not in _DIFFER and each.name not in left_out]
        rows = db.session.execute(select(*(table.c[name] for name in names)))
        shown = (
            tuple((name, _shown(name, value, keys)) for name, value in zip(names, row, strict=True))
            for row in rows
        )
        found[table.name] = sorted(shown, key=repr)
    return found


def _source_keys(model: Any) -> dict[int, str]:
    return {row.id: row.source_key for row in db.session.execute(select(model.id, model.source_key))}


def _shown(name: str, value: Any, keys: Any) -> Any:
    return keys[_SHOWN_AS[name]].get(value) if name in _SHOWN_AS else value
