"""What a document tells of a patient, a stay and earlier facts counts only where nobody told it better.

A header repeats what the interfaces of admission know first, and a document repeats what others said before it: it fills
gaps and never overwrites, and of two documents the one made later is believed, whichever came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from query_mgr.accounts.models import Provider
from query_mgr.charts.identity import survivors, with_survivors
from query_mgr.charts.models import Document, Encounter, Fact, Patient, SentCode
from query_mgr.charts.problems import Held, Warnings
from query_mgr.charts.records import (
    ChartBundle,
    DocumentRecord,
    EncounterRecord,
    FactRecord,
    PatientRecord,
    content_hash,
)
from query_mgr.platform.db import db

_KEYS_PER_SELECT = 500
_FILLED = ("discharged_at", "attending_key", "service_line", "payer", "facility", "reason")
_NEAR = timedelta(days=1)


def settle(bundle: ChartBundle, warnings: Warnings) -> ChartBundle:
    """Return what of a document is to be stored, under the import lock.

    Raises Held where the patient's number is on file for somebody else.
    """
    merged = survivors(one.source_key for one in bundle.patients)
    patients = tuple(one for one in bundle.patients if one.source_key not in merged and _is_new(one, warnings))
    bundle = _without_foreign_stay(with_survivors(bundle), warnings)
    return replace(
        bundle,
        patients=patients,
        encounters=tuple(one for stay in bundle.encounters for one in _filled(stay, warnings)),
        documents=tuple(_beside(one, warnings) for one in bundle.documents),
        facts=_latest(bundle.facts),
        codes=tuple(one for one in bundle.codes if not _is_on_file(SentCode, one.source_key)),
    )


def _is_on_file(model: Any, key: str) -> bool:
    return db.session.scalar(select(model.id).where(model.source_key == key)) is not None


def _is_new(told: PatientRecord, warnings: Warnings) -> bool:
    known = db.session.scalar(select(Patient).where(Patient.source_key == told.source_key))
    if known is None:
        return True
    other_name = known.family_name.casefold() != told.family_name.casefold()
    other_birth = bool(known.birth_on and told.birth_on and known.birth_on != told.birth_on)
    where = "recordTarget"
    if other_name and other_birth:
        raise Held(
            "patient",
            where,
            "the number is on file for somebody with another name and birth date; it waits until somebody says who it is",
        )
    if other_name or other_birth:
        what = "name" if other_name else "birth date"
        warnings.add("patient", where, f"the {what} differs from the one on file, which stays")
    return False


def _without_foreign_stay(bundle: ChartBundle, warnings: Warnings) -> ChartBundle:
    """Return the bundle without a stay whose number is on file for another patient; the rest stays with the patient."""
    keys = {one.encounter_key for one in bundle.documents if one.encounter_key}
    owners = select(Encounter.source_key, Patient.source_key).join(Patient).where(Encounter.source_key.in_(keys))
    own = {one.patient_key for one in bundle.documents}
    foreign = {key for key, patient_key in db.session.execute(owners) if patient_key not in own}
    if not foreign:
        return bundle
    warnings.add(
        "encounter",
        "encompassingEncounter/id",
        "is on file for another patient; the document stays with its own patient",
    )
    return replace(
        bundle,
        encounters=tuple(one for one in bundle.encounters if one.source_key not in foreign),
        documents=tuple(replace(one, encounter_key=None) for one in bundle.documents),
        facts=tuple(replace(one, encounter_key=None) for one in bundle.facts),
        codes=tuple(replace(one, encounter_key=None) for one in bundle.codes),
    )


def _filled(told: EncounterRecord, warnings: Warnings) -> tuple[EncounterRecord, ...]:
    """Return a new stay, one on file with its gaps filled, or nothing where it tells nothing new."""
    known = db.session.scalar(select(Encounter).where(Encounter.source_key == told.source_key))
    if known is None:
        return (told,)
    if abs(known.admitted_at - told.admitted_at) > _NEAR:
        warnings.add(
            "encounter", "encompassingEncounter/effectiveTime", "differs from the stay on file, which stays"
        )
        return ()
    attending_key = db.session.scalar(select(Provider.source_key).where(Provider.id == known.attending_id))
    on_file = EncounterRecord(
        **{name: getattr(known, name) for name in EncounterRecord.__slots__ if hasattr(known, name)},
        patient_key=told.patient_key,
        attending_key=attending_key,
    )
    gaps = {name: getattr(told, name) for name in _FILLED if not getattr(on_file, name) and getattr(told, name)}
    if known.attending_id is not None:
        gaps.pop("attending_key", None)
    if "discharged_at" in gaps and gaps["discharged_at"] < known.admitted_at:
        del gaps["discharged_at"]
    if "discharged_at" in gaps and on_file.status in {"unknown", "in-progress"}:
        gaps["status"] = "finished"
    return (replace(on_file, **gaps),) if gaps else ()


def _beside(told: DocumentRecord, warnings: Warnings) -> DocumentRecord:
    """Return the document; under another key where its id is on file for other content, so that neither is lost.

    A document never changes under its id: a new version is a document of its own that names the one it replaces.
    """
    kept = select(Document.content_hash).where(Document.source_key == told.source_key)
    on_file, own = db.session.scalar(kept), content_hash(told)
    if on_file is None or on_file == own:
        return told
    warnings.add("document-id", "ClinicalDocument/id", "is on file with other content; both documents are kept")
    return replace(told, source_key=f"{told.source_key[:180]}|{own[:16]}")


def _latest(facts: Sequence[FactRecord]) -> tuple[FactRecord, ...]:
    """Return the facts that no document made later told otherwise."""
    kept: list[FactRecord] = []
    for at in range(0, len(facts), _KEYS_PER_SELECT):
        part = facts[at : at + _KEYS_PER_SELECT]
        columns = (Fact.id, Fact.source_key, Fact.content_hash, Fact.told_at, Encounter.source_key)
        known = select(*columns).outerjoin(Encounter, Encounter.id == Fact.encounter_id)
        rows = db.session.execute(known.where(Fact.source_key.in_([one.source_key for one in part])))
        on_file = {row[1]: row for row in rows}
        confirmed = []
        for one in part:
            if one.source_key not in on_file:
                kept.append(one)
                continue
            fact_id, _, hashed, told_at, stay_key = on_file[one.source_key]
            settled = _against(one, hashed, told_at, stay_key)
            if settled is not None:
                kept.append(settled)
                if content_hash(settled) == hashed and settled.told_at != told_at:
                    confirmed.append({"id": fact_id, "told_at": settled.told_at})
        if confirmed:  # the same told again, later: an older telling that comes after it must not count
            db.session.execute(update(Fact), confirmed)
    return tuple(kept)


def _against(told: FactRecord, hashed: str, told_at: Any, stay_key: str | None) -> FactRecord | None:
    """Return what to store of a fact that is on file, None where that one stays as it is."""
    if told.encounter_key is None and stay_key is not None:
        told = replace(told, encounter_key=stay_key)  # a document of no stay takes nothing out of one
    if content_hash(told) == hashed:
        return (
            told
            if told_at is None or (told.told_at and told.told_at > told_at)
            else replace(told, told_at=told_at)
        )
    if told_at is not None and told.told_at is not None and told.told_at <= told_at:
        only_link = stay_key is None and content_hash(replace(told, encounter_key=None)) == hashed
        return replace(told, told_at=told_at) if only_link else None
    return told
