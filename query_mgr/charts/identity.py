"""Patients who turned out to be one: whoever is sent under the old number from then on is the survivor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select, update

from query_mgr.audit import actions as audit
from query_mgr.charts.arrivals import publish_arrived
from query_mgr.charts.models import Document, Encounter, Fact, IdentityPair, Patient, PatientAlias, SentCode
from query_mgr.charts.problems import Held, Rejection
from query_mgr.charts.records import ChartBundle, DocumentRecord, EncounterRecord, FactRecord, SentCodeRecord
from query_mgr.charts.remembered import facts_changed
from query_mgr.platform import clock
from query_mgr.platform.db import chunks, db

_Owned = TypeVar("_Owned", EncounterRecord, DocumentRecord, FactRecord, SentCodeRecord)
_LONGEST_CHAIN = 50
_KEYS_PER_SELECT = 500
_OWNED: tuple[Any, ...] = (Encounter, Document, Fact, SentCode)
_LINKED: tuple[Any, ...] = (Document, Fact, SentCode)


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

    own = tuple(
        (kind, one.source_key, one.patient_key)
        for kind in ("encounters", "documents", "facts", "codes")
        for one in getattr(bundle, kind)
        if one.patient_key in known
    )

    def moved(rows: tuple[_Owned, ...]) -> tuple[_Owned, ...]:
        return tuple(replace(one, patient_key=known.get(one.patient_key, one.patient_key)) for one in rows)

    return replace(
        bundle,
        encounters=moved(bundle.encounters),
        documents=moved(bundle.documents),
        facts=moved(bundle.facts),
        codes=moved(bundle.codes),
        own_keys=(*bundle.own_keys, *own),
    )


def merge(prior_key: str, survivor_key: str, by: str, *, is_decided: bool = False) -> None:
    """Put everything of one patient under another, in the running transaction. A second time changes nothing.

    Every row keeps the identity that its source sent it under, so that `unmerge` can give it back.
    is_decided: a person says so, which outweighs that somebody called them different before.
    Raises Rejection where the two would each be merged into the other, Held where a person called them different.
    """
    now = survivors([prior_key, survivor_key])
    now_prior, now_survivor = now.get(prior_key, prior_key), now.get(survivor_key, survivor_key)
    if now_prior == now_survivor and prior_key != now_survivor:
        return
    if now_survivor == prior_key:
        raise Rejection("merge", "MRG-1", "is who the other patient was merged into before; unmerge them first")
    if not is_decided and verdict_on(now_prior, now_survivor) == "different":
        raise Held("identity", "MRG-1", "names patients whom somebody called different people; merge them by hand")
    db.session.add(PatientAlias(source_key=now_prior, survivor_key=now_survivor, merged_at=clock.now()))
    moved = _rehome({now_prior, now_survivor})
    decide(now_prior, now_survivor, "merged", by, notes_only_known=not is_decided)
    audit.record(by, "patient.merged", "patient", _ref_of(now_survivor), other=_ref_of(now_prior), rows=moved)


def unmerge(prior_key: str, by: str) -> None:
    """Give a merged identity back all that was sent under it, before the merge and since, in the running transaction.

    Raises Rejection where it is not merged.
    """
    alias = db.session.scalar(select(PatientAlias).where(PatientAlias.source_key == prior_key))
    if alias is None:
        raise Rejection("merge", "", "this number is not merged into another")
    survivor_key = alias.survivor_key
    db.session.delete(alias)
    db.session.flush()
    moved = _rehome({prior_key, survivor_key})
    decide(prior_key, survivor_key, "different", by)
    audit.record(by, "patient.unmerged", "patient", _ref_of(survivor_key), other=_ref_of(prior_key), rows=moved)


def verdict_on(one: str, other: str) -> str:
    """Return what a person decided about two identities: merged | different | "" (nothing)."""
    pair = _pair(one, other)
    return pair.verdict if pair else ""


def decide(one: str, other: str, verdict: str, by: str, *, notes_only_known: bool = False) -> None:
    """Remember what was decided about two identities, in the running transaction.

    notes_only_known: leave it where nobody had asked about the two.
    """
    pair = _pair(one, other)
    if pair is None:
        if notes_only_known:
            return
        first, second = sorted((one, other))
        pair = IdentityPair(first_key=first, second_key=second, score=0, reasons=[], found_at=clock.now())
        db.session.add(pair)
    pair.verdict, pair.decided_at, pair.decided_by = verdict, clock.now(), by[:200]
    db.session.flush()


def _pair(one: str, other: str) -> IdentityPair | None:
    first, second = sorted((one, other))
    asked = select(IdentityPair).where(IdentityPair.first_key == first, IdentityPair.second_key == second)
    return db.session.scalar(asked)


@dataclass(frozen=True)
class Identity:
    """A number that stands for a patient since it was merged into theirs."""

    mrn: str
    authority: str
    merged_at: datetime
    source_key: str
    patient_ref: str  # of who it was; "" where only the number is known


def identities_of(patient: Patient) -> tuple[Identity, ...]:
    """Return the other numbers that a patient is also known as, the latest merged first."""
    found: dict[str, Identity] = {}
    wanted = {patient.source_key}
    while wanted:
        asked = select(PatientAlias, Patient.mrn, Patient.ref).where(PatientAlias.survivor_key.in_(wanted))
        rows = db.session.execute(asked.outerjoin(Patient, Patient.source_key == PatientAlias.source_key)).all()
        new = {alias.source_key: _identity(alias, mrn, ref) for alias, mrn, ref in rows}
        wanted = new.keys() - found.keys()
        found |= new
    return tuple(sorted(found.values(), key=lambda one: one.merged_at, reverse=True))


def _identity(alias: PatientAlias, mrn: str | None, ref: str | None) -> Identity:
    authority, _, number = alias.source_key.rpartition("|")
    return Identity(mrn or number, authority, alias.merged_at, alias.source_key, ref or "")


def _rehome(keys: set[str]) -> int:
    """Put every row of these identities, and of all merged with them, under who they are now; return how many moved."""
    db.session.flush()
    keys = _connected(keys)
    ids = _ids_of(keys)
    now = survivors(keys)
    moved, concerned = 0, set(ids.values())
    for key, patient_id in sorted(ids.items()):
        for model in _OWNED:
            owns = select(model.own_patient_key).where(model.patient_id == patient_id).distinct()
            for own in db.session.scalars(owns).all():
                source = own or key
                target = now.get(source, source)
                if target == key:
                    continue
                if target not in ids:
                    ids[target] = _bare_patient(target)
                    concerned.add(ids[target])
                is_own = model.own_patient_key == own if own else model.own_patient_key.is_(None)
                moving = update(model).where(model.patient_id == patient_id, is_own)
                values = {"patient_id": ids[target], "own_patient_key": None if source == target else source}
                done = db.session.execute(moving.values(values).execution_options(synchronize_session=False))
                moved += done.rowcount  # type: ignore[attr-defined]
    _keep_stays_to_their_patient(concerned)
    db.session.expire_all()
    return moved


def _connected(keys: set[str]) -> set[str]:
    found: set[str] = set()
    while keys - found:
        found |= keys
        is_near = or_(PatientAlias.source_key.in_(found), PatientAlias.survivor_key.in_(found))
        asked = select(PatientAlias.source_key, PatientAlias.survivor_key).where(is_near)
        keys = {key for row in db.session.execute(asked) for key in row}
    return found


def _ids_of(keys: Collection[str]) -> dict[str, int]:
    asked = select(Patient.source_key, Patient.id).where(Patient.source_key.in_(keys))
    return {row.source_key: row.id for row in db.session.execute(asked)}


def _bare_patient(key: str) -> int:
    """Return a patient of whom only the number is known: rows came under it, and nobody who says whose it is."""
    patient = Patient(source_key=key, mrn=key.rpartition("|")[2][:64], family_name="(no name)", content_hash="")
    db.session.add(patient)
    db.session.flush()
    return patient.id


def _keep_stays_to_their_patient(patients: Collection[int]) -> None:
    """Take rows out of stays that are another patient's now, and put back what waits for a stay that is theirs."""
    for model in _LINKED:
        stay = select(Encounter.source_key).where(Encounter.id == model.encounter_id).scalar_subquery()
        owner = select(Encounter.patient_id).where(Encounter.id == model.encounter_id).scalar_subquery()
        foreign = update(model).where(
            model.patient_id.in_(patients), model.encounter_id.is_not(None), owner != model.patient_id
        )
        parted = foreign.values(awaited_key=stay, encounter_id=None)
        db.session.execute(parted.execution_options(synchronize_session=False))
        is_theirs = model.patient_id.in_(patients)
        db.session.execute(_linking(model, and_(model.awaited_key.is_not(None), is_theirs)))
    stays = db.session.scalars(select(Encounter.id).where(Encounter.patient_id.in_(patients))).all()
    facts_changed(stays)
    publish_arrived((one, None) for one in stays)


def link_awaiting(stays: Collection[str]) -> None:
    """Put rows that came before their stay under it, now that it has come: so new that nobody knows its facts."""
    ordered = sorted(stays)
    for at in range(0, len(ordered), _KEYS_PER_SELECT):
        for model in _LINKED:
            among = model.awaited_key.in_(ordered[at : at + _KEYS_PER_SELECT])
            db.session.execute(_linking(model, among))
    for keys in chunks(stays):
        publish_arrived(
            (one, None) for one in db.session.scalars(select(Encounter.id).where(Encounter.source_key.in_(keys)))
        )


def _linking(model: Any, among: Any) -> Any:
    stay = select(Encounter.id).where(
        Encounter.source_key == model.awaited_key, Encounter.patient_id == model.patient_id
    )
    linking = (
        update(model).where(among, stay.exists()).values(encounter_id=stay.scalar_subquery(), awaited_key=None)
    )
    return linking.execution_options(synchronize_session=False)


def _ref_of(key: str) -> str:
    return str(db.session.scalar(select(Patient.ref).where(Patient.source_key == key)) or "")
