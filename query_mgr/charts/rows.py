"""From records to rows of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import String

from query_mgr.charts.models import Document
from query_mgr.charts.records import ChartError, ChartRecord
from query_mgr.platform.db import Model

#: what a record names by key -> the column, and of which table
_RELATIONS = {
    "patient_key": ("patient_id", "patients"),
    "encounter_key": ("encounter_id", "encounters"),
    "attending_key": ("attending_id", "providers"),
    "author_key": ("author_id", "providers"),
}
_ROWS_OF_THEIR_OWN = ("attachments",)
_IDENTITIES = {"source_key", "mrn", "number", "code"}


def row_of(model: type[Model], record: ChartRecord, ids: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return the row of a record; ids: the ids of what it may name, per table. Raises ChartError."""
    names, lengths, relations = _shape(model, record.__slots__)
    row: dict[str, Any] = dict(zip(names, attrgetter(*names)(record), strict=True))
    for name, length in lengths:
        if len(row[name] or "") > length:
            row[name] = fitting(model, name, row[name], record.source_key)
    for name, column, target in relations:
        # A provider who is not in the directory leaves the row without one; its name stays in author_name.
        row[column] = ids[target].get(getattr(record, name))
        if name == "encounter_key":
            row["awaited_key"] = getattr(record, name) if row[column] is None else None
    if model is Document:
        row["own_status"] = row["status"]
        row["sections"] = [{"title": one.title, "start": one.start, "end": one.end} for one in row["sections"]]
    return row


@cache
def _shape(
    model: type[Model], slots: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...], tuple[tuple[str, str, str], ...]]:
    """Return the plain fields, those whose column has a length, and those that name rows of other tables."""
    plain = tuple(name for name in slots if name not in _RELATIONS and name not in _ROWS_OF_THEIR_OWN)
    lengths = tuple((name, _length(model, name)) for name in plain if _length(model, name))
    relations = tuple((name, *_RELATIONS[name]) for name in slots if name in _RELATIONS)
    return plain, lengths, relations


@cache
def _length(model: type[Model], name: str) -> int:
    kind = model.__table__.c[name].type
    return (kind.length or 0) if isinstance(kind, String) else 0


def fitting(model: type[Model], name: str, value: Any, key: str) -> Any:
    """Shorten display text that a column cannot hold; refuse identities that are too long."""
    length = _length(model, name)
    if not length or not isinstance(value, str) or len(value) <= length:
        return value
    if name in _IDENTITIES:
        raise ChartError(f"{key[:80]}: {name} is longer than {length} characters")
    return value[: length - 1] + "…"
