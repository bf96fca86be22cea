"""Patients who turned out to be one: whoever is sent under the old number from then on is the survivor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import select, update

from query_mgr.audit import actions as audit
from query_mgr.charts.models import Document, Encounter, Fact, Patient, PatientAlias, SentCode
from query_mgr.charts.problems import Rejection
from query_mgr.charts.records import ChartBundle, DocumentRecord, EncounterRecord, FactRecord, SentCodeRecord
from query_mgr.platform import clock
from query_mgr.platform.db import db

_Owned = TypeVar("_Owned", EncounterRecord, DocumentRecord, FactRecord, SentCodeRecord)
_LONGEST_CHAIN = 50


def survivors(keys: Iterable[str]) -> dict[str, str]:
    """Return, for each key that was merged, the key of who it is now."""
    found: dict[str, str] = {}
    wanted = {key: key for key in keys}  # key asked for -> where its chain has led
    for _ in range(_LONGEST_CHAIN):
        asked = select(PatientAlias.source_key, PatientAlias.survivor_key)
        rows = db.session.execute(asked.where(PatientAlias.source_key.in_(set(wanted.values()))))
        next_keys = {row.source_key: row.survivor_key for row in rows}
        if not next_keys:
            break
        wanted = {key: next_keys[at] for key, at in wanted.items() if at in next_keys}
        found |= wanted
    return found


def with_survivors(bundle: ChartBundle) -> ChartBundle:
    """Return the bundle with every row under the patient who its number stands for now."""
    keys = {one.patient_key for one in bundle.encounters} | {one.patient_key for one in bundle.documents}
    known = survivors(keys | {one.patient_key for one in bundle.facts} | {one.patient_key for one in bundle.codes})
    if not known:
        return bundle

    def moved(rows: tuple[_Owned, ...]) -> tuple[_Owned, ...]:
        return tuple(replace(one, patient_key=known.get(one.patient_key, one.patient_key)) for one in rows)

    return replace(
        bundle,
        encounters=moved(bundle.encounters),
        documents=moved(bundle.documents),
        facts=moved(bundle.facts),
        codes=moved(bundle.codes),
    )


def merge(prior_key: str, survivor_key: str, by: str) -> None:
    """Put everything of one patient under another, in the running transaction. A second time changes nothing.

    Raises Rejection where the two would each be merged into the other.
    """
    now_prior = survivors([prior_key]).get(prior_key, prior_key)
    now_survivor = survivors([survivor_key]).get(survivor_key, survivor_key)
    if now_prior == now_survivor and prior_key != now_survivor:
        return
    if now_survivor == prior_key:
        raise Rejection("merge", "MRG-1", "is who the other patient was merged into before; unmerge them first")
    db.session.add(PatientAlias(source_key=now_prior, survivor_key=now_survivor, merged_at=clock.now()))
    both = select(Patient.source_key, Patient.id).where(Patient.source_key.in_((now_prior, now_survivor)))
    ids = {row.source_key: row.id for row in db.session.execute(both)}
    if now_prior in ids:
        for model in (Encounter, Document, Fact, SentCode):
            moving = update(model).where(model.patient_id == ids[now_prior])
            db.session.execute(moving.values(patient_id=ids[now_survivor]))
    ref = db.session.scalar(select(Patient.ref).where(Patient.source_key == now_survivor))
    audit.record(by, "patient.merged", "patient", str(ref), had_chart=now_prior in ids)
