"""All that charts hold, without what tells one database from another."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.charts.models import (
    Attachment,
    Document,
    DocumentVersion,
    Encounter,
    Fact,
    Patient,
    PatientAlias,
    SentCode,
)  # fmt: skip
from query_mgr.platform.db import db

_MODELS = (Patient, PatientAlias, Encounter, Document, DocumentVersion, Attachment, Fact, SentCode)
#: numbers and references of this database, and when it heard of something
_OWN = {"id", "ref", "changed_at", "merged_at"}


def chart_rows() -> list[str]:
    """Return every row of every table of charts as text, relations by the keys of their sources, sorted."""
    db.session.rollback()
    keys = {
        model: {row.id: row.source_key for row in db.session.execute(select(model.id, model.source_key))}  # type: ignore[attr-defined]
        for model in (Patient, Encounter, Document)
    }
    relations = {"patient_id": keys[Patient], "encounter_id": keys[Encounter], "document_id": keys[Document]}
    rows = []
    for model in _MODELS:
        names = [column.name for column in model.__table__.columns if column.name not in _OWN]
        for row in db.session.execute(select(*(getattr(model, name) for name in names))):
            values = {name: value for name, value in zip(names, row, strict=True) if not name.endswith("hor_id")}
            shown = {
                name: relations[name].get(value) if name in relations else value for name, value in values.items()
            }
            shown.pop("attending_id", None)
            rows.append(f"{model.__name__} {shown}")
    return sorted(rows)
