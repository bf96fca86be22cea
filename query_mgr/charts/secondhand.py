"""What a document tells of a patient, a stay and earlier facts counts only where nobody told it better.

A header repeats what the interfaces of admission know first, and a document repeats what others said before it: it fills
gaps and never overwrites, and of two documents the one made later is believed, whichever came first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

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
    SentCodeRecord,
    content_hash,
)
from query_mgr.platform.db import db

_Linked = TypeVar("_Linked", DocumentRecord, FactRecord, SentCodeRecord)
_KEYS_PER_SELECT = 500
_FILLED = ("discharged_at", "attending_key", "service_line", "payer", "facility", "reason", "disposition")
_NEAR = timedelta(days=1)


def settle(bundle: ChartBundle, warnings: Warnings) -> ChartBundle:
    """Return what of a document is to be stored, under the import lock.

    Raises Held where the patient's number is on file for somebody else.
    """
    merged = survivors(one.source_key for one in bundle.patients)
    patients = tuple(one for one in bundle.patients if one.source_key not in merged and _is_new(one, warnings))
    bundle = _without_foreign_stay(_at_known_stay(with_survivors(bundle)), warnings)
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


def _at_known_stay(bundle: ChartBundle) -> ChartBundle:
    """Return the bundle under the stay that another format brought: of the same patient, number and time."""
    told = next(iter(bundle.encounters), None)
    key = next((one.encounter_key for one in bundle.documents if one.encounter_key), None)
    if key is None or _is_on_file(Encounter, key):
        return bundle
    document = bundle.documents[0]
    number = told.number if told else key.rpartition("|")[2]
    at = told.admitted_at if told else document.authored_at
    same = (
        select(Encounter)
        .join(Patient)
        .where(Patient.source_key == document.patient_key, Encounter.number == number)
    )
    for stay in db.session.scalars(same):
        ended = stay.admitted_at if told else (stay.discharged_at or at)
        if stay.admitted_at - _NEAR <= at <= ended + _NEAR:
            return _linked(bundle, {key: stay.source_key})
    return bundle


def _linked(bundle: ChartBundle, keys: Mapping[str, str | None]) -> ChartBundle:
    """Return the bundle with rows of some stays under others; None takes them out of any."""

    def moved(rows: tuple[_Linked, ...]) -> tuple[_Linked, ...]:
        return tuple(
            replace(one, encounter_key=keys[one.encounter_key])
            if one.encounter_key is not None and one.encounter_key in keys
            else one
            for one in rows
        )

    stays = ((one, keys.get(one.source_key, one.source_key)) for one in bundle.encounters)
    return replace(
        bundle,
        encounters=tuple(replace(one, source_key=key) for one, key in stays if key),
        documents=moved(bundle.documents),
        facts=moved(bundle.facts),
        codes=moved(bundle.codes),
    )


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
    return _linked(bundle, dict.fromkeys(foreign))


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
    if not told.source_key.startswith("visit "):
        return ()  # a FHIR server's own row: it would take back what is filled in whenever it sends that again
    on_file = EncounterRecord(
        **{name: getattr(known, name) for name in EncounterRecord.__slots__ if hasattr(known, name)},
        patient_key=told.patient_key,
        attending_key=db.session.scalar(select(Provider.source_key).where(Provider.id == known.attending_id)),
    )
    gaps = _gaps(on_file, told, has_attending=known.attending_id is not None)
    return (replace(on_file, **gaps),) if gaps else ()


def _gaps(on_file: EncounterRecord, told: EncounterRecord, *, has_attending: bool) -> dict[str, Any]:
    """Return what a stay on file lacks and a document tells."""
    gaps = {name: getattr(told, name) for name in _FILLED if not getattr(on_file, name) and getattr(told, name)}
    if has_attending:
        gaps.pop("attending_key", None)
    ended = gaps.get("discharged_at")
    if ended and ended < on_file.admitted_at:
        del gaps["discharged_at"]
    elif ended and on_file.status in {"unknown", "in-progress"}:
        gaps["status"] = "finished"
    return gaps


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
