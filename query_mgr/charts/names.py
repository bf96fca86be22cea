"""Names that files of one sender share: "Patient/77" of one file is the patient whom another brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import insert, select

from query_mgr.charts.models import Patient, ResourceName
from query_mgr.charts.records import ChartBundle, DocumentRecord, EncounterRecord, FactRecord, SentCodeRecord
from query_mgr.charts.rows import chunks
from query_mgr.platform.db import db

_Owned = TypeVar("_Owned", EncounterRecord, DocumentRecord, FactRecord, SentCodeRecord)
_KEYS = ("patient_key", "attending_key", "author_key")


def with_names(bundle: ChartBundle) -> ChartBundle:
    """Return the bundle with every row under the key that its names stand for, and keep the names that it brings.

    A name that has stood for two patients stands for none: their rows are refused, never guessed.
    """
    _keep(bundle.names)
    ours = {one.source_key for one in bundle.patients} | {one.source_key for one in bundle.providers}
    known = _known(_used(bundle) - ours)
    if not known:
        return bundle

    def named(rows: tuple[_Owned, ...]) -> tuple[_Owned, ...]:
        return tuple(_named(one, known) for one in rows)

    return replace(
        bundle,
        encounters=named(bundle.encounters),
        documents=named(bundle.documents),
        facts=named(bundle.facts),
        codes=named(bundle.codes),
    )


def _used(bundle: ChartBundle) -> set[str]:
    keys = {one.patient_key for rows in (bundle.facts, bundle.codes) for one in rows}
    keys |= {one.patient_key for one in bundle.encounters} | {one.attending_key or "" for one in bundle.encounters}
    keys |= {one.patient_key for one in bundle.documents} | {one.author_key or "" for one in bundle.documents}
    return {key for key in keys if key.startswith(("Patient/", "Practitioner/"))}


def _named(record: _Owned, known: dict[str, str]) -> _Owned:
    changes: dict[str, Any] = {
        name: known[getattr(record, name)] for name in _KEYS if getattr(record, name, None) in known
    }
    return replace(record, **changes) if changes else record


def _keep(names: Iterable[tuple[str, str]]) -> None:
    wanted = {(name[:200], key) for name, key in names}
    for chunk in chunks({name for name, _ in wanted}):
        rows = select(ResourceName.name, ResourceName.source_key).where(ResourceName.name.in_(chunk))
        wanted -= {(row.name, row.source_key) for row in db.session.execute(rows)}
    if wanted:
        db.session.execute(
            insert(ResourceName), [{"name": name, "source_key": key} for name, key in sorted(wanted)]
        )


def _known(names: set[str]) -> dict[str, str]:
    """Return what each name stands for, of those that are no key themselves and have stood for one only."""
    found: dict[str, set[str]] = {}
    for chunk in chunks(names):
        rows = select(ResourceName.name, ResourceName.source_key).where(ResourceName.name.in_(chunk))
        for row in db.session.execute(rows):
            found.setdefault(row.name, set()).add(row.source_key)
    for chunk in chunks(found):
        for key in db.session.scalars(select(Patient.source_key).where(Patient.source_key.in_(chunk))):
            found[key].add(key)
    return {name: keys.pop() for name, keys in found.items() if len(keys) == 1}
