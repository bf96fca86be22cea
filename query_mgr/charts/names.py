"""Names that files of one sender share: "Patient/77" of one file is the patient whom another brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import insert, select

from query_mgr.charts.models import Patient, ResourceName
from query_mgr.charts.records import ChartBundle, DocumentRecord, EncounterRecord, FactRecord, SentCodeRecord
from query_mgr.platform.db import chunks, db

_Owned = TypeVar("_Owned", EncounterRecord, DocumentRecord, FactRecord, SentCodeRecord)


def with_names(bundle: ChartBundle) -> ChartBundle:
    """Return the bundle with every row under the patient whom its name stands for, and keep the names that it brings.

    A name that has stood for two patients stands for none: their rows are refused, never guessed.
    """
    _keep(bundle.names)
    used = {one.patient_key for rows in (bundle.facts, bundle.codes) for one in rows}
    used |= {one.patient_key for rows in (bundle.encounters, bundle.documents) for one in rows}
    ours = {one.source_key for one in bundle.patients}
    known = meanings({key for key in used - ours if key.startswith("Patient/")})
    if not known:
        return bundle

    def named(rows: tuple[_Owned, ...]) -> tuple[_Owned, ...]:
        return tuple(
            replace(one, patient_key=known[one.patient_key]) if one.patient_key in known else one for one in rows
        )

    return replace(
        bundle,
        encounters=named(bundle.encounters),
        documents=named(bundle.documents),
        facts=named(bundle.facts),
        codes=named(bundle.codes),
    )


def _keep(names: Iterable[tuple[str, str]]) -> None:
    wanted = {(name[:200], key) for name, key in names}
    for chunk in chunks({name for name, _ in wanted}):
        rows = select(ResourceName.name, ResourceName.source_key).where(ResourceName.name.in_(chunk))
        wanted -= {(row.name, row.source_key) for row in db.session.execute(rows)}
    if wanted:
        db.session.execute(
            insert(ResourceName), [{"name": name, "source_key": key} for name, key in sorted(wanted)]
        )


def meanings(names: set[str]) -> dict[str, str]:
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
